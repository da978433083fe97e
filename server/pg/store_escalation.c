/* Happy path: the database puts what is due on the lists; a list is a page of it. Failure: what was
 * due waits on. */
#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "server/pg/notes.h"

static const struct pg_statement escalate = {.sql = "select rupture_escalate($1::int, $2::int)"};

static const struct pg_statement list_escalations = {
    .sql = "select th.code, si.name, ru.opened_at, ru.escalated_at, ru.state::text, ru.step::text,"
           " ru.opened_rating from (select * from rupture e where e.practice_id = $1::bigint"
           "  and e.escalated_at is not null and e.state in ('open', 'unrepaired')"
           "  and (e.escalated_at, e.opened_rating) < (case when $2::uuid is null then 'infinity'"
           "   else (select l.escalated_at from rupture l where l.practice_id = $1::bigint"
           "    and l.opened_rating = $2::uuid) end, $2::uuid)"
           "  order by e.escalated_at desc, e.opened_rating desc limit $3::int) ru"
           " join therapist th on th.practice_id = ru.practice_id"
           "  and th.therapist_id = ru.therapist_id"
           " join rating r on r.practice_id = ru.practice_id and r.rating_id = ru.opened_rating"
           " join session s on s.practice_id = r.practice_id and s.session_id = r.session_id"
           " join site si on si.practice_id = s.practice_id and si.site_id = s.site_id"
           " order by ru.escalated_at desc, ru.opened_rating desc"};

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
