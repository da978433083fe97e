/* Happy path: a function in the database keeps the goal or ends it, and gives a verdict. Failure:
 * any verdict but "ok" has changed nothing. */
#include "proto/wire/container_of.h"
#include "server/pg/operation.h"

static const struct pg_statement put_goal = {
    .sql = "select goal_put($1::bigint, $2::bigint, $3::uuid, $4::uuid, $5::int, $6::text,"
           " $7::text)"};
static const struct pg_statement end_goal = {
    .sql = "select goal_end($1::bigint, $2::bigint, $3::uuid, $4::int, $5::text)"};

static void on_done(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_done_cb cb = c->cb.done;
    cb(c, store_rc_of_row(rc, results, 0, 0));
}

int store_goal_put(struct store *s, struct store_call *c, const struct store_put_goal *put,
                   store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &put_goal);
    pg_put_int8(p, put->practice_id);
    pg_put_int8(p, put->therapist_id);
    pg_put_uuid(p, put->goal_id);
    pg_put_uuid(p, put->session_id);
    pg_put_int4(p, put->area);
    pg_put_text(p, put->words);
    pg_put_text(p, put->actor);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_done);
}

int store_goal_end(struct store *s, struct store_call *c, int64_t practice_id, int64_t therapist_id,
                   const uint8_t goal_id[STORE_ID], enum store_goal_outcome outcome,
                   const char *actor, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &end_goal);
    pg_put_int8(p, practice_id);
    pg_put_int8(p, therapist_id);
    pg_put_uuid(p, goal_id);
    pg_put_int4(p, (int32_t)outcome);
    pg_put_text(p, actor);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_done);
}
