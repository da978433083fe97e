/* Happy path: a function of sql/ revokes and tells; what was revoked is read by the number of the
 * transaction that made it. Failure: a verdict's word; nothing else can go wrong but the
 * connection.
 *
 * A snapshot says which transactions it has seen the end of: all below its xmin. So the next look
 * asks from that xmin on, and neither a clock nor the order of commits matters. */
#include "server/pg/store_revocation.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "server/pg/operation.h"

#define OLDEST "pg_snapshot_xmin(pg_current_snapshot())::text::bigint as oldest"

static const struct pg_statement revoke_device = {
    .sql = "select device_revoke($1::bigint, $2::text, $3::boolean, $4::text)"};

static const struct pg_statement revoke_therapist = {
    .sql = "select therapist_revoke($1::bigint, $2::text, $3::text)"};

static const struct pg_statement revoke_certificate = {
    .sql = "select certificate_revoke($1::bigint, $2::bytea, $3::bytea, $4::boolean, $5::text)"};

/* A row for `oldest` comes in any case; its other columns are null when there is nothing. */
static const struct pg_statement lately = {
    .sql = "select s.oldest, n.practice_id, n.fingerprint, n.serial, t.revoked_at is not null"
           ", d.revoked_at is not null, d.room_id, d.therapist_id"
           " from (select " OLDEST ") s left join (revocation n"
           "  left join device d on d.practice_id = n.practice_id"
           "   and d.fingerprint = n.fingerprint and (d.revoked_at is not null or n.moved)"
           "  left join therapist t on t.practice_id = d.practice_id"
           "   and t.therapist_id = d.therapist_id and t.revoked_at is not null)"
           " on n.made_by >= ($1::bigint)::text::xid8"
           "  and (n.serial is not null or d.fingerprint is not null)"};

static const struct pg_statement among = {
    .sql =
        "select s.oldest, r.practice_id, r.fingerprint, r.serial, r.person, r.revoked, r.room_id,"
        " r.therapist_id"
        " from (select " OLDEST ") s left join"
        " (select k.practice_id, k.fingerprint, case when c.serial is not null"
        "   and d.revoked_at is null and t.revoked_at is null then c.serial end as serial,"
        "   t.revoked_at is not null as person,"
        "   d.revoked_at is not null or t.revoked_at is not null as revoked,"
        "   d.room_id, d.therapist_id"
        "  from unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bigint[])"
        "   k (practice_id, fingerprint, serial, room, therapist)"
        "  join device d on d.practice_id = k.practice_id and d.fingerprint = k.fingerprint"
        "  left join therapist t on t.practice_id = d.practice_id"
        "   and t.therapist_id = d.therapist_id"
        "  left join revoked_certificate c on c.practice_id = k.practice_id"
        "   and c.serial = k.serial"
        "  where d.revoked_at is not null or t.revoked_at is not null or c.serial is not null"
        "   or (k.room, k.therapist) <> (coalesce(d.room_id, 0), coalesce(d.therapist_id, 0))) r"
        " on true"};

static void on_verdict(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_done_cb cb = c->cb.done;
    cb(c, store_rc_of_row(rc, results, 0, 0));
}

static int run(struct store *s, struct store_call *c, struct pg_plan *plan, store_done_cb cb)
{
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_verdict);
}

int store_device_revoke(struct store *s, struct store_call *c, int64_t practice_id,
                        const char *label, bool is_meant, const char *actor, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &revoke_device);
    pg_put_int8(p, practice_id);
    pg_put_text(p, label);
    pg_put_bool(p, is_meant);
    pg_put_text(p, actor);
    return run(s, c, plan, cb);
}

int store_therapist_revoke(struct store *s, struct store_call *c, int64_t practice_id,
                           const char *code, const char *actor, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &revoke_therapist);
    pg_put_int8(p, practice_id);
    pg_put_text(p, code);
    pg_put_text(p, actor);
    return run(s, c, plan, cb);
}

