/* Happy path: a page of the therapist's clients, each with the course's last totals and its open
 * rupture; a page of the practice's rooms. Failure: what cannot be read sets `bad`, and the verdict
 * is ERR_DATABASE. */
#include <stdlib.h>

#include "proto/wire/be.h"
#include "proto/wire/container_of.h"
#include "server/pg/notes.h"

/* One's own courses first, each with its client by key (for a join a planner may read all of the
 * practice's clients); what each has is then read for those of the page alone. */
static const struct pg_statement caseload = {
    .sql =
        "select co.client_ref, n.sessions, n.last_start, x.totals, r.opened_rating is not null,"
        " r.step::text"
        " from (select m.practice_id, m.course_id, m.therapist_id, c.client_ref from course m"
        "  cross join lateral (select k.client_ref from client k"
        "   where k.practice_id = m.practice_id and k.client_id = m.client_id limit 1) c"
        "  where m.practice_id = $1::bigint and m.therapist_id = $2::bigint and m.ended_at is null"
        "   and c.client_ref > $3::text order by c.client_ref limit $4::int) co"
        " cross join lateral (select count(*)::int as sessions, max(t.session_start) as last_start"
        "  from ticket t where t.practice_id = co.practice_id and t.course_id = co.course_id) n"
        " cross join lateral (select coalesce(array_agg(y.total order by y.session_start,"
        "   y.ticket_id), '{}') as totals from (select t.session_start, t.ticket_id,"
        "   case when answer_covered(t.practice_id, t.session_id, t.session_start) then -1 else"
        "    coalesce(ra.understanding + ra.relevance + ra.safety + ra.fit, -1) end::smallint as "
        "total"
        "   from ticket t left join rating ra on ra.practice_id = t.practice_id"
        "    and ra.ticket_id = t.ticket_id"
        "   where t.practice_id = co.practice_id and t.course_id = co.course_id"
        "   order by t.session_start desc, t.ticket_id desc limit 12) y) x"
        " left join lateral (select o.opened_rating, o.step from rupture o"
        "  where o.practice_id = co.practice_id and o.therapist_id = co.therapist_id"
        "   and o.course_id = co.course_id and o.state = 'open'"
        "   and not exists (select from rating b where b.practice_id = o.practice_id"
        "    and b.rating_id = o.opened_rating"
        "    and answer_covered(b.practice_id, b.session_id, b.session_start))"
        "  order by o.opened_session desc, o.opened_rating limit 1) r on true"
        " order by co.client_ref"};

_Static_assert(STORE_TOTALS == 12, "the statement's limit");

static const struct pg_statement places = {
    .sql = "select ro.name, si.name, le.session_id is not null from room ro"
           " join site si on si.practice_id = ro.practice_id and si.site_id = ro.site_id"
           " left join room_lease le on le.practice_id = ro.practice_id"
           "  and le.room_id = ro.room_id"
           " where ro.practice_id = $1::bigint and ro.name > $2::text"
           " order by ro.name limit $3::int"};

static void client_row(struct pg_rows *rows, size_t row, struct store_client *ret_client)
{
    struct store_client c = {
        .client_ref = pg_text(rows, row, 0),
        .sessions = (unsigned)pg_int4(rows, row, 1),
        .last_start = pg_time(rows, row, 2),
        .rupture_open = pg_bool(rows, row, 4),
        .step = pg_text(rows, row, 5),
    };
    struct pg_array totals = pg_array(rows, row, 3, sizeof(int16_t));
    if (totals.count > STORE_TOTALS) {
        rows->bad = true;
        totals.count = 0;
    }
    c.total_count = totals.count;
    for (size_t i = 0; i < totals.count; i++) {
        c.totals[i] = (int16_t)get_be(pg_array_at(&totals, i), sizeof(int16_t));
    }
    *ret_client = c;
}

static void on_clients(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_clients_cb cb = c->cb.clients;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_client *clients = store_array(rows.count, sizeof *clients);
    for (size_t i = 0; i < rows.count; i++) {
        client_row(&rows, i, &clients[i]);
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? clients : NULL, rc == 0 ? rows.count : 0);
    free(clients);
}

int store_caseload(struct store *s, struct store_call *c, int64_t practice_id, int64_t therapist_id,
                   const char *after, unsigned limit, store_clients_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &caseload);
    pg_put_int8(p, practice_id);
    pg_put_int8(p, therapist_id);
    pg_put_text(p, after);
    pg_put_int4(p, (int32_t)limit);
    note_caseload(plan, c, therapist_id, after, limit);
    c->cb.clients = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_clients);
}

static void on_places(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_places_cb cb = c->cb.places;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_place *found = store_array(rows.count, sizeof *found);
    for (size_t i = 0; i < rows.count; i++) {
        found[i] = (struct store_place){.room = pg_text(&rows, i, 0),
                                        .site = pg_text(&rows, i, 1),
                                        .taken = pg_bool(&rows, i, 2)};
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? found : NULL, rc == 0 ? rows.count : 0);
    free(found);
}

int store_places(struct store *s, struct store_call *c, int64_t practice_id, const char *after,
                 unsigned limit, store_places_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &places);
    pg_put_int8(p, practice_id);
    pg_put_text(p, after);
    pg_put_int4(p, (int32_t)limit);
    note_read(plan, c, "rooms.read");
    c->cb.places = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_places);
}
