/* Happy path: the database counts; how many it has counted is the verdict. A report is read in two
 * statements: where its weeks begin, and its cells. Failure: nothing is counted, and the sessions
 * wait on. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "server/pg/notes.h"

static const struct pg_statement count_sessions = {.sql = "select rollup_sessions($1::int)"};

int store_rollup_sessions(struct store *s, struct store_call *c, unsigned sessions_max,
                          store_counted_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    pg_put_int4(pg_plan_add(plan, &count_sessions), (int32_t)sessions_max);
    c->cb.counted = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_count);
}

/* ---- report ---------------------------------------------------------------------------------- */

/* The span is the same in both: the transaction's time stands still. The first answer also lets the
 * second one read the practice's sums. */
#define SPAN                                                                                       \
    "with span as (select p.practice_id, week_of(now(), p.time_zone) - 7 * $2::int as first_week," \
    "  week_of(now(), p.time_zone) as this_week from practice p where p.practice_id = $1::bigint)"

static const struct pg_statement span = {.sql = "select report_begin($1::bigint, $2::int)"};

/* The therapists' cells, and what holds them with how many clients are in it, and how many of them
 * answered: one statement, so that none is without its holders. Whoever imports can make clients up
 * and knows what they said, so imported ones are a crowd only in a week of nothing but imports. */
static const struct pg_statement cells = {
    .sql = SPAN ", past as materialized (select c.week, bool_and(c.imported) as imported"
                "  from span p join rollup_client c using (practice_id)"
                "  where c.week >= p.first_week and c.week < p.this_week group by c.week),"
                " week as (select w.*, p.first_week, coalesce(past.imported, false) as imported"
                "  from span p join rollup_week w using (practice_id)"
                "  left join past on past.week = w.week"
                "  where w.week >= p.first_week and w.week < p.this_week)"
                " select (w.week - w.first_week) / 7, w.site_id, w.therapist_id, si.name, th.code,"
                " n.came, n.answered,"
                " array[w.held, w.rated, w.skipped, w.complete, w.perfect, w.total_sum,"
                "  w.total_squares] || w.answers || array[w.ruptures, w.repaired, w.unrepaired,"
                "  w.waiting, w.acknowledged, w.within_hour, w.within_day]"
                " from week w"
                " join site si on si.practice_id = w.practice_id and si.site_id = w.site_id"
                " join therapist th on th.practice_id = w.practice_id"
                "  and th.therapist_id = w.therapist_id"
                " cross join lateral (select count(*) as came,"
                "   count(*) filter (where c.answered) as answered from rollup_client c"
                "  where c.practice_id = w.practice_id and c.week = w.week"
                "   and c.site_id = w.site_id and c.therapist_id = w.therapist_id"
                "   and c.imported = w.imported) n"
                " union all"
                " select (w.week - w.first_week) / 7, coalesce(w.site_id, 0), 0,"
                " case when grouping(w.site_id) = 0 then min(si.name) else '' end, '',"
                " count(distinct c.client_id),"
                " count(distinct c.client_id) filter (where c.answered), '{}'"
                " from week w"
                " join site si on si.practice_id = w.practice_id and si.site_id = w.site_id"
                " left join rollup_client c on c.practice_id = w.practice_id and c.week = w.week"
                "  and c.site_id = w.site_id and c.therapist_id = w.therapist_id"
                "  and c.imported = w.imported"
                " group by w.first_week, grouping sets ((w.week, w.site_id), (w.week))"};

static void numbers_of(struct pg_rows *rows, size_t row, int column, int64_t *ret_numbers)
{
    struct pg_array numbers = pg_array(rows, row, column, sizeof(int64_t));
    for (size_t i = 0; i < numbers.count && i < ROLLUP_NUMBERS; i++) {
        uint32_t half[2];
        memcpy(half, pg_array_at(&numbers, i), sizeof half);
        ret_numbers[i] = (int64_t)((uint64_t)ntohl(half[0]) << 32 | ntohl(half[1]));
    }
}

static void cell_row(struct pg_rows *rows, size_t i, struct rollup_cell *ret_cell)
{
    *ret_cell = (struct rollup_cell){
        .week = (unsigned)pg_int4(rows, i, 0),
        .site_id = pg_int8(rows, i, 1),
        .therapist_id = pg_int8(rows, i, 2),
        .site = pg_text(rows, i, 3),
        .therapist = pg_text(rows, i, 4),
        .clients = {pg_int8(rows, i, 5), pg_int8(rows, i, 6)},
    };
    numbers_of(rows, i, 7, ret_cell->numbers);
}

static void on_report(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_report_cb cb = c->cb.report;
    struct pg_rows first, rows;
    rc = store_rc(rc, results);
    if (rc != 0) {
        cb(c, rc, NULL, 0, 0);
        return;
    }
    pg_rows_init(&first, results->step[0]);
    pg_rows_init(&rows, results->step[1]);
    struct rollup_cell *list = store_array(rows.count, sizeof *list);
    for (size_t i = 0; i < rows.count; i++) {
        cell_row(&rows, i, &list[i]);
    }
    int64_t first_day = first.count == 1 ? pg_int8(&first, 0, 0) : 0;
    bool bad = first.count != 1 || first.bad || rows.bad;
    cb(c, bad ? ERR_DATABASE : 0, list, rows.count, first_day);
    free(list);
}

int store_report(struct store *s, struct store_call *c, int64_t practice_id, unsigned weeks,
                 store_report_cb cb)
{
    static const struct pg_statement *const statements[] = {&span, &cells};
    struct pg_plan *plan = pg_plan_new();
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        struct pg_params *p = pg_plan_add(plan, statements[i]);
        pg_put_int8(p, practice_id);
        pg_put_int4(p, (int32_t)weeks);
    }
    note_read(plan, c, "report.read");
    c->cb.report = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_report);
}
