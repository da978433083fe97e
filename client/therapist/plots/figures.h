/* figures.h - what the plots count from a history. Pure. Scores and totals in tenths; PLOT_MISSING:
 * none. */
#pragma once

#include "client/therapist/plots/plots.h"

/* Of four answers; with one missing there is none. */
int plot_total(const struct plot_session *s);

/* Another instrument than that of the sessions before it: what comes is not to be compared. */
bool plot_is_break(const struct plot_history *h, size_t at);

/* The median of up to PLOT_USUAL_MAX totals before it, none of them before a break; rounded up as
 * the rules do. */
int plot_usual(const struct plot_history *h, size_t at);
/* An area's, over the same ratings. */
int plot_usual_area(const struct plot_history *h, size_t at, int area);

bool plot_is_low(const struct plot_history *h, int total);
bool plot_is_low_area(const struct plot_history *h, int score);

/* The last session with a total; h->count: none. */
size_t plot_last(const struct plot_history *h);

/* Where chance alone takes a share of `of`, given everyone's: 1 in 40 is below the 95 % limits and
 * 1 in 40 above, 1 in 1,000 each for 99.8 %. Exact limits of the binomial distribution, the step
 * from one count to the next shared out, so that a curve of them is smooth and no count lies on
 * another side of it than of the exact one. */
struct plot_limits {
    double low_95, high_95, low_998, high_998;
};
void plot_limits_take(uint32_t of, double share, struct plot_limits *ret_limits);

/* 0 to 1, whatever it is made of. */
double plot_dot_share(const struct plot_dot *d);

enum plot_place { PLOT_WITHIN, PLOT_OUTSIDE_95, PLOT_OUTSIDE_998 };
enum plot_place plot_dot_place(const struct plot_dot *d, double share);
