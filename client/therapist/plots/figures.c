/* Happy path: a look back over a handful of sessions; for the limits, the chances of 0, 1, 2 …
 * successes added up until they reach the tail. Failure: none. */
#include "client/therapist/plots/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"

int plot_total(const struct plot_session *s)
{
    int total = 0;
    for (int area = 0; area < PLOT_AREAS; area++) {
        if (s->scores[area] == PLOT_MISSING) {
            return PLOT_MISSING;
        }
        total += s->scores[area];
    }
    return total;
}

bool plot_is_break(const struct plot_history *h, size_t at)
{
    const char *now = h->sessions[at].instrument, *before = NULL;
    for (size_t i = at; now != NULL && before == NULL && i-- > 0;) {
        before = h->sessions[i].instrument;
    }
    return before != NULL && strcmp(now, before) != 0;
}

static int compare(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* `area` below 0: of the totals. */
static int median_before(const struct plot_history *h, size_t at, int area)
{
    int values[PLOT_USUAL_MAX];
    size_t count = 0;
    for (size_t i = at; i > 0 && count < PLOT_USUAL_MAX && !plot_is_break(h, i); i--) {
        int total = plot_total(&h->sessions[i - 1]);
        if (total != PLOT_MISSING) {
            values[count++] = area < 0 ? total : h->sessions[i - 1].scores[area];
        }
    }
    if (count == 0) {
        return PLOT_MISSING;
    }
    qsort(values, count, sizeof values[0], compare);
    return (values[(count - 1) / 2] + values[count / 2] + 1) / 2;
}

int plot_usual(const struct plot_history *h, size_t at)
{
    return median_before(h, at, -1);
}

int plot_usual_area(const struct plot_history *h, size_t at, int area)
{
    must(area >= 0 && area < PLOT_AREAS);
    return median_before(h, at, area);
}

bool plot_is_low(const struct plot_history *h, int total)
{
    return total != PLOT_MISSING && h->cut != PLOT_MISSING && total < h->cut;
}

bool plot_is_low_area(const struct plot_history *h, int score)
{
    return score != PLOT_MISSING && h->area_low != PLOT_MISSING && score <= h->area_low;
}

size_t plot_last(const struct plot_history *h)
{
    for (size_t i = h->count; i-- > 0;) {
        if (plot_total(&h->sessions[i]) != PLOT_MISSING) {
            return i;
        }
    }
    return h->count;
}

/* ---- limits ---------------------------------------------------------------------------------- */

static double chance(double k, double n, double share)
{
    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(share) +
               (n - k) * log1p(-share));
}

/* The count, between two whole ones, at which the chance of so few or fewer is the tail. Far below
 * the mean nothing is worth adding. */
static double count_at(uint32_t of, double share, double tail)
{
    double n = of, far = 10 * sqrt(n * share * (1 - share)) + 10;
    double k = fmax(floor(n * share - far), 0), here = chance(k, n, share), sum = here;
    while (sum < tail && k < n) {
        here *= (n - k) / (k + 1) * share / (1 - share);
        k++;
        sum += here;
    }
    return fmax(k - (sum - tail) / here, 0);
}

void plot_limits_take(uint32_t of, double share, struct plot_limits *ret_limits)
{
    of = of < 1 ? 1 : of > PLOT_CASES_MAX ? PLOT_CASES_MAX : of; /* A server's word: see plots.h. */
    if (share <= 0 || share >= 1) {
        double all = share <= 0 ? 0 : 1;
        *ret_limits = (struct plot_limits){all, all, all, all};
        return;
    }
    const double tail_95 = 0.025, tail_998 = 0.001, n = of;
    *ret_limits = (struct plot_limits){
        .low_95 = count_at(of, share, tail_95) / n,
        .high_95 = 1 - count_at(of, 1 - share, tail_95) / n,
        .low_998 = count_at(of, share, tail_998) / n,
        .high_998 = 1 - count_at(of, 1 - share, tail_998) / n,
    };
}

double plot_dot_share(const struct plot_dot *d)
{
    return d->of == 0 ? 0 : fmin((double)d->part / d->of, 1);
}

enum plot_place plot_dot_place(const struct plot_dot *d, double share)
{
    const double rounding = 1e-9;
    struct plot_limits limits;
    double value = plot_dot_share(d);
    plot_limits_take(d->of, share, &limits);
    if (value < limits.low_998 - rounding || value > limits.high_998 + rounding) {
        return PLOT_OUTSIDE_998;
    }
    return value < limits.low_95 - rounding || value > limits.high_95 + rounding ? PLOT_OUTSIDE_95
                                                                                 : PLOT_WITHIN;
}