int store_certificate_revoke(struct store *s, struct store_call *c, int64_t practice_id,
                             const struct store_serial *serial, const uint8_t *asker, bool is_meant,
                             const char *actor, store_done_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &revoke_certificate);
    pg_put_int8(p, practice_id);
    pg_put_bytes(p, serial->bytes, serial->size);
    if (asker != NULL) {
        pg_put_bytes(p, asker, STORE_FINGERPRINT);
    } else {
        pg_put_null(p);
    }
    pg_put_bool(p, is_meant);
    pg_put_text(p, actor);
    return run(s, c, plan, cb);
}

static void read_revoked(struct pg_rows *rows, size_t row, struct store_revoked *ret)
{
    size_t key_len, serial_len;
    const uint8_t *key = pg_any_bytes(rows, row, 2, &key_len);
    const uint8_t *serial = pg_any_bytes(rows, row, 3, &serial_len);
    *ret = (struct store_revoked){
        .practice_id = pg_int8(rows, row, 1),
        .rc = serial != NULL          ? ERR_CERTIFICATE_REVOKED
              : pg_bool(rows, row, 4) ? ERR_PERSON_REVOKED
              : pg_bool(rows, row, 5) ? ERR_DEVICE_REVOKED
                                      : ERR_CLOSING,
        .room_id = pg_int8(rows, row, 6),
        .therapist_id = pg_int8(rows, row, 7),
    };
    bool good = serial != NULL ? serial_len <= sizeof ret->serial.bytes
                               : key != NULL && key_len == STORE_FINGERPRINT;
    rows->bad = rows->bad || !good;
    if (good && serial != NULL) {
        ret->serial.size = (uint8_t)serial_len;
        memcpy(ret->serial.bytes, serial, serial_len);
    } else if (good) {
        memcpy(ret->fingerprint, key, STORE_FINGERPRINT);
    }
}

static void on_revoked(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_revoked_cb cb = c->cb.revoked;
    struct pg_rows rows;
    struct store_revoked *revoked = NULL;
    size_t count = 0;
    int64_t oldest = 0;
    pg_rows_init(&rows, results->step[0]);
    rc = store_rc(rc, results);
    if (rc == 0) {
        oldest = pg_int8(&rows, 0, 0);
        revoked = store_array(rows.count, sizeof *revoked);
        for (size_t i = 0; i < rows.count && !pg_is_null(&rows, i, 1); i++) {
            read_revoked(&rows, i, &revoked[count++]);
        }
        rc = store_rows_rc(&rows);
    }
    cb(c, rc, rc == 0 ? revoked : NULL, rc == 0 ? count : 0, oldest);
    free(revoked);
}

int store_revoked_lately(struct store *s, struct store_call *c, int64_t since, store_revoked_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    pg_put_int8(pg_plan_add(plan, &lately), since);
    c->cb.revoked = cb;
    return store_run(s, c, PG_LANE_URGENT, plan, on_revoked);
}

/* Null where none is known: no row differs from that. */
static void put_place(struct pg_params *p, bool is_placed, int64_t id)
{
    if (is_placed) {
        pg_put_int8(p, id);
    } else {
        pg_put_null(p);
    }
}

static void put_places(struct pg_params *p, const struct store_device_key *keys, size_t count)
{
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        put_place(p, keys[i].is_placed, keys[i].room_id);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        put_place(p, keys[i].is_placed, keys[i].therapist_id);
    }
    pg_put_array_end(p);
}

int store_revoked_among(struct store *s, struct store_call *c, const struct store_device_key *keys,
                        size_t count, store_revoked_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &among);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, keys[i].practice_id);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_BYTEA);
    for (size_t i = 0; i < count; i++) {
        pg_put_bytes(p, keys[i].fingerprint, STORE_FINGERPRINT);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_BYTEA);
    for (size_t i = 0; i < count; i++) {
        pg_put_bytes(p, keys[i].serial->bytes, keys[i].serial->size);
    }
    pg_put_array_end(p);
    put_places(p, keys, count);
    c->cb.revoked = cb;
    return store_run(s, c, PG_LANE_URGENT, plan, on_revoked);
}
