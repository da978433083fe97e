/* Happy path: the database counts; how many it has counted is the verdict. Failure: nothing is
 * counted, and the sessions wait on. */
#include "proto/wire/container_of.h"
#include "server/pg/operation.h"

static const struct pg_statement count_sessions = {.sql = "select rollup_sessions($1::int)"};

static void on_counted(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_counted_cb cb = c->cb.counted;
    struct pg_rows rows;
    unsigned counted = 0;
    pg_rows_init(&rows, results->step[0]);
    rc = store_rc(rc, results);
    if (rc == 0 && rows.count == 1) {
        counted = (unsigned)pg_int4(&rows, 0, 0);
        rc = store_rows_rc(&rows);
    }
    cb(c, rc, counted);
}

int store_rollup_sessions(struct store *s, struct store_call *c, unsigned sessions_max,
                          store_counted_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    pg_put_int4(pg_plan_add(plan, &count_sessions), (int32_t)sessions_max);
    c->cb.counted = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_counted);
}
