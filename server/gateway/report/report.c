/* Happy path: the cells of the kind are put in the rows' order and added up, a hidden one only
 * counted. Failure: none; a week without sessions is a row of zeros. */
#include "server/gateway/report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"
#include "server/gateway/report/crowd.h"

/* ---- figures --------------------------------------------------------------------------------- */

unsigned report_mean(int64_t count, int64_t sum)
{
    return count == 0 ? 0 : (unsigned)lround(10.0 * (double)sum / (double)count);
}

unsigned report_spread(int64_t count, int64_t sum, int64_t squares)
{
    if (count < 2) {
        return 0;
    }
    double n = (double)count;
    double variance = ((double)squares - (double)sum * (double)sum / n) / (n - 1);
    return (unsigned)lround(10 * sqrt(fmax(variance, 0)));
}

/* ---- rows ------------------------------------------------------------------------------------ */

static bool is_of(const struct rollup_cell *c, enum report_kind kind, int64_t own)
{
    switch (kind) {
    case REPORT_PRACTICE:
        return c->site_id == 0;
    case REPORT_SITES:
        return c->site_id != 0 && c->therapist_id == 0;
    default:
        return c->therapist_id != 0 && (own == 0 || c->therapist_id == own);
    }
}

static const char *name_of(const struct rollup_cell *c, enum report_kind kind)
{
    return kind == REPORT_SITES ? c->site : c->therapist;
}

static int by_site(const void *left, const void *right)
{
    const struct rollup_cell *a = left, *b = right;
    return strcmp(a->site, b->site);
}

static int by_therapist(const void *left, const void *right)
{
    const struct rollup_cell *a = left, *b = right;
    return strcmp(a->therapist, b->therapist);
}

static void add(struct report_row *row, const struct rollup_cell *c, unsigned weeks, bool all)
{
    bool came = all || !c->hidden[ROLLUP_CAME], answered = all || !c->hidden[ROLLUP_ANSWERED];
    unsigned age = weeks - 1 - c->week; /* 0: the last finished week. */
    if (came) {
        row->weeks |= UINT64_C(1) << c->week;
    }
    /* Where it may be seen that nobody rated, nothing is left out. */
    if (!came || (!answered && c->numbers[ROLLUP_RATED] > 0)) {
        row->weeks_hidden |= UINT64_C(1) << c->week;
    }
    for (int i = 0; i < ROLLUP_NUMBERS; i++) {
        if (rollup_crowd_of(i) == ROLLUP_CAME ? came : answered) {
            row->numbers[i] += c->numbers[i];
        }
    }
    if (!answered) {
        return;
    }
    row->waiting[age < 2 ? 0 : age < 6 ? 1 : 2] += c->numbers[ROLLUP_WAITING];
}

/* A row a week and one for all of them. */
static void weekly(struct report *r, const struct rollup_cell *cells, size_t count, unsigned weeks)
{
    r->count = weeks + 1;
    for (unsigned week = 0; week <= weeks; week++) {
        r->rows[week].week = week;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_of(&cells[i], REPORT_PRACTICE, 0)) {
            add(&r->rows[cells[i].week], &cells[i], weeks, false);
            add(&r->rows[weeks], &cells[i], weeks, false);
        }
    }
}

static void named(struct report *r, enum report_kind kind, struct rollup_cell *cells, size_t count,
                  unsigned weeks, int64_t own)
{
    if (count > 0) {
        qsort(cells, count, sizeof *cells, kind == REPORT_SITES ? by_site : by_therapist);
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = name_of(&cells[i], kind);
        if (!is_of(&cells[i], kind, own)) {
            continue;
        }
        if (r->count == 0 || strcmp(r->rows[r->count - 1].name, name) != 0) {
            r->rows[r->count++].name = name;
        }
        add(&r->rows[r->count - 1], &cells[i], weeks, own != 0);
    }
}

/* ---- comparison ------------------------------------------------------------------------------ */

static int64_t over(const int64_t *numbers)
{
    return numbers[ROLLUP_REPAIRED] + numbers[ROLLUP_UNREPAIRED];
}

static void compare(struct report_share *s, int64_t of, int64_t everyones_of, int64_t everyones)
{
    s->of = of < FUNNEL_TRIALS_MAX ? of : FUNNEL_TRIALS_MAX;
    if (s->of > 0 && everyones_of > 0) {
        double share = (double)everyones / (double)everyones_of;
        funnel_limits((unsigned)s->of, fmin(share, 1), &s->limits);
    } else {
        s->of = 0;
    }
}

/* Everyone is who may be seen: so one's own row says nothing about a colleague who may not. */
static void compare_all(struct report *r, const struct rollup_cell *cells, size_t count)
{
    int64_t everyone[ROLLUP_NUMBERS] = {0};
    for (size_t i = 0; i < count; i++) {
        for (int n = 0; cells[i].therapist_id != 0 && n < ROLLUP_NUMBERS; n++) {
            everyone[n] += cells[i].hidden[rollup_crowd_of(n)] ? 0 : cells[i].numbers[n];
        }
    }
    for (size_t i = 0; i < r->count; i++) {
        struct report_row *row = &r->rows[i];
        row->compared = row->numbers[ROLLUP_RATED] >= FUNNEL_RATINGS_MIN;
        if (row->compared) {
            compare(&row->coverage, row->numbers[ROLLUP_HELD], everyone[ROLLUP_HELD],
                    everyone[ROLLUP_RATED]);
            compare(&row->repair, over(row->numbers), over(everyone), everyone[ROLLUP_REPAIRED]);
        }
    }
}

/* ---- report ---------------------------------------------------------------------------------- */

void report_make(enum report_kind kind, struct rollup_cell *cells, size_t count, unsigned weeks,
                 int64_t own, struct report *ret_report)
{
    must(weeks > 0 && weeks <= REPORT_WEEKS_MAX);
    *ret_report = (struct report){.rows = calloc(count + weeks + 1, sizeof *ret_report->rows)};
    must(ret_report->rows != NULL);
    crowd_judge(cells, count);
    if (kind == REPORT_PRACTICE) {
        weekly(ret_report, cells, count, weeks);
    } else {
        named(ret_report, kind, cells, count, weeks, own);
    }
    if (kind == REPORT_THERAPISTS) {
        compare_all(ret_report, cells, count);
    }
}

void report_fini(struct report *r)
{
    free(r->rows);
    *r = (struct report){0};
}
