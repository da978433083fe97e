/* Happy path: the database puts what is due on the lists; a list is a page of it. Failure: what was
 * due waits on. */
#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "server/pg/notes.h"

static const struct pg_statement escalate = {.sql = "select rupture_escalate($1::int, $2::int)"};

static const struct pg_statement list_escalations = {
    .sql = "select therapist, site, opened_at, escalated_at, state, step, opened_rating"
           " from escalations_list($1::bigint, $2::uuid, $3::int)"};

int store_ruptures_escalate(struct store *s, struct store_call *c, unsigned unrepaired_at,
                            unsigned unacknowledged_at, store_counted_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &escalate);
    pg_put_int4(p, (int32_t)unrepaired_at);
    pg_put_int4(p, (int32_t)unacknowledged_at);
    c->cb.counted = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_count);
}

static void escalation_row(struct pg_rows *rows, size_t row, struct store_escalation *ret_row)
{
    *ret_row = (struct store_escalation){
        .therapist = pg_text(rows, row, 0),
        .site = pg_text(rows, row, 1),
        .opened = pg_time(rows, row, 2),
        .escalated = pg_time(rows, row, 3),
        .state = pg_text(rows, row, 4),
        .step = pg_text(rows, row, 5),
    };
    pg_uuid(rows, row, 6, ret_row->opened_rating);
}

static void on_listed(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_escalations_cb cb = c->cb.escalations;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_escalation *list = store_array(rows.count, sizeof *list);
    for (size_t i = 0; i < rows.count; i++) {
        escalation_row(&rows, i, &list[i]);
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? list : NULL, rc == 0 ? rows.count : 0);
    free(list);
}

int store_escalations_list(struct store *s, struct store_call *c, int64_t practice_id,
                           const uint8_t *after, unsigned limit, store_escalations_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &list_escalations);
    pg_put_int8(p, practice_id);
    store_put_after(p, after);
    pg_put_int4(p, (int32_t)limit);
    note_read(plan, c, "escalations.read");
    c->cb.escalations = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_listed);
}
