/* roc.h - what a score finds when its threshold is set to a given rate of false alarms. Pure.
 *
 * Scores are whole or clumped at the ceiling, so seldom is there a threshold with just that rate:
 * between two of them the share found lies on the straight line, which is what drawing lots among
 * those on the threshold would give. */
#pragma once

#include <stddef.h>

struct roc_point {
    double found, error; /* Share, standard error. */
};

/* `count` scores each of days with nothing wrong and of days with a fall; higher is more unusual.
 * They are sorted in place. `rate` above 0, below 1; `ret_points` one for each of `rates`, which
 * rise. The error is of a threshold set on these days: that of the share, and that of the rate
 * times the slope there. */
void roc_take(double *ordinary, double *fallen, size_t count, const double *rates,
              size_t rate_count, struct roc_point *ret_points);
