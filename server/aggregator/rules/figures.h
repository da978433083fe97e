/* figures.h - what the rules look at: one rating beside the ratings before it in its course. Pure.
 *
 * Scores and totals in tenths, as whole numbers, so that a threshold is met exactly or not at all.
 * A rating with a missing area has no total and counts in no total, median or spread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/aggregator/rules/rupture.h"
#include "server/aggregator/rules/settings.h"

enum {
    AREAS = 4,
    HISTORY_MAX = 20, /* Ratings looked at, the judged one included. */
    USUAL_MAX = 5,    /* "Usual" is the median of as many before it, at most. */
    SCORE_MISSING = -1,
    TOTAL_BEST = 400,
};

/* The optional question: was there any tension or misunderstanding? */
enum tension { TENSION_NOT_ANSWERED, TENSION_NONE, TENSION_RESOLVED, TENSION_UNRESOLVED };

struct history {
    size_t count;                       /* 1 to HISTORY_MAX; oldest first, the last is judged. */
    int16_t scores[HISTORY_MAX][AREAS]; /* SCORE_MISSING: not answered. */
    bool skipped[HISTORY_MAX];
    enum tension tension[HISTORY_MAX];
    uint8_t goals[HISTORY_MAX]; /* Bit i: one for area i was agreed at its end. */
};

struct figures {
    int16_t scores[AREAS];
    bool has_total, skipped;
    enum tension tension;
    size_t session; /* Its number in the course: 1 is the first; HISTORY_MAX and more alike. */
    size_t skips;   /* Of the last three, this one included. */
    int before;     /* The total of the one just before it; SCORE_MISSING: none. */
    int total;
    size_t earlier;                       /* Totals before this one. */
    int totals[HISTORY_MAX];              /* They, oldest first. */
    const int16_t *complete[HISTORY_MAX]; /* Their areas; borrowed from the history. */
    uint8_t goals[HISTORY_MAX]; /* Agreed at each of these or after it, before the next. */
    int usual_twice; /* The median of the last five of them, doubled: it may lie between two. */
    int16_t usual[AREAS]; /* Each area's median over the same ratings, rounded up; missing: none. */
    int64_t squares_times_earlier; /* earlier × the sum of squares about their mean. */
    enum rupture_event event;      /* What this rating does to the course's rupture. */
    double chance; /* Of a total as low as this on an ordinary day; 1 when nobody has asked. */
};

/* `event` is left RUPTURE_NONE and `chance` 1: see evaluate.h. */
void figures_take(const struct history *h, struct figures *ret_figures);

/* Twice the median of 1 to USUAL_MAX values. */
int figures_median_twice(const int *values, size_t count);

/* The median of an area over complete[from] … complete[from + count - 1], rounded up; 1 to
 * USUAL_MAX of them. */
int figures_area_median(const struct figures *f, int area, size_t from, size_t count);

/* s = sqrt((SS + 4 s0²) / (n + 3)), in tenths: how far this client's totals vary. */
double figures_spread(const struct figures *f, const struct rule_settings *s);
