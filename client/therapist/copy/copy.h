/* copy.h - all that is kept about one client in one course, as the client's own copy is made of it.
 *
 * Pure: the server's pages come in, in any order of their kinds, newest first. What another person
 * said is not in it: of two who came together each has their own. Of an alert it has what was seen
 * in the client's ratings and why, which is about the client; not the advice, which is the
 * therapist's. All it holds is wiped by copy_fini. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "envelope.pb-c.h"
#include "proto/wire/limits.h"

enum {
    COPY_AREAS = 4,
    COPY_MISSING = -1,
    COPY_SESSIONS_MAX = 5000, /* A session a week for a hundred years. */
    COPY_GOALS_MAX = 2000,
    COPY_ALERTS_MAX = 10000,
};

/* A session, and what was said of it. */
struct copy_session {
    uint8_t session_id[LIMIT_ID_SIZE], rating_id[LIMIT_ID_SIZE];
    int64_t start_ms;
    char room[LIMIT_NAME_BYTES + 1];
    bool rated;   /* There is a rating: the rest is about it. */
    bool skipped; /* It was declined. */
    int64_t made_ms;
    int16_t scores[COPY_AREAS]; /* Tenths; COPY_MISSING: not answered. */
    Attune__Talk talk;
    Attune__Better better;
    Attune__Tension tension;
    char instrument[LIMIT_NAME_BYTES + 1];
};

struct copy_goal {
    uint8_t goal_id[LIMIT_ID_SIZE];
    int64_t start_ms, ended_ms; /* ended 0: in force. */
    Attune__Area area;
    Attune__GoalOutcome outcome;
    char words[LIMIT_WORDS_BYTES + 1];
};

struct copy_alert {
    uint8_t alert_id[LIMIT_ID_SIZE];
    int64_t start_ms, created_ms;
    Attune__Tier tier;
    bool received;
    char *what, *why; /* Ours. */
};

struct copy {
    char client[LIMIT_NAME_BYTES + 1], practice[LIMIT_NAME_BYTES + 1],
        therapist[LIMIT_NAME_BYTES + 1];
    int64_t made_ms;
    uint8_t copy_id[LIMIT_ID_SIZE]; /* Of this copy. */
    struct copy_session *sessions;  /* Newest first until copy_end, then oldest first. */
    size_t session_count;
    struct copy_goal *goals;
    size_t goal_count;
    struct copy_alert *alerts;
    size_t alert_count;
    size_t ratings;     /* That have come. */
    bool full, strayed; /* More than the limits; a rating without its session. */
};

/* copy_fini is owed. Names are copied. */
void copy_init(struct copy *c, const char *client, const char *practice, const char *therapist,
               const uint8_t copy_id[LIMIT_ID_SIZE], int64_t made_ms);
/* Each takes a page; sessions come before ratings. */
void copy_take_sessions(struct copy *c, const Attune__SessionList *page);
void copy_take_ratings(struct copy *c, const Attune__RatingList *page);
void copy_take_goals(struct copy *c, const Attune__GoalList *page);
void copy_take_alerts(struct copy *c, const Attune__AlertList *page);
/* All is here: in the order of time. Returns 0, or ERR_BUSY: it is more than the limits, or it has
 * changed while it was read. */
int copy_end(struct copy *c);
void copy_fini(struct copy *c);

/* The total in tenths; COPY_MISSING when an area was not answered. */
int copy_total(const struct copy_session *s);
/* Static words. */
const char *copy_area_word(size_t area);
