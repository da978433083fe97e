/* review.h - from the ratings of a claim to its alerts and ruptures. Pure.
 *
 * In each course everything from the first claimed rating on is judged, each rating in its place in
 * session time: one that came late changes what was usual for those after it, and the course's
 * ruptures. Alerts that are there already stand; whoever writes these keeps the old ones. The
 * ruptures are as if all ratings had come in order. */
#pragma once

#include "server/aggregator/evaluate.h"
#include "server/pg/claim_rows.h"

enum { REVIEW_MODELS = 8 };

/* A practice's tables for UNUSUAL, kept while they are of use. */
struct review_model {
    struct client_model model;
    struct chance *chance; /* Ours; NULL: a free place. */
};

struct review {
    const struct languages *languages;
    struct store_new_alert *alerts; /* They borrow from the claim and from `findings`. */
    struct finding *findings;
    size_t count, room;
    struct store_rupture *ruptures; /* They borrow from the claim. */
    size_t rupture_count, rupture_room;
    struct store_ask *asks; /* One a course: what its next rating asks. */
    size_t ask_count, ask_room;
    size_t evaluated;
    struct review_model models[REVIEW_MODELS];
    size_t next_model; /* The place that is taken next. */
};

/* `languages` is borrowed; NULL: English alone. */
void review_init(struct review *r, const struct languages *languages);
/* `ratings` as store_claim gives them: by practice, course and session time. Replaces what was
 * there. */
void review_take(struct review *r, const struct store_claimed *ratings, size_t count);
void review_fini(struct review *r);
