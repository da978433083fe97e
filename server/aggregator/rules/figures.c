/* Happy path: the judged rating's total, the earlier totals, their median and spread.
 * Failure: none; what is missing is left out. */
#include "server/aggregator/rules/figures.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"

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

/* Twice the median of 1 to USUAL_MAX values. */
static int median_twice(const int *values, size_t count)
{
    int sorted[USUAL_MAX];
    memcpy(sorted, values, count * sizeof sorted[0]);
    qsort(sorted, count, sizeof sorted[0], compare);
    return sorted[(count - 1) / 2] + sorted[count / 2];
}

/* `of` are the earlier complete ratings, oldest first. */
static void take_usual(struct figures *f, const int16_t (*const of[])[AREAS])
{
    size_t count = f->earlier < USUAL_MAX ? f->earlier : USUAL_MAX;
    size_t first = f->earlier - count;
    for (int area = 0; area < AREAS; area++) {
        int values[USUAL_MAX];
        for (size_t i = 0; i < count; i++) {
            values[i] = (*of[first + i])[area];
        }
        int median = count == 0 ? SCORE_MISSING : (median_twice(values, count) + 1) / 2;
        f->usual[area] = (int16_t)median;
    }
    f->usual_twice = count == 0 ? 0 : median_twice(f->totals + first, count);
}

bool figures_take(const struct history *h, struct figures *ret_figures)
{
    must(h->count >= 1 && h->count <= HISTORY_MAX);
    const int16_t *judged = h->scores[h->count - 1];
    const int16_t(*complete[HISTORY_MAX])[AREAS];
    struct figures f = {0};
    int64_t sum = 0, sum_of_squares = 0;
    if (!is_complete(judged)) {
        return false;
    }
    memcpy(f.scores, judged, sizeof f.scores);
    f.total = total_of(judged);
    for (size_t i = 0; i + 1 < h->count; i++) {
        if (is_complete(h->scores[i])) {
            int total = total_of(h->scores[i]);
            complete[f.earlier] = &h->scores[i];
            f.totals[f.earlier++] = total;
            sum += total;
            sum_of_squares += (int64_t)total * total;
        }
    }
    f.squares_times_earlier = (int64_t)f.earlier * sum_of_squares - sum * sum;
    take_usual(&f, complete);
    *ret_figures = f;
    return true;
}
