/* Happy path: a function in the database gives the right or ends it, and a verdict; a list is read
 * in the caller's own scope. Failure: any verdict but "ok" has changed nothing. */
#include "server/pg/store_right.h"

#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "server/pg/notes.h"

static const struct pg_statement act_for = {
    .sql = "select verdict, subject, client, code, name, from_at, until_at from"
           " act_for($1::bigint, $2::bigint, $3::int, $4::text, $5::text, $6::text, $7::text)"};
static const struct pg_statement put_cover = {
    .sql = "select cover_put($1::bigint, $2::text, $3::text, $4::timestamptz, $5::text)"};
static const struct pg_statement put_supervision = {
    .sql = "select supervision_put($1::bigint, $2::text, $3::text, $4::text, $5::timestamptz,"
           " $6::timestamptz, $7::text)"};
static const struct pg_statement end_course = {
    .sql = "select course_end($1::bigint, $2::text, $3::text, $4::text)"};

static const struct pg_statement list_rights = {
    .sql = "select r.scope, p.code, coalesce(t.code, ''), coalesce(si.name, ''), r.from_at,"
           " r.until_at, r.person_id = $3::bigint"
           " from (select 2 as scope, c.practice_id, c.by_id as person_id, c.therapist_id,"
           "  0::bigint as site_id, c.from_at, c.until_at from cover c"
           "  where c.practice_id = $1::bigint and c.ended_at is null and c.until_at > now()"
           "  union all select 3, s.practice_id, s.supervisor_id, s.therapist_id, s.site_id,"
           "  s.from_at, s.until_at from supervision s"
           "  where s.practice_id = $1::bigint and s.ended_at is null and s.until_at > now()"
           "  order by 7, 1, 3, 4, 5 limit $2::int) r"
           " join therapist p on p.practice_id = r.practice_id and p.therapist_id = r.person_id"
           " left join therapist t on t.practice_id = r.practice_id"
           "  and (t.therapist_id = r.therapist_id or r.person_id = $3::bigint"
           "   and t.site_id = r.site_id and t.therapist_id <> r.person_id)"
           " left join site si on si.practice_id = r.practice_id and si.site_id = r.site_id"
           " order by r.until_at, r.scope, p.code, t.code, si.name limit $2::int"};

/* A course that is over is nobody's to read: who looked is said, and not at whom. */
#define LOOK_COLUMNS                                                                               \
    "select b.practice_id, b.owner_id, b.glass_id, t.display_name, coalesce(cl.client_ref, ''),"   \
    " b.reason, b.at, b.seen_at is not null, coalesce(cl.client_id, 0)"
#define LOOK_JOINS                                                                                 \
    " join therapist t on t.practice_id = b.practice_id and t.therapist_id = b.person_id"          \
    " left join course co on co.practice_id = b.practice_id and co.course_id = b.course_id"        \
    " left join client cl on cl.practice_id = co.practice_id and cl.client_id = co.client_id"

static const struct pg_statement list_looks = {
    .sql = LOOK_COLUMNS
    " from (select * from break_glass g where g.practice_id = $1::bigint"
    "  and g.owner_id = $2::bigint order by g.at desc, g.glass_id desc limit $3::int) b" LOOK_JOINS
    " order by b.at desc, b.glass_id desc"};
static const struct pg_statement looks_now = {
    .sql = LOOK_COLUMNS
    " from unnest($1::bigint[], $2::bigint[]) as k (practice_id, therapist_id)"
    " join therapist o on o.practice_id = k.practice_id and o.therapist_id = k.therapist_id"
    " cross join lateral (select * from break_glass g where g.practice_id = o.practice_id"
    "  and g.owner_id = o.therapist_id and g.seen_at is null"
    "  order by g.at, g.glass_id limit $3::int) b" LOOK_JOINS " order by b.at, b.glass_id"};
static const struct pg_statement see_look = {
    .sql = "with seen as (update break_glass set seen_at = coalesce(seen_at, now())"
           "  where practice_id = $1::bigint and owner_id = $2::bigint and glass_id = $3::uuid"
           "  returning practice_id, course_id, glass_id),"
           " noted as (select count(audit_add(s.practice_id, $4::text, 'look.seen',"
           "   audit_course(s.practice_id, s.course_id), jsonb_build_object('look', s.glass_id)))"
           "  from seen s)"
           " select case when noted.count > 0 then 'ok' else 'look_unknown' end from noted"};

static void on_acting(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_acting_cb cb = c->cb.acting;
    struct pg_rows rows;
    struct store_acting acting = {0};
    rc = store_rc_of_row(rc, results, 0, 0);
    if (rc == 0) {
        pg_rows_init(&rows, results->step[0]);
        acting = (struct store_acting){
            .subject = pg_int8(&rows, 0, 1),
            .client_id = pg_int8(&rows, 0, 2),
            .therapist = pg_text(&rows, 0, 3),
            .name = pg_text(&rows, 0, 4),
            .from = pg_time(&rows, 0, 5),
            .until = pg_time(&rows, 0, 6),
        };
        rc = store_rows_rc(&rows);
    }
    cb(c, rc, rc == 0 ? &acting : NULL);
}

