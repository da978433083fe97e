/* Happy path: each read's last step adds one row to the connection's chain: who, what, and whose.
 * Failure: a row that cannot be added undoes the transaction, and the answer is the failure's. */
#include "server/pg/notes.h"

/* $1 the practice, $2 the actor, $3 what was done; the rest is the statement's own. */
static const struct pg_statement of_nobody = {
    .sql = "select audit_add($1::bigint, $2::text, $3::text, null, null)"};

static const struct pg_statement of_client = {
    .sql = "select audit_add($1::bigint, $2::text, $3::text, array[cl.client_id], null)"
           " from client cl join course co on co.practice_id = cl.practice_id"
           "  and co.client_id = cl.client_id where cl.practice_id = $1::bigint"
           " and co.practice_id = $1::bigint and co.therapist_id = $4::bigint"
           " and cl.client_ref = $5::text"};

static const struct pg_statement of_alert = {
    .sql = "select audit_add($1::bigint, $2::text, $3::text, array[co.client_id],"
           "  jsonb_build_object('alert', a.alert_id)) from alert a"
           " join course co on co.practice_id = a.practice_id and co.course_id = a.course_id"
           " where a.practice_id = $1::bigint and a.therapist_id = $4::bigint"
           "  and a.alert_id = $5::uuid"};

/* The page is the one that the list's own statement reads, in store_caseload.c and so on. */
#define OF_PAGE(page)                                                                              \
    "select audit_add($1::bigint, $2::text, $3::text,"                                             \
    " (select array_agg(p.client_id) from (" page ") p), null)"

static const struct pg_statement of_caseload = {
    .sql = OF_PAGE("select m.client_id from course m cross join lateral (select k.client_ref"
                   "  from client k where k.practice_id = m.practice_id"
                   "   and k.client_id = m.client_id limit 1) c"
                   " where m.practice_id = $1::bigint and m.therapist_id = $4::bigint"
                   "  and c.client_ref > $5::text order by c.client_ref limit $6::int")};

static const struct pg_statement of_clients = {
    .sql = OF_PAGE("select cl.client_id from client cl where cl.practice_id = $1::bigint"
                   " and cl.client_ref > $4::text order by cl.client_ref limit $5::int")};

static const struct pg_statement of_sessions = {
    .sql = OF_PAGE("select co.client_id from (select s.practice_id, s.course_id from session s"
                   "  where s.practice_id = $1::bigint and s.therapist_id = $4::bigint"
                   "  and (s.start_at, s.session_id) < (case when $5::uuid is null then 'infinity'"
                   "   else (select l.start_at from session l where l.practice_id = $1::bigint"
                   "    and l.therapist_id = $4::bigint and l.session_id = $5::uuid) end, $5::uuid)"
                   "  order by s.start_at desc, s.session_id desc limit $6::int) s"
                   " join course co on co.practice_id = s.practice_id"
                   "  and co.course_id = s.course_id")};

static const struct pg_statement of_alerts = {
    .sql = OF_PAGE("select co.client_id from (select a.practice_id, a.course_id from alert a"
                   "  where a.practice_id = $1::bigint and a.therapist_id = $4::bigint"
                   "  and (a.created_at, a.alert_id) < (case when $5::uuid is null then 'infinity'"
                   "   else (select l.created_at from alert l where l.practice_id = $1::bigint"
                   "    and l.therapist_id = $4::bigint and l.alert_id = $5::uuid) end, $5::uuid)"
                   "  order by a.created_at desc, a.alert_id desc limit $6::int) a"
                   " join course co on co.practice_id = a.practice_id"
                   "  and co.course_id = a.course_id")};

static const struct pg_statement of_looks = {
    .sql = OF_PAGE("select co.client_id from (select g.practice_id, g.course_id from break_glass g"
                   "  where g.practice_id = $1::bigint and g.owner_id = $4::bigint"
                   "  order by g.at desc, g.glass_id desc limit $5::int) g"
                   " join course co on co.practice_id = g.practice_id"
                   "  and co.course_id = g.course_id")};

/* The step with its first three parameters, or NULL: nothing is to be noted. */
static struct pg_params *begin(struct pg_plan *plan, const struct store_call *c, const char *action,
                               const struct pg_statement *statement)
{
    if (c->who.actor == NULL) {
        return NULL;
    }
    struct pg_params *p = pg_step_set(&plan->after, statement);
    pg_put_int8(p, c->who.practice_id);
    pg_put_text(p, c->who.actor);
    pg_put_text(p, action);
    return p;
}

static int32_t shown(unsigned limit)
{
    return limit > 0 ? (int32_t)limit - 1 : 0;
}

void note_read(struct pg_plan *plan, const struct store_call *c, const char *action)
{
    (void)begin(plan, c, action, &of_nobody);
}

void note_client(struct pg_plan *plan, const struct store_call *c, const char *action,
                 int64_t therapist_id, const char *client_ref)
{
    struct pg_params *p = begin(plan, c, action, &of_client);
    if (p != NULL) {
        plan->one_snapshot = true;
        pg_put_int8(p, therapist_id);
        pg_put_text(p, client_ref);
    }
}

void note_alert(struct pg_plan *plan, const struct store_call *c, const char *action,
                int64_t therapist_id, const uint8_t alert_id[STORE_ID])
{
    struct pg_params *p = begin(plan, c, action, &of_alert);
    if (p != NULL) {
        plan->one_snapshot = true;
        pg_put_int8(p, therapist_id);
        pg_put_uuid(p, alert_id);
    }
}

void note_caseload(struct pg_plan *plan, const struct store_call *c, int64_t therapist_id,
                   const char *after, unsigned limit)
{
    struct pg_params *p = begin(plan, c, "caseload.read", &of_caseload);
    if (p != NULL) {
        plan->one_snapshot = true;
        pg_put_int8(p, therapist_id);
        pg_put_text(p, after);
        pg_put_int4(p, shown(limit));
    }
}

void note_clients(struct pg_plan *plan, const struct store_call *c, const char *after,
                  unsigned limit)
{
    struct pg_params *p = begin(plan, c, "clients.read", &of_clients);
    if (p != NULL) {
        plan->one_snapshot = true;
        pg_put_text(p, after);
        pg_put_int4(p, shown(limit));
    }
}

static void note_newest(struct pg_plan *plan, const struct store_call *c, const char *action,
                        const struct pg_statement *statement, int64_t therapist_id,
                        const uint8_t *after, unsigned limit)
{
    struct pg_params *p = begin(plan, c, action, statement);
    if (p != NULL) {
        plan->one_snapshot = true;
        pg_put_int8(p, therapist_id);
        store_put_after(p, after);
        pg_put_int4(p, shown(limit));
    }
}

void note_sessions(struct pg_plan *plan, const struct store_call *c, int64_t therapist_id,
                   const uint8_t *after, unsigned limit)
{
    note_newest(plan, c, "sessions.read", &of_sessions, therapist_id, after, limit);
}

void note_alerts(struct pg_plan *plan, const struct store_call *c, int64_t therapist_id,
                 const uint8_t *after, unsigned limit)
{
    note_newest(plan, c, "alerts.read", &of_alerts, therapist_id, after, limit);
}

void note_looks(struct pg_plan *plan, const struct store_call *c, int64_t owner, unsigned limit)
{
    struct pg_params *p = begin(plan, c, "looks.read", &of_looks);
    if (p != NULL) {
        plan->one_snapshot = true;
        pg_put_int8(p, owner);
        pg_put_int4(p, (int32_t)limit);
    }
}
