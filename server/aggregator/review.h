/* review.h - from the ratings of a claim to its alerts. Pure.
 *
 * Evaluated are the claimed ratings, each in its place in session time, and up to REVIEW_AFTER that
 * follow one in its course: a rating that came late changes what was usual for them. Alerts that
 * are there already stand; whoever writes these keeps the old ones. */
#pragma once

#include "server/aggregator/evaluate.h"
#include "server/pg/store_claim.h"

enum { REVIEW_AFTER = HISTORY_MAX - 1 };

struct review {
    struct store_new_alert *alerts; /* They borrow from the claim and from `findings`. */
    struct finding *findings;
    size_t count, room, evaluated;
};

void review_init(struct review *r);
/* `ratings` as store_claim gives them: by practice, course and session time. Replaces what was
 * there. */
void review_take(struct review *r, const struct store_claimed *ratings, size_t count);
void review_fini(struct review *r);
