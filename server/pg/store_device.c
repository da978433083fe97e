/* Happy path: one row by practice and fingerprint. Failure: no row is ERR_DEVICE_UNKNOWN. */
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "server/pg/operation.h"

static const struct pg_statement find = {
    .sql = "select d.role::text, d.label, p.name, coalesce(r.name, t.display_name, ''), d.room_id,"
           " d.therapist_id, d.revoked_at is not null, t.revoked_at is not null,"
           " exists (select from revoked_certificate c where c.practice_id = d.practice_id"
           "  and c.serial = $3::bytea), p.log_on_required"
           " from device d join practice p on p.practice_id = d.practice_id"
           " left join room r on r.practice_id = d.practice_id and r.room_id = d.room_id"
           " left join therapist t on t.practice_id = d.practice_id and t.therapist_id = "
           "d.therapist_id"
           " where d.practice_id = $1::bigint and d.fingerprint = $2::bytea"};

static enum store_role role_of(struct pg_rows *rows)
{
    const char *word = pg_text(rows, 0, 0);
    if (strcmp(word, "kiosk") == 0) {
        return STORE_KIOSK;
    }
    if (strcmp(word, "therapist") == 0) {
        return STORE_THERAPIST;
    }
    rows->bad = rows->bad || strcmp(word, "administrator") != 0;
    return STORE_ADMINISTRATOR;
}

static int revoked(struct pg_rows *rows)
{
    if (pg_bool(rows, 0, 7)) {
        return ERR_PERSON_REVOKED;
    }
    return pg_bool(rows, 0, 6)   ? ERR_DEVICE_REVOKED
           : pg_bool(rows, 0, 8) ? ERR_CERTIFICATE_REVOKED
                                 : 0;
}

static void on_found(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_device_cb cb = c->cb.device;
    struct pg_rows rows;
    struct store_device device;
    rc = store_rc(rc, results);
    pg_rows_init(&rows, results->step[0]);
    if (rc == 0 && rows.count == 0) {
        rc = ERR_DEVICE_UNKNOWN;
    }
    if (rc != 0) {
        cb(c, rc, NULL);
        return;
    }
    device = (struct store_device){
        .role = role_of(&rows),
        .label = pg_text(&rows, 0, 1),
        .practice = pg_text(&rows, 0, 2),
        .place = pg_text(&rows, 0, 3),
        .room_id = pg_int8(&rows, 0, 4),
        .therapist_id = pg_int8(&rows, 0, 5),
        .revoked = revoked(&rows),
        .log_on_required = pg_bool(&rows, 0, 9),
    };
    cb(c, store_rows_rc(&rows), &device);
}

int store_device_find(struct store *s, struct store_call *c, int64_t practice_id,
                      const uint8_t fingerprint[STORE_FINGERPRINT],
                      const struct store_serial *serial, store_device_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &find);
    pg_put_int8(p, practice_id);
    pg_put_bytes(p, fingerprint, STORE_FINGERPRINT);
    pg_put_bytes(p, serial->bytes, serial->size);
    c->cb.device = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_found);
}
