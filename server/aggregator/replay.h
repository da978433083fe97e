/* replay.h - what a set of rules would have said of courses that are over. Pure. */
#pragma once

#include "server/aggregator/evaluate.h"
#include "server/pg/store_claim.h"

struct replay_count {
    uint64_t prompts, courses; /* How often, and in how many courses. */
};

struct replay {
    uint64_t sessions, courses;
    uint64_t reds; /* Told: one open rupture a course. */
    uint64_t ruptures, repaired, unrepaired;
    struct replay_count rules[RULES];
};

/* One course, whole and in session time, by these lines; adds to `r`. */
void replay_course(struct replay *r, const struct store_claimed *ratings, size_t count,
                   const struct rule_settings *settings, const struct chance *chance);
