/* Happy path: the judged rating's total, the earlier totals, their median and spread.
 * Failure: none; what is missing is left out. */
#include "server/aggregator/rules/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"

enum { PRIOR_WEIGHT = 4, PRIOR_RATINGS = 3, SKIPS_OF = 3 };

static bool is_complete(const int16_t scores[AREAS])
{
    for (int i = 0; i < AREAS; i++) {
        if (scores[i] == SCORE_MISSING) {
            return false;
        }
    }
    return true;
}

static int total_of(const int16_t scores[AREAS])
{
    int total = 0;
    for (int i = 0; i < AREAS; i++) {
        total += scores[i];
    }
    return total;
}

static int compare(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

int figures_median_twice(const int *values, size_t count)
{
    int sorted[USUAL_MAX];
    must(count >= 1 && count <= USUAL_MAX);
    memcpy(sorted, values, count * sizeof sorted[0]);
    qsort(sorted, count, sizeof sorted[0], compare);
    return sorted[(count - 1) / 2] + sorted[count / 2];
}

int figures_area_median(const struct figures *f, int area, size_t from, size_t count)
{
    int values[USUAL_MAX];
    must(count <= USUAL_MAX && from + count <= f->earlier);
    for (size_t i = 0; i < count; i++) {
        values[i] = f->complete[from + i][area];
    }
    return (figures_median_twice(values, count) + 1) / 2;
}

double figures_spread(const struct figures *f, const struct rule_settings *s)
{
    double n = (double)f->earlier;
    double squares = f->earlier == 0 ? 0 : (double)f->squares_times_earlier / n;
    return sqrt((squares + PRIOR_WEIGHT * (double)s->spread * s->spread) / (n + PRIOR_RATINGS));
}

static void take_usual(struct figures *f)
{
    size_t count = f->earlier < USUAL_MAX ? f->earlier : USUAL_MAX;
    size_t first = f->earlier - count;
    for (int area = 0; area < AREAS; area++) {
        f->usual[area] =
            (int16_t)(count == 0 ? SCORE_MISSING : figures_area_median(f, area, first, count));
    }
    f->usual_twice = count == 0 ? 0 : figures_median_twice(f->totals + first, count);
}

static void take_earlier(struct figures *f, const struct history *h)
{
    int64_t sum = 0, sum_of_squares = 0;
    for (size_t i = 0; i + 1 < h->count; i++) {
        if (is_complete(h->scores[i])) {
            int total = total_of(h->scores[i]);
            f->complete[f->earlier] = h->scores[i];
            f->totals[f->earlier++] = total;
            sum += total;
            sum_of_squares += (int64_t)total * total;
        }
        if (f->earlier > 0) {
            f->goals[f->earlier - 1] |= h->goals[i];
        }
    }
    f->squares_times_earlier = (int64_t)f->earlier * sum_of_squares - sum * sum;
}

void figures_take(const struct history *h, struct figures *ret_figures)
{
    must(h->count >= 1 && h->count <= HISTORY_MAX);
    size_t last = h->count - 1;
    struct figures f = {.has_total = is_complete(h->scores[last]),
                        .skipped = h->skipped[last],
                        .tension = h->tension[last],
                        .session = h->count,
                        .before = SCORE_MISSING,
                        .chance = 1};
    memcpy(f.scores, h->scores[last], sizeof f.scores);
    f.total = f.has_total ? total_of(f.scores) : SCORE_MISSING;
    if (last > 0 && is_complete(h->scores[last - 1])) {
        f.before = total_of(h->scores[last - 1]);
    }
    for (size_t i = 0; i < SKIPS_OF && i <= last; i++) {
        f.skips += h->skipped[last - i];
    }
    take_earlier(&f, h);
    take_usual(&f);
    *ret_figures = f;
}
