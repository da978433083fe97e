/* Happy path: the database looks at a page of courses, or takes a page of them; what it has come
 * to, and at the end the counts, are read in the same transaction. Failure: the page is undone, and
 * is looked at or taken by the next call. */
#include "server/pg/store_retention.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/limits.h"
#include "server/pg/certificates.h"
#include "server/pg/operation.h"

/* Courses a transaction: a look reads the last session of most, a take is some twenty statements
 * each and keeps ratings from coming in for its last one. */
enum { LOOK_COURSES = 500, RUN_COURSES = 50 };

static const struct pg_statement put = {
    .sql = "select retention_put($1::bigint, $2::text, $3::int, $4::int, $5::text)"};

static const struct pg_statement hold = {
    .sql = "select hold_put($1::bigint, $2::text, $3::text::date, $4::text, $5::text)"};

static const struct pg_statement look = {
    .sql = "select verdict, more from retention_look($1::bigint, $2::uuid, $3::int, $4::text)"};

static const struct pg_statement run = {
    .sql = "select verdict, more from retention_run($1::bigint, $2::text, $3::int, $4::text)"};

#define PLAN(which)                                                                                \
    "select coalesce(p.word, ''), p.made_by, p.run_by, encode(p.gone_hash, 'hex'),"                \
    " p.courses, p.held, p.gone, p.kept, p.as_of, p.begun_at, p.finished_at"                       \
    " from retention_plan p"                                                                       \
    " where p.practice_id = $1::bigint and " which

/* In the order of the sites' names, since the reader goes on by them. */
#define ROWS(which, state)                                                                         \
    "select s.name, c.year, c.counts from retention_plan p"                                        \
    " join retention_count c on c.practice_id = p.practice_id and c.plan_id = p.plan_id"           \
    " join site s on s.practice_id = c.practice_id and s.site_id = c.site_id"                      \
    " where p.practice_id = $1::bigint and " which " and " state                                   \
    " and (s.name, c.year) > ($3::text, $4::int) order by s.name, c.year limit $5::int"

static const struct pg_statement looked = {.sql = PLAN("p.plan_id = $2::uuid")};
static const struct pg_statement ran = {.sql = PLAN("p.word = $2::text")};
static const struct pg_statement looked_rows = {
    .sql = ROWS("p.plan_id = $2::uuid", "not c.gone and p.word is not null")};
static const struct pg_statement ran_rows = {
    .sql = ROWS("p.word = $2::text", "c.gone and p.finished_at is not null")};

static void on_done(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_done_cb cb = c->cb.done;
    cb(c, store_rc_of_row(rc, results, 0, 0));
}

int store_retention_put(struct store *s, struct store_call *c, int64_t practice_id,
                        const char *site, unsigned years, unsigned night, const char *actor,
                        store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &put);
    pg_put_int8(p, practice_id);
    pg_put_text(p, site);
    pg_put_int4(p, (int32_t)years);
    pg_put_int4(p, (int32_t)night);
    pg_put_text(p, actor);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_done);
}

int store_hold_put(struct store *s, struct store_call *c, int64_t practice_id,
                   const char *client_ref, const char *until, const char *because,
                   const char *actor, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &hold);
    pg_put_int8(p, practice_id);
    pg_put_text(p, client_ref);
    store_put_text(p, until);
    store_put_text(p, because);
    pg_put_text(p, actor);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_done);
}

static const struct pg_statement night = {.sql = "select retention_night($1::int)"};

int store_retention_night(struct store *s, struct store_call *c, store_counted_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    pg_put_int4(pg_plan_add(plan, &night), RUN_COURSES);
    c->cb.counted = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_count);
}

static const struct pg_statement copy = {
    .sql = "with one as (select co.client_id from client cl join course co"
           "  on co.practice_id = cl.practice_id and co.client_id = cl.client_id"
           "  where cl.practice_id = $1::bigint and co.practice_id = $1::bigint"
           "  and co.therapist_id = $2::bigint and cl.client_ref = $3::text),"
           " noted as (select count(audit_add($1::bigint, $4::text, 'client.copy',"
           "  array[client_id], null)) as n from one)"
           " select case n when 1 then 'ok' else 'client_unknown' end from noted"};

int store_client_copy(struct store *s, struct store_call *c, int64_t practice_id,
                      int64_t therapist_id, const char *client_ref, const char *actor,
                      store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &copy);
    pg_put_int8(p, practice_id);
    pg_put_int8(p, therapist_id);
    pg_put_text(p, client_ref);
    pg_put_text(p, actor);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_done);
}

/* ---- plans and runs ---------------------------------------------------------------------------
 */