int store_act_for(struct store *s, struct store_call *c, enum store_scope scope,
                  const char *therapist, const char *client_ref, const char *reason,
                  store_acting_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &act_for);
    pg_put_int8(p, c->who.practice_id);
    pg_put_int8(p, c->who.person);
    pg_put_int4(p, (int32_t)scope);
    pg_put_text(p, therapist);
    pg_put_text(p, client_ref);
    pg_put_text(p, reason);
    pg_put_text(p, c->who.actor);
    c->cb.acting = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_acting);
}

static void on_put(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_done_cb cb = c->cb.done;
    cb(c, store_rc_of_row(rc, results, 0, 0));
}

int store_cover_put(struct store *s, struct store_call *c, const char *therapist, const char *by,
                    int64_t until, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &put_cover);
    pg_put_int8(p, c->who.practice_id);
    pg_put_text(p, therapist);
    pg_put_text(p, by);
    store_put_time(p, until);
    pg_put_text(p, c->who.actor);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_put);
}

int store_supervision_put(struct store *s, struct store_call *c, const char *supervisor,
                          const char *therapist, const char *site, int64_t from, int64_t until,
                          store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &put_supervision);
    pg_put_int8(p, c->who.practice_id);
    pg_put_text(p, supervisor);
    pg_put_text(p, therapist);
    pg_put_text(p, site);
    store_put_time(p, from);
    store_put_time(p, until);
    pg_put_text(p, c->who.actor);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_put);
}

int store_course_end(struct store *s, struct store_call *c, const char *client_ref,
                     const char *therapist, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &end_course);
    pg_put_int8(p, c->who.practice_id);
    pg_put_text(p, client_ref);
    pg_put_text(p, therapist);
    pg_put_text(p, c->who.actor);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_put);
}

static void on_rights(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_rights_cb cb = c->cb.rights;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_right *list = store_array(rows.count, sizeof *list);
    for (size_t i = 0; i < rows.count; i++) {
        list[i] = (struct store_right){
            .scope = (enum store_scope)pg_int4(&rows, i, 0),
            .person = pg_text(&rows, i, 1),
            .therapist = pg_text(&rows, i, 2),
            .site = pg_text(&rows, i, 3),
            .from = pg_time(&rows, i, 4),
            .until = pg_time(&rows, i, 5),
            .yours = pg_bool(&rows, i, 6),
        };
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? list : NULL, rc == 0 ? rows.count : 0);
    free(list);
}

int store_rights_list(struct store *s, struct store_call *c, unsigned limit, store_rights_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &list_rights);
    pg_put_int8(p, c->who.practice_id);
    pg_put_int4(p, (int32_t)limit);
    pg_put_int8(p, c->who.person);
    note_read(plan, c, "rights.read");
    c->cb.rights = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_rights);
}

static void on_looks(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_looks_cb cb = c->cb.looks;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_look *list = store_array(rows.count, sizeof *list);
    for (size_t i = 0; i < rows.count; i++) {
        list[i] = (struct store_look){
            .practice_id = pg_int8(&rows, i, 0),
            .owner = pg_int8(&rows, i, 1),
            .by = pg_text(&rows, i, 3),
            .client_ref = pg_text(&rows, i, 4),
            .reason = pg_text(&rows, i, 5),
            .at = pg_time(&rows, i, 6),
            .seen = pg_bool(&rows, i, 7),
            .client_id = pg_int8(&rows, i, 8),
        };
        pg_uuid(&rows, i, 2, list[i].look_id);
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? list : NULL, rc == 0 ? rows.count : 0);
    free(list);
}

int store_looks_list(struct store *s, struct store_call *c, unsigned limit, store_looks_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &list_looks);
    pg_put_int8(p, c->who.practice_id);
    pg_put_int8(p, c->who.person);
    pg_put_int4(p, (int32_t)limit);
    note_looks(plan, c, c->who.person, limit);
    c->cb.looks = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_looks);
}

int store_look_seen(struct store *s, struct store_call *c, const uint8_t look_id[STORE_ID],
                    store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &see_look);
    pg_put_int8(p, c->who.practice_id);
    pg_put_int8(p, c->who.person);
    pg_put_uuid(p, look_id);
    pg_put_text(p, c->who.actor);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_put);
}

int store_looks_now(struct store *s, struct store_call *c,
                    const struct store_therapist_key *therapists, size_t count, unsigned limit,
                    store_looks_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &looks_now);
    store_put_therapists(p, therapists, count);
    pg_put_int4(p, (int32_t)limit);
    c->cb.looks = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_looks);
}
