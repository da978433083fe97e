/* Happy path: a therapist's own ratings, alerts, goals and one client's sessions, a page at a time,
 * newest first. Failure: a client that is not this therapist's is ERR_CLIENT_UNKNOWN: asked in the
 * same transaction, so that an empty page and an unknown client are told apart. */
#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "server/pg/alert_rows.h"
#include "server/pg/goal_rows.h"
#include "server/pg/notes.h"
#include "server/pg/session_rows.h"

/* Does this therapist have a course with that client? */
#define HAS_COURSE                                                                                 \
    "select exists (select from client cl join course co on co.practice_id = cl.practice_id"       \
    " and co.client_id = cl.client_id where cl.practice_id = $1::bigint"                           \
    " and co.practice_id = $1::bigint and co.therapist_id = $2::bigint and cl.client_ref = "       \
    "$3::text)"

static const struct pg_statement has_course = {.sql = HAS_COURSE};

/* The client's one course with this therapist: what follows it is read in the course's own order, a
 * page and no more. */
#define OF_COURSE                                                                                  \
    " from client cl join course co on co.practice_id = cl.practice_id"                            \
    "  and co.client_id = cl.client_id and co.therapist_id = $2::bigint"

static const struct pg_statement list_ratings = {
    .sql = "select r.rating_id, r.session_id, r.session_start, r.made_at, r.received_at, r.skipped,"
           " r.understanding, r.relevance, r.safety, r.fit, r.talk::text, r.instrument,"
           " array_position(enum_range(null::better), r.better)::smallint,"
           " array_position(enum_range(null::tension), r.tension)::smallint" OF_COURSE
           " cross join lateral (select ra.* from ticket t"
           "  join rating ra on ra.practice_id = t.practice_id and ra.ticket_id = t.ticket_id"
           "  where t.practice_id = co.practice_id and t.course_id = co.course_id"
           "   and not answer_covered(t.practice_id, t.session_id, t.session_start)"
           "   and (t.session_start, t.ticket_id) <"
           "    (case when $4::uuid is null then 'infinity' else"
           "     (select l.session_start from rating l where l.practice_id = $1::bigint"
           "      and l.therapist_id = $2::bigint and l.rating_id = $4::uuid) end,"
           "     (select l.ticket_id from rating l where l.practice_id = $1::bigint"
           "      and l.rating_id = $4::uuid))"
           "  order by t.session_start desc, t.ticket_id desc limit $5::int) r"
           " where cl.practice_id = $1::bigint and cl.client_ref = $3::text"
           " order by r.session_start desc, r.ticket_id desc"};

#define BEFORE                                                                                     \
    "(created_at, alert_id) < (case when $4::uuid is null then 'infinity' else"                    \
    " (select l.created_at from alert l where l.practice_id = $1::bigint"                          \
    "  and l.therapist_id = $2::bigint and l.alert_id = $4::uuid) end, $4::uuid)"

/* $3 is the other one's. */
static const struct pg_statement list_alerts = {
    .sql = "select " ALERT_COLUMNS " from alert_view v"
           " where v.practice_id = $1::bigint and v.therapist_id = $2::bigint"
           "  and not answer_covered(v.practice_id, v.session_id, v.session_start)"
           "  and $3::text is null and " BEFORE
           " order by v.created_at desc, v.alert_id desc limit $5::int"};

static const struct pg_statement list_client_alerts = {
    .sql = "select " ALERT_COLUMNS OF_COURSE " cross join lateral (select a.* from alert_view a"
           "  where a.practice_id = co.practice_id and a.course_id = co.course_id"
           "   and not answer_covered(a.practice_id, a.session_id, a.session_start) and " BEFORE
           "  order by a.created_at desc, a.alert_id desc limit $5::int) v"
           " where cl.practice_id = $1::bigint and cl.client_ref = $3::text"
           " order by v.created_at desc, v.alert_id desc"};

static const struct pg_statement list_goals = {
    .sql = "select " GOAL_COLUMNS OF_COURSE " cross join lateral (select g.practice_id, g.goal_id"
           "  from goal g where g.practice_id = co.practice_id and g.course_id = co.course_id"
           "   and (g.session_start, g.goal_id) < (case when $4::uuid is null then 'infinity' else"
           "    (select l.session_start from goal l where l.practice_id = $1::bigint"
           "     and l.therapist_id = $2::bigint and l.goal_id = $4::uuid) end, $4::uuid)"
           "  order by g.session_start desc, g.goal_id desc limit $5::int) page"
           " cross join lateral (select * from goal_view w"
           "  where w.practice_id = page.practice_id and w.goal_id = page.goal_id limit 1) v"
           " where cl.practice_id = $1::bigint and cl.client_ref = $3::text"
           " order by v.session_start desc, v.goal_id desc"};

