/* Happy path: one statement looks up what is named, puts the row and its audit row, and says "ok".
 * Failure: what is named and not there is the verdict's word, and nothing is put. A label that is
 * another device's, which is not revoked, breaks a unique key: ERR_CONFLICT. */
#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/pg/notes.h"

/* The audit row of a put; `put` has a row when something was put. The actor is the last parameter.
 * What is not read is not run: the last select reads `noted`, which is one row.
 */
#define NOTED(action, actor)                                                                       \
    ", noted as (select count(audit_add($1::bigint, " actor "::text, '" action "', null, null))"   \
    " from put)"

static const struct pg_statement put_site = {
    .sql = "with put as (insert into site (practice_id, name) values ($1::bigint, $2::text)"
           " on conflict (practice_id, name) do nothing returning 1)" NOTED(
               "practice.put_site", "$3") " select 'ok' from noted"};

static const struct pg_statement put_room = {
    .sql =
        "with si as (select site_id from site where practice_id = $1::bigint and name = $2::text),"
        " put as (insert into room (practice_id, site_id, name) select $1::bigint, site_id, "
        "$3::text"
        "  from si on conflict (practice_id, name) do update set site_id = excluded.site_id"
        "  returning 1)" NOTED("practice.put_room",
                               "$4") " select case when exists (select from si) then 'ok' else "
                                     "'site_unknown' end from noted"};

static const struct pg_statement put_therapist = {
    .sql =
        "with si as (select site_id from site where practice_id = $1::bigint and name = $4::text),"
        " back as (update account a set revoked_at = null from therapist t, si"
        "  where t.practice_id = $1::bigint and t.code = $2::text and t.revoked_at is not null"
        "  and a.practice_id = t.practice_id and a.therapist_id = t.therapist_id),"
        " put as (insert into therapist as t (practice_id, site_id, code, display_name, language)"
        "  select $1::bigint, site_id, $2::text, coalesce($3::text, $2::text),"
        "   coalesce($6::text, 'en') from si"
        "  on conflict (practice_id, code) do update set site_id = excluded.site_id,"
        "  display_name = excluded.display_name, language = coalesce($6::text, t.language),"
        "  revoked_at = null"
        "  returning 1)" NOTED("practice.put_therapist",
                               "$5") " select case when exists (select from si) then 'ok' else "
                                     "'site_unknown' end from noted"};

static const struct pg_statement put_client = {
    .sql = "select client_put($1::bigint, $2::text, $3::text, $4::text)"};

/* Two administrators who put each other's devices, or revoke them, come one after the other: the
 * practice's row is locked by a statement of its own, so that the next one sees what was done. */
static const struct pg_statement lock_practice = {
    .sql = "select from practice where practice_id = $1::bigint for no key update"};

static const struct pg_statement put_device = {
    .sql =
        "with ro as (select room_id from room where practice_id = $1::bigint and name = $5::text),"
        " th as (select therapist_id, revoked_at from therapist where practice_id = $1::bigint"
        "  and code = $6::text),"
        " was as (select role, room_id, therapist_id, revoked_at from device"
        "  where practice_id = $1::bigint and fingerprint = $2::bytea),"
        " so as (select case when $3::text = 'kiosk' and not exists (select from ro)"
        "   then 'room_unknown'"
        "  when $3::text = 'therapist' and not exists (select from th) then 'therapist_unknown'"
        "  when $3::text = 'therapist' and (select revoked_at from th) is not null"
        "   then 'therapist_revoked'"
        "  when $3::text <> 'administrator' and not administrator_beside($1::bigint, $2::bytea)"
        "   and exists (select from was where role = 'administrator' and revoked_at is null)"
        "   then 'last_administrator'"
        "  else 'ok' end as verdict),"
        " freed as (select count(device_label_free($1::bigint, $4::text, $2::bytea)) from so"
        "  where so.verdict = 'ok')," /* Read by `put`, so that it comes first. */
        " put as (insert into device (practice_id, fingerprint, role, label, room_id, therapist_id)"
        "  select $1::bigint, $2::bytea, $3::text::device_role, $4::text,"
        "   case when $3::text = 'kiosk' then (select room_id from ro) end,"
        "   case when $3::text = 'therapist' then (select therapist_id from th) end"
        "  from so cross join freed where so.verdict = 'ok'"
        "  on conflict (practice_id, fingerprint) do update set role = excluded.role,"
        "   label = excluded.label, room_id = excluded.room_id,"
        "   therapist_id = excluded.therapist_id, revoked_at = null"
        "  returning role, room_id, therapist_id)," /* Not 1: whose it is now. */
        " moved as (select count(device_moved($1::bigint, $2::bytea)) from put join was"
        "  on (put.role, put.room_id, put.therapist_id) is distinct from"
        "   (was.role, was.room_id, was.therapist_id))" NOTED(
            "practice.put_device",
            "$7") " select verdict from so cross join noted cross join moved"};