static void rows_of(struct pg_rows *rows, struct store_retention_row *list)
{
    for (size_t i = 0; i < rows->count; i++) {
        list[i].site = pg_text(rows, i, 0);
        list[i].year = (unsigned)pg_int4(rows, i, 1);
        struct pg_array counts = pg_array(rows, i, 2, sizeof(uint32_t));
        for (size_t at = 0; at < counts.count && at < STORE_RETENTION_COUNTS; at++) {
            uint32_t number;
            memcpy(&number, pg_array_at(&counts, at), sizeof number);
            list[i].counts[at] = ntohl(number);
        }
    }
}

static struct store_retention plan_of(struct pg_rows *rows, bool more)
{
    return (struct store_retention){
        .more = more,
        .word = pg_text(rows, 0, 0),
        .made_by = pg_text(rows, 0, 1),
        .run_by = pg_text(rows, 0, 2),
        .ids_sha256 = pg_text(rows, 0, 3),
        .courses = (unsigned)pg_int4(rows, 0, 4),
        .held = (unsigned)pg_int4(rows, 0, 5),
        .gone = (unsigned)pg_int4(rows, 0, 6),
        .kept = (unsigned)pg_int4(rows, 0, 7),
        .made = pg_time(rows, 0, 8),
        .begun = pg_time(rows, 0, 9),
        .finished = pg_time(rows, 0, 10),
    };
}

/* Of a run that has come to its end. */
static bool read_certificate(struct pg_rows *rows, struct store_certificate *ret_certificate)
{
    if (rows->count == 1) {
        certificate_row(rows, 0, ret_certificate);
    }
    return rows->count == 1;
}

static void on_page(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_retention_cb cb = c->cb.retention;
    struct pg_rows verdict, plan, rows, kept;
    struct store_certificate certificate;
    rc = store_rc_of_row(rc, results, 0, 0);
    if (rc != 0) {
        cb(c, rc, NULL);
        return;
    }
    pg_rows_init(&verdict, results->step[0]);
    pg_rows_init(&plan, results->step[1]);
    pg_rows_init(&rows, results->step[2]);
    pg_rows_init(&kept, results->step[3]); /* Of a look: none. */
    plan.bad = plan.bad || plan.count != 1;
    struct store_retention_row *list = store_array(rows.count, sizeof *list);
    struct store_retention page = {0};
    if (!plan.bad) {
        rows_of(&rows, list);
        page = plan_of(&plan, pg_bool(&verdict, 0, 1));
        page.certificate = read_certificate(&kept, &certificate) ? &certificate : NULL;
        page.rows = list;
        page.more_rows = rows.count > LIMIT_RETENTION_ROWS;
        page.row_count = page.more_rows ? LIMIT_RETENTION_ROWS : rows.count;
    }
    plan.bad = plan.bad || rows.bad || verdict.bad || kept.bad;
    rc = store_rows_rc(&plan);
    cb(c, rc, rc == 0 ? &page : NULL);
    free(list);
}

static void put_place(struct pg_params *p, struct store_retention_place after)
{
    pg_put_text(p, after.site);
    pg_put_int4(p, (int32_t)after.year);
    pg_put_int4(p, LIMIT_RETENTION_ROWS + 1);
}

int store_retention_look(struct store *s, struct store_call *c, int64_t practice_id,
                         const uint8_t plan_id[STORE_ID], struct store_retention_place after,
                         const char *actor, store_retention_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &look);
    pg_put_int8(p, practice_id);
    pg_put_uuid(p, plan_id);
    pg_put_int4(p, LOOK_COURSES);
    pg_put_text(p, actor);
    p = pg_plan_add(plan, &looked);
    pg_put_int8(p, practice_id);
    pg_put_uuid(p, plan_id);
    p = pg_plan_add(plan, &looked_rows);
    pg_put_int8(p, practice_id);
    pg_put_uuid(p, plan_id);
    put_place(p, after);
    c->cb.retention = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_page);
}

int store_retention_run(struct store *s, struct store_call *c, int64_t practice_id,
                        const char *word, struct store_retention_place after, const char *actor,
                        store_retention_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &run);
    pg_put_int8(p, practice_id);
    pg_put_text(p, word);
    pg_put_int4(p, RUN_COURSES);
    pg_put_text(p, actor);
    p = pg_plan_add(plan, &ran);
    pg_put_int8(p, practice_id);
    pg_put_text(p, word);
    p = pg_plan_add(plan, &ran_rows);
    pg_put_int8(p, practice_id);
    pg_put_text(p, word);
    put_place(p, after);
    certificate_put_find(plan, practice_id, "retention", word);
    c->cb.retention = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_page);
}
