/* replay.h - what a set of rules would have said of stored courses. Pure.
 *
 * A course has stopped when it had no session in the eight weeks before the practice's last one. A
 * stop may also be an agreed ending: the history does not say. */
#pragma once

#include "server/aggregator/evaluate.h"
#include "server/pg/claim_rows.h"

enum { REPLAY_LEADS = 10 };

struct replay_count {
    uint64_t prompts, courses; /* How often, and in how many courses. */
    /* Courses that stopped, by how many sessions before their last one the earliest prompt within
     * their last ten came: leads[0] at the last one itself. */
    uint64_t leads[REPLAY_LEADS];
};

struct replay {
    uint64_t sessions, courses;
    uint64_t stopped; /* Of the courses. */
    uint64_t reds;    /* Told: one open rupture a course. */
    uint64_t ruptures, repaired, unrepaired;
    struct replay_count rules[RULES];
};

/* Both in milliseconds: the course's last session, rated or not, and the practice's. */
bool replay_has_stopped(int64_t last_ms, int64_t practice_last_ms);

/* One course, whole and in session time, by these lines; adds to `r`. */
void replay_course(struct replay *r, const struct store_claimed *ratings, size_t count,
                   bool has_stopped, const struct rule_settings *settings,
                   const struct chance *chance);

/* In how many of the courses that stopped the rule spoke within the last ten sessions. */
uint64_t replay_warned(const struct replay_count *c);

/* The median of the leads, in sessions: .5 lies between two. `c` was warned at least once. */
double replay_lead(const struct replay_count *c);
