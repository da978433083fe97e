/* Happy path: one question for all connected devices of a kind, answered from the tables as they
 * are. Failure: nothing but the connection's.
 *
 * Each limit hangs on a table's row, not on the array's element: so it runs on several nodes too.
 * It also keeps the planner from reading a whole view first: what a scan costs hangs on who is
 * connected, not on how much is stored.
 */
#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "server/pg/alert_rows.h"
#include "server/pg/session_rows.h"

#define KEYS "unnest($1::bigint[], $2::bigint[])"

static const struct pg_statement rooms_now = {
    .sql =
        "select l.practice_id, l.room_id, ti.ticket_id, th.display_name, s.start_at, s.colour,"
        " s.symbol, s.state = 'invited', s.audience = 'child', s.first_time,"
        " coalesce(rs.numbers[$3::int], 0) = 1, co.ask_better,"
        " (select string_agg(i.file || E'\\f', '' order by i.language) from instrument i"
        "  where i.practice_id = s.practice_id and i.audience = s.audience and i.in_force)"
        " from " KEYS " as k (practice_id, room_id)"
        " join room_lease l on l.practice_id = k.practice_id and l.room_id = k.room_id"
        " join session f on f.practice_id = l.practice_id and f.session_id = l.session_id"
        " cross join lateral (select f.*"
        "  union all select o.* from session o where o.practice_id = f.practice_id"
        "   and o.together_with = f.session_id and o.state <> 'closed') s"
        " join practice p on p.practice_id = s.practice_id"
        " join course co on co.practice_id = s.practice_id and co.course_id = s.course_id"
        " left join rule_settings rs on rs.practice_id = p.practice_id"
        "  and rs.version = p.rules_version"
        " join ticket ti on ti.practice_id = s.practice_id and ti.session_id = s.session_id"
        " join therapist th on th.practice_id = s.practice_id and th.therapist_id = s.therapist_id"
        " where not exists (select from rating r where r.practice_id = ti.practice_id"
        "  and r.ticket_id = ti.ticket_id)"
        " order by l.practice_id, l.room_id, s.together_with is not null"};

/* Who covers is told for as long as that is so: a row says for which key it was fetched. */
#define WATCHERS                                                                                   \
    " from unnest($1::bigint[], $2::bigint[], $3::bigint[])"                                       \
    "  as k (practice_id, therapist_id, by_id)"                                                    \
    " join therapist th on th.practice_id = k.practice_id and th.therapist_id = k.therapist_id"    \
    "  and (k.by_id = 0 or exists (select from cover c where c.practice_id = k.practice_id"        \
    "   and c.therapist_id = k.therapist_id and c.by_id = k.by_id and c.ended_at is null"          \
    "   and c.from_at <= now() and c.until_at > now()))"

static const struct pg_statement sessions_now = {
    .sql = "select " SESSION_COLUMNS ", k.by_id" WATCHERS
           " cross join lateral (select * from session_view s"
           "  where s.practice_id = th.practice_id and s.therapist_id = th.therapist_id"
           "   and s.start_at > now() - interval '24 hours' and not s.imported"
           "   and s.course_ended is null"
           "  order by s.start_at desc, s.session_id desc limit 20) v"
           " order by v.practice_id, v.therapist_id, v.start_at desc, v.session_id desc"};

static const struct pg_statement alerts_undelivered = {
    .sql = "select " ALERT_COLUMNS ", k.by_id" WATCHERS
           " cross join lateral (select d.practice_id, d.alert_id from alert_delivery d"
           "  where d.practice_id = th.practice_id and d.therapist_id = th.therapist_id"
           "   and d.received_at is null and exists (select from alert a join course c"
           "    on c.practice_id = a.practice_id and c.course_id = a.course_id"
           "    where a.practice_id = d.practice_id and a.alert_id = d.alert_id"
           "     and c.ended_at is null"
           "     and not answer_covered(a.practice_id, a.session_id, a.session_start))"
           "  order by d.created_at, d.alert_id limit $4::int) oldest"
           " cross join lateral (select * from alert_view a"
           "  where a.practice_id = oldest.practice_id and a.alert_id = oldest.alert_id limit 1) v"
           " order by v.practice_id, v.therapist_id, v.created_at, v.alert_id"};

static void on_rooms(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_rooms_cb cb = c->cb.rooms;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_room_now *rooms = store_array(rows.count, sizeof *rooms);
    for (size_t i = 0; i < rows.count; i++) {
        rooms[i] = (struct store_room_now){
            .practice_id = pg_int8(&rows, i, 0),
            .room_id = pg_int8(&rows, i, 1),
            .therapist = pg_text(&rows, i, 3),
            .session_start = pg_time(&rows, i, 4),
            .colour = (unsigned)pg_int2(&rows, i, 5),
            .symbol = (unsigned)pg_int2(&rows, i, 6),
            .invited = pg_bool(&rows, i, 7),
            .is_child = pg_bool(&rows, i, 8),
            .first_time = pg_bool(&rows, i, 9),
            .ask_tension = pg_bool(&rows, i, 10),
            .ask_better = pg_bool(&rows, i, 11),
            .instruments = pg_text(&rows, i, 12),
        };
        pg_uuid(&rows, i, 2, rooms[i].ticket_id);
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? rooms : NULL, rc == 0 ? rows.count : 0);
    free(rooms);
}

int store_rooms_now(struct store *s, struct store_call *c, const struct store_room_key *rooms,
                    size_t count, unsigned ask_tension_at, store_rooms_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &rooms_now);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, rooms[i].practice_id);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, rooms[i].room_id);
    }
    pg_put_array_end(p);
    pg_put_int4(p, (int32_t)ask_tension_at);
    c->cb.rooms = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_rooms);
}

static void on_sessions(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_sessions_cb cb = c->cb.sessions;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_session *sessions = store_array(rows.count, sizeof *sessions);
    for (size_t i = 0; i < rows.count; i++) {
        session_row(&rows, i, &sessions[i]);
        sessions[i].by = pg_int8(&rows, i, SESSION_COLUMN_COUNT);
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? sessions : NULL, rc == 0 ? rows.count : 0);
    free(sessions);
}

static void on_alerts(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_alerts_cb cb = c->cb.alerts;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_alert *alerts = store_array(rows.count, sizeof *alerts);
    for (size_t i = 0; i < rows.count; i++) {
        alert_row(&rows, i, &alerts[i]);
        alerts[i].by = pg_int8(&rows, i, ALERT_COLUMN_COUNT);
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? alerts : NULL, rc == 0 ? rows.count : 0);
    free(alerts);
}

static void put_therapists(struct pg_params *p, const struct store_therapist_key *therapists,
                           size_t count)
{
    store_put_therapists(p, therapists, count);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, therapists[i].by);
    }
    pg_put_array_end(p);
}

int store_sessions_now(struct store *s, struct store_call *c,
                       const struct store_therapist_key *therapists, size_t count,
                       store_sessions_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    put_therapists(pg_plan_add(plan, &sessions_now), therapists, count);
    c->cb.sessions = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_sessions);
}

int store_alerts_undelivered(struct store *s, struct store_call *c,
                             const struct store_therapist_key *therapists, size_t count,
                             unsigned limit, store_alerts_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &alerts_undelivered);
    put_therapists(p, therapists, count);
    pg_put_int4(p, (int32_t)limit);
    c->cb.alerts = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_alerts);
}
