/* Happy path: the rows after the one named, as messages, as many as an answer holds. Failure: none.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "proto/wire/must.h"
#include "server/gateway/answer.h"

enum { AREAS = 4, DAY_S = 24 * 60 * 60, ROW_NAME = 24 };

struct row_message {
    Attune__ReportRow row;
    Attune__ReportMean total, areas[AREAS], *area_pointers[AREAS];
    Attune__ReportShare coverage, repair;
    uint32_t open[REPORT_AGES];
    char name[ROW_NAME];
};

static uint32_t count_of(int64_t number)
{
    return number < 0 ? 0 : number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

static uint32_t thousandths(double share)
{
    return (uint32_t)lround(1000 * share);
}

static void fill_mean(Attune__ReportMean *m, int64_t answers, int64_t sum, int64_t squares)
{
    attune__report_mean__init(m);
    m->answers = count_of(answers);
    m->mean = report_mean(answers, sum);
    m->spread = report_spread(answers, sum, squares);
}

static Attune__ReportShare *fill_share(Attune__ReportShare *m, const struct report_share *s,
                                       int64_t part)
{
    attune__report_share__init(m);
    m->of = count_of(s->of);
    m->share = s->of == 0 ? 0 : thousandths(fmin((double)part / (double)s->of, 1));
    m->low_95 = thousandths(s->limits.low_95);
    m->high_95 = thousandths(s->limits.high_95);
    m->low_998 = thousandths(s->limits.low_998);
    m->high_998 = thousandths(s->limits.high_998);
    return m;
}

static void fill_means(struct row_message *m, const int64_t *numbers)
{
    fill_mean(&m->total, numbers[ROLLUP_COMPLETE], numbers[ROLLUP_TOTAL_SUM],
              numbers[ROLLUP_TOTAL_SQUARES]);
    m->row.total = &m->total;
    for (int area = 0; area < AREAS; area++) {
        const int64_t *answers = &numbers[ROLLUP_ANSWERS + 3 * area];
        fill_mean(&m->areas[area], answers[0], answers[1], answers[2]);
        m->area_pointers[area] = &m->areas[area];
    }
    m->row.areas = m->area_pointers;
    m->row.n_areas = AREAS;
}

static void fill_ruptures(struct row_message *m, const struct report_row *row)
{
    const int64_t *n = row->numbers;
    m->row.ruptures = count_of(n[ROLLUP_RUPTURES]);
    m->row.repaired = count_of(n[ROLLUP_REPAIRED]);
    m->row.unrepaired = count_of(n[ROLLUP_UNREPAIRED]);
    m->row.acknowledged = count_of(n[ROLLUP_ACKNOWLEDGED]);
    m->row.within_hour = count_of(n[ROLLUP_WITHIN_HOUR]);
    m->row.within_day = count_of(n[ROLLUP_WITHIN_DAY]);
    for (int age = 0; age < REPORT_AGES; age++) {
        m->open[age] = count_of(row->waiting[age]);
    }
    m->row.open = m->open;
    m->row.n_open = REPORT_AGES;
}

/* "2026-11-16", or "all" for the row after the last week; a name is its own. */
static char *name_of(struct row_message *m, const struct report_row *row, bool is_sum,
                     int64_t first_day)
{
    time_t at = (time_t)((first_day + 7 * (int64_t)row->week) * DAY_S);
    struct tm day;
    if (row->name != NULL) {
        return (char *)(uintptr_t)row->name; /* protobuf-c reads it only. */
    }
    (void)gmtime_r(&at, &day);
    (void)strftime(m->name, sizeof m->name, is_sum ? "all" : "%Y-%m-%d", &day);
    return m->name;
}

static void fill(struct row_message *m, const struct report_row *row)
{
    const int64_t *n = row->numbers;
    m->row.weeks = (uint32_t)__builtin_popcountll(row->weeks);
    m->row.weeks_hidden = (uint32_t)__builtin_popcountll(row->weeks_hidden);
    m->row.held = count_of(n[ROLLUP_HELD]);
    m->row.rated = count_of(n[ROLLUP_RATED]);
    m->row.skipped = count_of(n[ROLLUP_SKIPPED]);
    m->row.perfect = count_of(n[ROLLUP_PERFECT]);
    fill_means(m, n);
    fill_ruptures(m, row);
    if (row->compared) {
        m->row.coverage = fill_share(&m->coverage, &row->coverage, n[ROLLUP_RATED]);
        m->row.repair = fill_share(&m->repair, &row->repair, n[ROLLUP_REPAIRED]);
    }
}

void answer_report(struct peer *p, uint64_t seq, const struct report *report, int64_t first_day,
                   const char *after)
{
    struct row_message messages[LIMIT_REPORT_ROWS];
    Attune__ReportRow *items[LIMIT_REPORT_ROWS];
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Report answer = ATTUNE__REPORT__INIT;
    for (size_t i = 0; i < report->count && !answer.more; i++) {
        struct row_message message;
        char *name = name_of(&message, &report->rows[i], i + 1 == report->count, first_day);
        if (strcmp(name, after) <= 0) {
            continue;
        }
        answer.more = answer.n_rows == LIMIT_REPORT_ROWS;
        if (!answer.more) {
            struct row_message *m = &messages[answer.n_rows];
            attune__report_row__init(&m->row);
            m->row.name = name_of(m, &report->rows[i], i + 1 == report->count, first_day);
            fill(m, &report->rows[i]);
            items[answer.n_rows++] = &m->row;
        }
    }
    answer.rows = items;
    response.body_case = ATTUNE__RESPONSE__BODY_REPORT;
    response.report = &answer;
    peer_answer(p, seq, &response);
}