static const struct pg_statement lists[] = {
    [STORE_SITES] =
        {.sql = "select name, '' from site where practice_id = $1::bigint and name > $2::text"
                " order by name limit $3::int"},
    [STORE_ROOMS] = {.sql = "select r.name, s.name from room r join site s"
                            " on s.practice_id = r.practice_id and s.site_id = r.site_id"
                            " where r.practice_id = $1::bigint and r.name > $2::text"
                            " order by r.name limit $3::int"},
    [STORE_THERAPISTS] = {.sql = "select code, display_name"
                                 "  || case when revoked_at is null then '' else ' (revoked)' end"
                                 " from therapist"
                                 " where practice_id = $1::bigint and code > $2::text"
                                 " order by code limit $3::int"},
    [STORE_CLIENTS] =
        {.sql = "select cl.client_ref, (select string_agg(case when th.at <= 20 then th.code else "
                "'…' end, ', '"
                "   order by th.at)"
                "  from (select t.code, row_number() over (order by t.code) as at"
                "   from course co join therapist t on t.practice_id = co.practice_id"
                "   and t.therapist_id = co.therapist_id"
                "   where co.practice_id = cl.practice_id and co.client_id = cl.client_id"
                "   order by t.code limit 21) th)" /* An answer is a frame at most. */
                " from client cl where cl.practice_id = $1::bigint"
                " and cl.client_ref > $2::text order by cl.client_ref limit $3::int"},
    [STORE_DEVICES] =
        {.sql = "select d.label, d.role::text || coalesce(' ' || r.name, ' ' || t.code, '')"
                "  || case when d.revoked_at is null then '' else ' (revoked)' end"
                " from device d left join room r on r.practice_id = d.practice_id"
                "  and r.room_id = d.room_id"
                " left join therapist t on t.practice_id = d.practice_id"
                "  and t.therapist_id = d.therapist_id"
                " where d.practice_id = $1::bigint and d.label > $2::text"
                " order by d.label limit $3::int"},
    [STORE_RETENTION] =
        {.sql = "select s.name, case when r.years is null then 'for ever'"
                "  else r.years || ' years after the last session'"
                "  || case when p.retention_nightly then ', each night' else '' end end"
                " from site s join practice p on p.practice_id = s.practice_id"
                " left join retention r on r.practice_id = s.practice_id"
                "  and r.site_id = s.site_id where s.practice_id = $1::bigint"
                " and s.name > $2::text order by s.name limit $3::int"},
    [STORE_HOLDS] =
        {.sql = "select cl.client_ref, coalesce('until ' || h.until, 'open') || ', since '"
                "  || to_char(h.held_at, 'YYYY-MM-DD') || ' by ' || h.held_by || ': ' || h.because"
                " from legal_hold h join client cl on cl.practice_id = h.practice_id"
                "  and cl.client_id = h.client_id where h.practice_id = $1::bigint"
                " and h.released_at is null and cl.client_ref > $2::text"
                " order by cl.client_ref limit $3::int"},
    [STORE_CERTIFICATES] =
        {.sql = "select p.word, to_char(p.finished_at, 'YYYY-MM-DD') || ' by ' || p.run_by || ': '"
                "  || p.gone || ' courses' from retention_plan p"
                " where p.practice_id = $1::bigint and p.finished_at is not null"
                " and p.word > $2::text order by p.word limit $3::int"},
};

