/* Happy path: each operation is one function in the database, its verdict a word in the first
 * column. Failure: a verdict other than "ok" has changed nothing but the count of wrong codes. */
#include "server/pg/store_enrol.h"

#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "server/pg/operation.h"

static const struct pg_statement add_code = {
    .sql = "select verdict, given_label, ends from device_code_add($1::bigint, $2::bytea,"
           " $3::text, $4::text, $5::text, $6::text, $7::text)"};
static const struct pg_statement forget_code = {
    .sql = "select device_code_forget($1::bigint, $2::text, $3::text)"};
static const struct pg_statement enrol = {
    .sql = "select verdict, retry_s, practice_id, practice, label, role, place, certificate"
           " from device_enrol($1::bytea, $2::bytea, $3::text, $4::text, $5::int)"};
static const struct pg_statement enrolled = {
    .sql = "select device_enrolled($1::bytea, $2::bytea, $3::bytea)"};
static const struct pg_statement renewal = {.sql = "select device_renewal($1::bigint, $2::bytea)"};
static const struct pg_statement renewal_back = {
    .sql = "select device_renewal_back($1::bigint, $2::bytea)"};
static const struct pg_statement renewed = {
    .sql = "select case when audit_add($1::bigint, $2::text, 'device.renew', null,"
           " jsonb_build_object('expired', $3::boolean)) > 0 then 'ok' end"};
static const struct pg_statement seen_many = {
    .sql = "select device_seen($1::bigint[], $2::bytea[], $3::timestamptz[], $4::timestamptz[],"
           " $5::text[], $6::bigint[], $7::int[], $8::int[], $9::bytea[])"};

static const char *const roles[] = {"", "kiosk", "therapist", "administrator"};

const char *store_role_word(unsigned role)
{
    return roles[role <= STORE_ADMINISTRATOR ? role : 0];
}

enum store_role store_role_of(struct pg_rows *rows, size_t row, int column)
{
    const char *word = pg_text(rows, row, column);
    for (unsigned role = STORE_KIOSK; role <= STORE_ADMINISTRATOR; role++) {
        if (strcmp(word, roles[role]) == 0) {
            return (enum store_role)role;
        }
    }
    rows->bad = true;
    return STORE_KIOSK;
}

/* ---- codes ----------------------------------------------------------------------------------- */

static void on_added(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_code_cb cb = c->cb.code;
    struct pg_rows rows;
    rc = store_rc_of_row(rc, results, 0, 0);
    if (rc != 0) {
        cb(c, rc, NULL, 0);
        return;
    }
    pg_rows_init(&rows, results->step[0]);
    const char *label = pg_text(&rows, 0, 1);
    int64_t expires = pg_time(&rows, 0, 2);
    cb(c, store_rows_rc(&rows), label, expires);
}

int store_code_add(struct store *s, struct store_call *c, const struct store_code_add *add,
                   store_code_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &add_code);
    pg_put_int8(p, add->practice_id);
    pg_put_bytes(p, add->hash, sizeof add->hash);
    pg_put_text(p, store_role_word(add->role));
    store_put_text(p, add->room);
    store_put_text(p, add->therapist);
    store_put_text(p, add->label);
    pg_put_text(p, add->actor);
    c->cb.code = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_added);
}

static void on_verdict(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_done_cb cb = c->cb.done;
    cb(c, store_rc_of_row(rc, results, 0, 0));
}

int store_code_forget(struct store *s, struct store_call *c, int64_t practice_id, const char *label,
                      const char *actor, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &forget_code);
    pg_put_int8(p, practice_id);
    pg_put_text(p, label);
    pg_put_text(p, actor);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_verdict);
}

/* ---- enrolling ------------------------------------------------------------------------------- */

static void on_enrolled(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_enrol_cb cb = c->cb.enrol;
    struct pg_rows rows;
    rc = store_rc_of_row(rc, results, 0, 0);
    pg_rows_init(&rows, results->step[0]);
    if (rc != 0) {
        cb(c, rc, NULL, rc == ERR_ENROL_LATER ? (unsigned)pg_int4(&rows, 0, 1) : 0);
        return;
    }
    size_t certificate_len = 0;
    const uint8_t *certificate = pg_blob(&rows, 0, 7, &certificate_len);
    struct store_enrolled e = {
        .practice_id = pg_int8(&rows, 0, 2),
        .practice = pg_text(&rows, 0, 3),
        .label = pg_text(&rows, 0, 4),
        .role = store_role_of(&rows, 0, 5),
        .place = pg_text(&rows, 0, 6),
        .certificate = certificate,
        .certificate_len = certificate_len,
    };
    cb(c, store_rows_rc(&rows), &e, 0);
}