static const struct pg_statement list_client_sessions = {
    .sql = "select " SESSION_COLUMNS OF_COURSE
           " cross join lateral (select t.practice_id, t.session_id, t.session_start, t.ticket_id"
           "  from ticket t where t.practice_id = co.practice_id and t.course_id = co.course_id"
           "   and (t.session_start, t.ticket_id) <"
           "    (case when $4::uuid is null then 'infinity' else"
           "     (select l.session_start from ticket l where l.practice_id = $1::bigint"
           "      and l.therapist_id = $2::bigint and l.session_id = $4::uuid) end,"
           "     (select l.ticket_id from ticket l where l.practice_id = $1::bigint"
           "      and l.session_id = $4::uuid))"
           "  order by t.session_start desc, t.ticket_id desc limit $5::int) page"
           " cross join lateral (select * from session_view w"
           "  where w.practice_id = page.practice_id and w.session_id = page.session_id limit 1) v"
           " where cl.practice_id = $1::bigint and cl.client_ref = $3::text"
           " order by page.session_start desc, page.ticket_id desc"};

static const struct pg_statement receive = {
    .sql =
        "with got as ("
        " update alert_delivery set received_at = now()"
        " where practice_id = $1::bigint and therapist_id = $2::bigint"
        "  and alert_id = any ($3::uuid[]) and received_at is null returning practice_id, alert_id"
        "), reached as ("
        " update rupture r set delivered_at = now() from alert a"
        " where a.practice_id = $1::bigint and a.alert_id in (select g.alert_id from got g)"
        "  and a.tier = 'red'"
        "  and r.practice_id = $1::bigint and r.opened_rating = a.opened_rating"
        "  and r.delivered_at is null returning r.practice_id, r.opened_rating"
        "), moved as ("
        " insert into rupture_move (practice_id, opened_rating, actor, move)"
        " select practice_id, opened_rating, 'attune-server', 'delivered' from reached"
        ") select audit_add($1::bigint, $4::text, 'alerts.received', array_agg(co.client_id),"
        "  jsonb_build_object('count', count(*))) from got"
        " join alert a on a.practice_id = got.practice_id and a.alert_id = got.alert_id"
        " join course co on co.practice_id = a.practice_id and co.course_id = a.course_id"
        " having count(*) > 0"};

static void put_page(struct pg_params *p, int64_t practice_id, int64_t therapist_id,
                     const char *client_ref, const uint8_t *after, unsigned limit)
{
    pg_put_int8(p, practice_id);
    pg_put_int8(p, therapist_id);
    store_put_text(p, client_ref);
    store_put_after(p, after);
    pg_put_int4(p, (int32_t)limit);
}

static void add_has_course(struct pg_plan *plan, int64_t practice_id, int64_t therapist_id,
                           const char *client_ref)
{
    struct pg_params *p = pg_plan_add(plan, &has_course);
    pg_put_int8(p, practice_id);
    pg_put_int8(p, therapist_id);
    pg_put_text(p, client_ref);
}

/* The second step's answer: may the client's page be shown? */
static int client_rc(int rc, const struct pg_results *results)
{
    if (rc != 0) {
        return store_rc(rc, results);
    }
    struct pg_rows known;
    pg_rows_init(&known, results->step[1]);
    bool yes = pg_bool(&known, 0, 0);
    rc = store_rows_rc(&known);
    return rc != 0 ? rc : yes ? 0 : ERR_CLIENT_UNKNOWN;
}

static void rating_row(struct pg_rows *rows, size_t row, struct store_stored_rating *ret_rating)
{
    struct store_stored_rating r = {
        .session_start = pg_time(rows, row, 2),
        .made_at = pg_time(rows, row, 3),
        .received_at = pg_time(rows, row, 4),
        .skipped = pg_bool(rows, row, 5),
        .talk = store_talk(rows, row, 10),
        .instrument = pg_text(rows, row, 11),
        .better = pg_is_null(rows, row, 12) ? 0 : (uint8_t)pg_int2(rows, row, 12),
        .tension = pg_is_null(rows, row, 13) ? 0 : (uint8_t)pg_int2(rows, row, 13),
    };
    pg_uuid(rows, row, 0, r.rating_id);
    pg_uuid(rows, row, 1, r.session_id);
    store_scores(rows, row, 6, r.scores);
    *ret_rating = r;
}