static void on_put(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_done_cb cb = c->cb.done;
    cb(c, store_rc_of_row(rc, results, 0, 0));
}

static void on_put_locked(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_done_cb cb = c->cb.done;
    cb(c, store_rc_of_row(rc, results, 1, 0));
}

static int run_put(struct store *s, struct store_call *c, struct pg_plan *plan, store_done_cb cb)
{
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_put);
}

int store_put_site(struct store *s, struct store_call *c, int64_t practice_id, const char *name,
                   const char *actor, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &put_site);
    pg_put_int8(p, practice_id);
    pg_put_text(p, name);
    pg_put_text(p, actor);
    return run_put(s, c, plan, cb);
}

int store_put_room(struct store *s, struct store_call *c, int64_t practice_id, const char *site,
                   const char *name, const char *actor, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &put_room);
    pg_put_int8(p, practice_id);
    pg_put_text(p, site);
    pg_put_text(p, name);
    pg_put_text(p, actor);
    return run_put(s, c, plan, cb);
}

int store_put_therapist(struct store *s, struct store_call *c, int64_t practice_id,
                        const char *code, const char *display_name, const char *site,
                        const char *language, const char *actor, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &put_therapist);
    pg_put_int8(p, practice_id);
    pg_put_text(p, code);
    store_put_text(p, display_name);
    pg_put_text(p, site);
    pg_put_text(p, actor);
    store_put_text(p, language);
    return run_put(s, c, plan, cb);
}

int store_put_client(struct store *s, struct store_call *c, int64_t practice_id,
                     const char *client_ref, const char *therapist, const char *actor,
                     store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &put_client);
    pg_put_int8(p, practice_id);
    pg_put_text(p, client_ref);
    pg_put_text(p, therapist);
    pg_put_text(p, actor);
    return run_put(s, c, plan, cb);
}

int store_put_device(struct store *s, struct store_call *c, const struct store_put_device *device,
                     store_done_cb cb)
{
    static const char *const roles[] = {[STORE_KIOSK] = "kiosk",
                                        [STORE_THERAPIST] = "therapist",
                                        [STORE_ADMINISTRATOR] = "administrator"};
    struct pg_plan *plan = pg_plan_new();
    pg_put_int8(pg_plan_add(plan, &lock_practice), device->practice_id);
    struct pg_params *p = pg_plan_add(plan, &put_device);
    pg_put_int8(p, device->practice_id);
    pg_put_bytes(p, device->fingerprint, STORE_FINGERPRINT);
    pg_put_text(p, roles[device->role]);
    pg_put_text(p, device->label);
    store_put_text(p, device->room);
    store_put_text(p, device->therapist);
    pg_put_text(p, device->actor);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_put_locked);
}

static void on_items(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_items_cb cb = c->cb.items;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_item *items = store_array(rows.count, sizeof *items);
    for (size_t i = 0; i < rows.count; i++) {
        items[i] = (struct store_item){pg_text(&rows, i, 0), pg_text(&rows, i, 1)};
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? items : NULL, rc == 0 ? rows.count : 0);
    free(items);
}

int store_practice_list(struct store *s, struct store_call *c, int64_t practice_id,
                        enum store_kind kind, const char *after, unsigned limit, store_items_cb cb)
{
    must(kind >= STORE_SITES && kind <= STORE_CERTIFICATES);
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &lists[kind]);
    pg_put_int8(p, practice_id);
    pg_put_text(p, after);
    pg_put_int4(p, (int32_t)limit);
    if (kind == STORE_CLIENTS) {
        note_clients(plan, c, after, limit);
    } else {
        note_read(plan, c, "practice.read");
    }
    c->cb.items = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_items);
}
