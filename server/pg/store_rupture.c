/* Happy path: a function in the database moves the rupture; an explanation is the alert, what it
 * was made from, and its rupture's moves. Failure: an alert that is not this therapist's is
 * ERR_ALERT_UNKNOWN. */
#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "server/pg/alert_rows.h"
#include "server/pg/notes.h"

static const struct pg_statement acknowledge = {
    .sql = "select alert_acknowledge($1::bigint, $2::bigint, $3::uuid, $4::int, $5::text,"
           " $6::text)"};

/* After the alert's own columns: its inputs, and the rupture's state. */
static const struct pg_statement explain = {
    .sql = "select " ALERT_COLUMNS ", v.inputs::text, ru.state::text from alert_view v"
           " join alert a on a.practice_id = v.practice_id and a.alert_id = v.alert_id"
           " left join rupture ru on ru.practice_id = a.practice_id"
           "  and ru.opened_rating = alert_rupture(a.practice_id, a.alert_id)"
           " where v.practice_id = $1::bigint and v.therapist_id = $2::bigint"
           "  and v.alert_id = $3::uuid and a.practice_id = $1::bigint and a.alert_id = $3::uuid"
           "  and not answer_covered(a.practice_id, a.session_id, a.session_start)"};

static const struct pg_statement moves = {
    .sql = "select m.at, m.actor, m.move, m.step::text from alert a"
           " join rupture_move m on m.practice_id = a.practice_id"
           "  and m.opened_rating = alert_rupture(a.practice_id, a.alert_id)"
           " where a.practice_id = $1::bigint and a.therapist_id = $2::bigint"
           "  and a.alert_id = $3::uuid order by m.move_id limit $4::int"};

static void on_acknowledged(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_done_cb cb = c->cb.done;
    cb(c, store_rc_of_row(rc, results, 0, 0));
}

static void put_alert(struct pg_params *p, int64_t practice_id, int64_t therapist_id,
                      const uint8_t alert_id[STORE_ID])
{
    pg_put_int8(p, practice_id);
    pg_put_int8(p, therapist_id);
    pg_put_uuid(p, alert_id);
}

int store_alert_acknowledge(struct store *s, struct store_call *c, int64_t practice_id,
                            int64_t therapist_id, const uint8_t alert_id[STORE_ID], int step,
                            const char *reason, const char *actor, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &acknowledge);
    put_alert(p, practice_id, therapist_id, alert_id);
    pg_put_int4(p, step);
    store_put_text(p, reason);
    pg_put_text(p, actor);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_acknowledged);
}

static void on_explained(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_explanation_cb cb = c->cb.explanation;
    struct pg_rows rows, steps;
    pg_rows_init(&rows, results->step[0]);
    pg_rows_init(&steps, results->step[1]);
    struct store_rupture_move *list = store_array(steps.count, sizeof *list);
    struct store_explanation e = {.moves = list, .move_count = steps.count};
    rc = store_rc(rc, results);
    if (rc == 0 && rows.count == 0) {
        rc = ERR_ALERT_UNKNOWN;
    }
    if (rc == 0) {
        alert_row(&rows, 0, &e.alert);
        e.inputs = pg_text(&rows, 0, ALERT_COLUMN_COUNT);
        e.rupture = pg_text(&rows, 0, ALERT_COLUMN_COUNT + 1);
        for (size_t i = 0; i < steps.count; i++) {
            list[i] = (struct store_rupture_move){.at = pg_time(&steps, i, 0),
                                                  .actor = pg_text(&steps, i, 1),
                                                  .move = pg_text(&steps, i, 2),
                                                  .step = pg_text(&steps, i, 3)};
        }
        rows.bad = rows.bad || steps.bad;
        rc = store_rows_rc(&rows);
    }
    cb(c, rc, rc == 0 ? &e : NULL);
    free(list);
}

int store_alert_explain(struct store *s, struct store_call *c, int64_t practice_id,
                        int64_t therapist_id, const uint8_t alert_id[STORE_ID],
                        store_explanation_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    put_alert(pg_plan_add(plan, &explain), practice_id, therapist_id, alert_id);
    struct pg_params *p = pg_plan_add(plan, &moves);
    put_alert(p, practice_id, therapist_id, alert_id);
    pg_put_int4(p, LIMIT_RUPTURE_MOVES);
    note_alert(plan, c, "alert.explain", therapist_id, alert_id);
    c->cb.explanation = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_explained);
}
