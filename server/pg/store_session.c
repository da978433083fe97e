/* Happy path: a function in the database moves the session and gives a verdict; a second statement
 * in the same transaction reads the session as it is now. Failure: any verdict but "ok" has changed
 * nothing. */
#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "server/pg/goal_rows.h"
#include "server/pg/notes.h"
#include "server/pg/session_rows.h"

static const struct pg_statement open_session = {
    .sql = "select verdict, parked from session_open($1::bigint, $2::bigint, $3::uuid, $4::uuid, "
           "$5::text,"
           " $6::text, $7::timestamptz, $8::timestamptz, $9::smallint, $10::smallint, $11::boolean,"
           " $12::int, $13::boolean, $14::uuid, $15::text)"};
static const struct pg_statement invite_session = {
    .sql = "select session_invite($1::bigint, $2::bigint, $3::uuid, $4::text)"};
static const struct pg_statement close_session = {
    .sql = "select session_close($1::bigint, $2::bigint, $3::uuid, $4::text)"};
static const struct pg_statement import_session = {
    .sql = "select session_import($1::bigint, $2::uuid, $3::uuid, $4::text, $5::text, $6::text,"
           " $7::timestamptz, $8::timestamptz, $9::text)"};
static const struct pg_statement read_session = {
    .sql = "select " SESSION_COLUMNS " from session_view v"
           " where v.practice_id = $1::bigint and v.session_id = $2::uuid"};
static const struct pg_statement goals_in_force = {
    .sql = "select " GOAL_COLUMNS " from session s"
           " cross join lateral (select g.practice_id, g.goal_id from goal g"
           "  where g.practice_id = s.practice_id and g.course_id = s.course_id"
           "   and g.ended_at is null order by g.area limit 4) mine"
           " cross join lateral (select * from goal_view w"
           "  where w.practice_id = mine.practice_id and w.goal_id = mine.goal_id limit 1) v"
           " where s.practice_id = $1::bigint and s.session_id = $2::uuid"};
static const struct pg_statement list_sessions = {
    .sql = "select " SESSION_COLUMNS " from session_view v"
           " where v.practice_id = $1::bigint and v.therapist_id = $2::bigint"
           " and (v.start_at, v.session_id) < (case when $3::uuid is null then 'infinity' else"
           "  (select s.start_at from session s where s.practice_id = $1::bigint"
           "   and s.therapist_id = $2::bigint and s.session_id = $3::uuid) end, $3::uuid)"
           " order by v.start_at desc, v.session_id desc limit $4::int"};

static void on_session(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_session_cb cb = c->cb.session;
    struct pg_rows rows;
    struct store_session session;
    rc = store_rc_of_row(rc, results, 0, 0);
    if (rc == 0) {
        pg_rows_init(&rows, results->step[1]);
        session_row(&rows, 0, &session);
        rc = store_rows_rc(&rows);
    }
    cb(c, rc, rc == 0 ? &session : NULL);
}

/* The same, with whom it took the room from, and the course's goals. */
static void on_opened(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_session_cb cb = c->cb.session;
    struct pg_rows verdict, rows, mine;
    struct store_session session;
    struct store_goal *goals = NULL;
    rc = store_rc_of_row(rc, results, 0, 0);
    if (rc == 0) {
        pg_rows_init(&verdict, results->step[0]);
        pg_rows_init(&rows, results->step[1]);
        pg_rows_init(&mine, results->step[2]);
        session_row(&rows, 0, &session);
        session.parked_other = !pg_is_null(&verdict, 0, 1);
        if (session.parked_other) {
            pg_uuid(&verdict, 0, 1, session.parked_session_id);
        }
        session.goals = goals = goal_rows(&mine);
        session.goal_count = mine.count;
        rows.bad = rows.bad || verdict.bad || mine.bad;
        rc = store_rows_rc(&rows);
    }
    cb(c, rc, rc == 0 ? &session : NULL);
    free(goals);
}

static void add_read(struct pg_plan *plan, int64_t practice_id, const uint8_t session_id[STORE_ID])
{
    struct pg_params *p = pg_plan_add(plan, &read_session);
    pg_put_int8(p, practice_id);
    pg_put_uuid(p, session_id);
}

int store_session_open(struct store *s, struct store_call *c, const struct store_session_open *open,
                       store_session_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &open_session);
    pg_put_int8(p, open->practice_id);
    pg_put_int8(p, open->therapist_id);
    pg_put_uuid(p, open->session_id);
    pg_put_uuid(p, open->ticket_id);
    pg_put_text(p, open->client_ref);
    pg_put_text(p, open->room);
    pg_put_time(p, open->start);
    pg_put_time(p, open->planned_end);
    pg_put_int2(p, (int16_t)open->colour);
    pg_put_int2(p, (int16_t)open->symbol);
    pg_put_bool(p, open->take_over);
    pg_put_int4(p, open->is_child);
    pg_put_bool(p, open->first_time);
    store_put_after(p, open->together_with);
    pg_put_text(p, open->actor);
    add_read(plan, open->practice_id, open->session_id);
    p = pg_plan_add(plan, &goals_in_force);
    pg_put_int8(p, open->practice_id);
    pg_put_uuid(p, open->session_id);
    c->cb.session = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_opened);
}

static int move(struct store *s, struct store_call *c, const struct pg_statement *statement,
                int64_t practice_id, int64_t therapist_id, const uint8_t session_id[STORE_ID],
                const char *actor, store_session_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, statement);
    pg_put_int8(p, practice_id);
    pg_put_int8(p, therapist_id);
    pg_put_uuid(p, session_id);
    pg_put_text(p, actor);
    add_read(plan, practice_id, session_id);
    c->cb.session = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_session);
}

int store_session_invite(struct store *s, struct store_call *c, int64_t practice_id,
                         int64_t therapist_id, const uint8_t session_id[STORE_ID],
                         const char *actor, store_session_cb cb)
{
    return move(s, c, &invite_session, practice_id, therapist_id, session_id, actor, cb);
}

int store_session_close(struct store *s, struct store_call *c, int64_t practice_id,
                        int64_t therapist_id, const uint8_t session_id[STORE_ID], const char *actor,
                        store_session_cb cb)
{
    return move(s, c, &close_session, practice_id, therapist_id, session_id, actor, cb);
}

int store_sessions_list(struct store *s, struct store_call *c, int64_t practice_id,
                        int64_t therapist_id, const uint8_t *after, unsigned limit,
                        store_sessions_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &list_sessions);
    pg_put_int8(p, practice_id);
    pg_put_int8(p, therapist_id);
    store_put_after(p, after);
    pg_put_int4(p, (int32_t)limit);
    note_sessions(plan, c, therapist_id, after, limit);
    c->cb.sessions = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_session_rows);
}

static void on_imported(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_done_cb cb = c->cb.done;
    cb(c, store_rc_of_row(rc, results, 0, 0));
}

int store_session_import(struct store *s, struct store_call *c,
                         const struct store_session_import *import, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &import_session);
    pg_put_int8(p, import->practice_id);
    pg_put_uuid(p, import->session_id);
    pg_put_uuid(p, import->ticket_id);
    pg_put_text(p, import->client_ref);
    pg_put_text(p, import->therapist);
    pg_put_text(p, import->room);
    pg_put_time(p, import->start);
    pg_put_time(p, import->end);
    pg_put_text(p, import->actor);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_imported);
}
