/* Happy path: both rows are sorted, then gone through from the most unusual down, a score at a
 * time, until the rate is met. Failure: none. */
#include "server/aggregator/study/roc.h"

#include <math.h>
#include <stdlib.h>

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* How many of a sorted row are at or above the score. */
static size_t at_or_above(const double *sorted, size_t count, double score)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] >= score) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static size_t above(const double *sorted, size_t count, double score)
{
    return at_or_above(sorted, count, nextafter(score, HUGE_VAL));
}

static double found_at(const double *ordinary, const double *fallen, size_t count, double rate)
{
    double n = (double)count, alarms = rate * n;
    size_t place = (size_t)alarms;
    double score = ordinary[place < count ? place : count - 1]; /* The first that is too many. */
    double alarms_above = (double)above(ordinary, count, score);
    double alarms_on = (double)at_or_above(ordinary, count, score) - alarms_above;
    double found_above = (double)above(fallen, count, score);
    double found_on = (double)at_or_above(fallen, count, score) - found_above;
    double share = alarms_on > 0 ? (alarms - alarms_above) / alarms_on : 0;
    return (found_above + share * found_on) / n;
}

void roc_take(double *ordinary, double *fallen, size_t count, const double *rates,
              size_t rate_count, struct roc_point *ret_points)
{
    qsort(ordinary, count, sizeof *ordinary, descending);
    qsort(fallen, count, sizeof *fallen, descending);
    for (size_t i = 0; i < rate_count; i++) {
        double rate = rates[i], n = (double)count, tenth = rate / 10;
        double found = found_at(ordinary, fallen, count, rate);
        double slope = (found_at(ordinary, fallen, count, rate + tenth) -
                        found_at(ordinary, fallen, count, rate - tenth)) /
                       (2 * tenth);
        double variance = found * (1 - found) + slope * slope * rate * (1 - rate);
        ret_points[i] = (struct roc_point){found, sqrt(variance / n)};
    }
}