int store_enrol(struct store *s, struct store_call *c, const uint8_t hash[STORE_FINGERPRINT],
                const uint8_t key[STORE_FINGERPRINT], const char *address, unsigned role,
                store_enrol_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &enrol);
    pg_put_bytes(p, hash, STORE_FINGERPRINT);
    pg_put_bytes(p, key, STORE_FINGERPRINT);
    pg_put_text(p, address);
    store_put_text(p, store_role_word(role));
    pg_put_int4(p, LIMIT_ENROL_WRONG_ROWS);
    c->cb.enrol = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_enrolled);
}

static void on_kept(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_kept_cb cb = c->cb.kept;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    rc = store_rc(rc, results);
    size_t len = 0;
    const uint8_t *kept = rc == 0 ? pg_blob(&rows, 0, 0, &len) : NULL;
    rc = rc == 0 ? store_rows_rc(&rows) : rc;
    rc = rc == 0 && kept == NULL ? ERR_CODE_REFUSED : rc; /* It was forgotten meanwhile. */
    cb(c, rc, kept, len);
}

int store_enrol_keep(struct store *s, struct store_call *c, const uint8_t hash[STORE_FINGERPRINT],
                     const uint8_t key[STORE_FINGERPRINT], const uint8_t *certificate, size_t len,
                     store_kept_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &enrolled);
    pg_put_bytes(p, hash, STORE_FINGERPRINT);
    pg_put_bytes(p, key, STORE_FINGERPRINT);
    pg_put_bytes(p, certificate, len);
    c->cb.kept = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_kept);
}

static int renewals(struct store *s, struct store_call *c, const struct pg_statement *statement,
                    int64_t practice_id, const uint8_t key[STORE_FINGERPRINT], store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, statement);
    pg_put_int8(p, practice_id);
    pg_put_bytes(p, key, STORE_FINGERPRINT);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_verdict);
}

int store_renewal(struct store *s, struct store_call *c, int64_t practice_id,
                  const uint8_t key[STORE_FINGERPRINT], store_done_cb cb)
{
    return renewals(s, c, &renewal, practice_id, key, cb);
}

int store_renewal_back(struct store *s, struct store_call *c, int64_t practice_id,
                       const uint8_t key[STORE_FINGERPRINT], store_done_cb cb)
{
    return renewals(s, c, &renewal_back, practice_id, key, cb);
}

int store_renewed(struct store *s, struct store_call *c, int64_t practice_id, const char *label,
                  bool was_expired, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &renewed);
    pg_put_int8(p, practice_id);
    pg_put_text(p, label);
    pg_put_bool(p, was_expired);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_verdict);
}

/* ---- seen ------------------------------------------------------------------------------------ */

static void on_seen(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    c->cb.done(c, store_rc(rc, results));
}

static void put_times(struct pg_params *p, const struct store_seen *seen, size_t count)
{
    pg_put_array(p, PG_TIMESTAMPTZ);
    for (size_t i = 0; i < count; i++) {
        pg_put_time(p, seen[i].seen);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_TIMESTAMPTZ);
    for (size_t i = 0; i < count; i++) {
        store_put_time(p, seen[i].expires);
    }
    pg_put_array_end(p);
}

static void put_numbers(struct pg_params *p, const struct store_seen *seen, size_t count)
{
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, seen[i].clock_ahead_ms);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT4);
    for (size_t i = 0; i < count; i++) {
        pg_put_int4(p, (int32_t)(seen[i].spool_depth & INT32_MAX));
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT4);
    for (size_t i = 0; i < count; i++) {
        pg_put_int4(p, (int32_t)(seen[i].oldest_unsent_s & INT32_MAX));
    }
    pg_put_array_end(p);
}

int store_seen(struct store *s, struct store_call *c, const struct store_seen *seen, size_t count,
               store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &seen_many);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, seen[i].practice_id);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_BYTEA);
    for (size_t i = 0; i < count; i++) {
        pg_put_bytes(p, seen[i].fingerprint, STORE_FINGERPRINT);
    }
    pg_put_array_end(p);
    put_times(p, seen, count);
    pg_put_array(p, PG_TEXT);
    for (size_t i = 0; i < count; i++) {
        pg_put_text(p, seen[i].software);
    }
    pg_put_array_end(p);
    put_numbers(p, seen, count);
    pg_put_array(p, PG_BYTEA);
    for (size_t i = 0; i < count; i++) {
        pg_put_bytes(p, seen[i].authority_id, sizeof seen[i].authority_id);
    }
    pg_put_array_end(p);
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_seen);
}
