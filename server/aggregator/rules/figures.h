/* figures.h - what the rules look at: one rating beside the ratings before it in its course. Pure.
 *
 * Scores and totals in tenths, as whole numbers, so that a threshold is met exactly or not at all.
 * A rating with a missing area has no total and counts for nothing here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    AREAS = 4,
    HISTORY_MAX = 20, /* Ratings looked at, the judged one included. */
    USUAL_MAX = 5,    /* "Usual" is the median of as many before it, at most. */
    SCORE_MISSING = -1,
    TOTAL_BEST = 400,
};

struct history {
    size_t count;                       /* 1 to HISTORY_MAX; oldest first, the last is judged. */
    int16_t scores[HISTORY_MAX][AREAS]; /* SCORE_MISSING: not answered. */
};

/* The practice's own. */
struct rule_settings {
    int cut;    /* Total below which LEVEL and DROP may fire: 360. */
    int spread; /* s0, the pooled standard deviation within a course: 15. */
};

struct figures {
    int16_t scores[AREAS];
    int total;
    size_t earlier;          /* Totals before this one. */
    int totals[HISTORY_MAX]; /* They, oldest first. */
    int usual_twice; /* The median of the last five of them, doubled: it may lie between two. */
    int16_t usual[AREAS]; /* Each area's median over the same ratings, rounded up; missing: none. */
    int64_t squares_times_earlier; /* earlier × the sum of squares about their mean. */
};

/* False: the last rating has a missing area, so there is no total and no rule. */
bool figures_take(const struct history *h, struct figures *ret_figures);