static void on_ratings(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_stored_ratings_cb cb = c->cb.stored_ratings;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_stored_rating *ratings = store_array(rows.count, sizeof *ratings);
    for (size_t i = 0; i < rows.count; i++) {
        rating_row(&rows, i, &ratings[i]);
    }
    rc = client_rc(rc, results);
    rc = rc == 0 ? store_rows_rc(&rows) : rc;
    cb(c, rc, rc == 0 ? ratings : NULL, rc == 0 ? rows.count : 0);
    free(ratings);
}

int store_ratings_list(struct store *s, struct store_call *c, int64_t practice_id,
                       int64_t therapist_id, const char *client_ref, const uint8_t *after,
                       unsigned limit, store_stored_ratings_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    put_page(pg_plan_add(plan, &list_ratings), practice_id, therapist_id, client_ref, after, limit);
    add_has_course(plan, practice_id, therapist_id, client_ref);
    note_client(plan, c, "ratings.read", therapist_id, client_ref);
    c->cb.stored_ratings = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_ratings);
}

static void on_goals(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_goals_cb cb = c->cb.goals;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_goal *goals = goal_rows(&rows);
    rc = client_rc(rc, results);
    rc = rc == 0 ? store_rows_rc(&rows) : rc;
    cb(c, rc, rc == 0 ? goals : NULL, rc == 0 ? rows.count : 0);
    free(goals);
}

int store_goals_list(struct store *s, struct store_call *c, int64_t practice_id,
                     int64_t therapist_id, const char *client_ref, const uint8_t *after,
                     unsigned limit, store_goals_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    put_page(pg_plan_add(plan, &list_goals), practice_id, therapist_id, client_ref, after, limit);
    add_has_course(plan, practice_id, therapist_id, client_ref);
    note_client(plan, c, "goals.read", therapist_id, client_ref);
    c->cb.goals = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_goals);
}

static void on_client_sessions(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    rc = client_rc(rc, results);
    if (rc != 0) {
        store_sessions_cb cb = c->cb.sessions;
        cb(c, rc, NULL, 0);
        return;
    }
    on_session_rows(call, 0, results);
}

int store_client_sessions_list(struct store *s, struct store_call *c, int64_t practice_id,
                               int64_t therapist_id, const char *client_ref, const uint8_t *after,
                               unsigned limit, store_sessions_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    put_page(pg_plan_add(plan, &list_client_sessions), practice_id, therapist_id, client_ref, after,
             limit);
    add_has_course(plan, practice_id, therapist_id, client_ref);
    note_client(plan, c, "sessions.read", therapist_id, client_ref);
    c->cb.sessions = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_client_sessions);
}

static void on_client_alerts(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    rc = client_rc(rc, results);
    if (rc != 0) {
        store_alerts_cb cb = c->cb.alerts;
        cb(c, rc, NULL, 0);
        return;
    }
    on_alert_rows(call, 0, results);
}

int store_alerts_list(struct store *s, struct store_call *c, int64_t practice_id,
                      int64_t therapist_id, const char *client_ref, const uint8_t *after,
                      unsigned limit, store_alerts_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    bool of_all = client_ref[0] == '\0';
    put_page(pg_plan_add(plan, of_all ? &list_alerts : &list_client_alerts), practice_id,
             therapist_id, client_ref, after, limit);
    c->cb.alerts = cb;
    if (of_all) {
        note_alerts(plan, c, therapist_id, after, limit);
        return store_run(s, c, PG_LANE_READ, plan, on_alert_rows);
    }
    add_has_course(plan, practice_id, therapist_id, client_ref);
    note_client(plan, c, "alerts.read", therapist_id, client_ref);
    return store_run(s, c, PG_LANE_READ, plan, on_client_alerts);
}

static void on_received(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_done_cb cb = c->cb.done;
    cb(c, store_rc(rc, results));
}

int store_alerts_receive(struct store *s, struct store_call *c, int64_t practice_id,
                         int64_t therapist_id, const uint8_t (*alert_ids)[STORE_ID], size_t count,
                         store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &receive);
    pg_put_int8(p, practice_id);
    pg_put_int8(p, therapist_id);
    pg_put_array(p, PG_UUID);
    for (size_t i = 0; i < count; i++) {
        pg_put_uuid(p, alert_ids[i]);
    }
    pg_put_array_end(p);
    pg_put_text(p, c->who.actor != NULL ? c->who.actor : "attune-server");
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_received);
}
