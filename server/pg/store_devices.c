/* Happy path: devices with what they said of themselves, and codes that are not used yet, in one
 * list by label. Failure: the store's. */
#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "server/pg/notes.h"
#include "server/pg/operation.h"
#include "server/pg/store_enrol.h"

/* A label is a device's or an open code's, never both. */
static const struct pg_statement list_devices = {
    .sql =
        "(select d.label, d.role::text, coalesce(r.name, t.code, ''), d.revoked_at is not null,"
        " s.seen_at, s.expires_at, coalesce(s.software, ''), coalesce(s.clock_ahead_ms, 0),"
        " coalesce(s.spool_depth, 0), coalesce(s.oldest_unsent_s, 0),"
        " coalesce(s.authority_id not in ($4::bytea, '\\x0000000000000000'::bytea), false),"
        " null::timestamptz"
        " from (select * from device o where o.practice_id = $1::bigint and o.label > $2::text"
        "  order by o.label limit $3::int) d"
        " left join room r on r.practice_id = d.practice_id and r.room_id = d.room_id"
        " left join therapist t on t.practice_id = d.practice_id"
        "  and t.therapist_id = d.therapist_id"
        " left join device_state s on s.practice_id = d.practice_id"
        "  and s.fingerprint = d.fingerprint)"
        " union all"
        " (select c.label, c.role::text, coalesce(r.name, t.code, ''), false, null, null, '', 0, 0,"
        "  0, false, c.expires_at"
        " from (select * from device_code o where o.practice_id = $1::bigint"
        "  and o.label > $2::text and o.used_by is null and o.expires_at > now()"
        "  order by o.label limit $3::int) c"
        " left join room r on r.practice_id = c.practice_id and r.room_id = c.room_id"
        " left join therapist t on t.practice_id = c.practice_id"
        "  and t.therapist_id = c.therapist_id)"
        " order by 1 limit $3::int"};

static void item_of(struct pg_rows *rows, size_t row, struct store_device_item *ret_item)
{
    *ret_item = (struct store_device_item){
        .label = pg_text(rows, row, 0),
        .role = store_role_of(rows, row, 1),
        .place = pg_text(rows, row, 2),
        .revoked = pg_bool(rows, row, 3),
        .seen = pg_time(rows, row, 4),
        .expires = pg_time(rows, row, 5),
        .software = pg_text(rows, row, 6),
        .clock_ahead_ms = pg_int8(rows, row, 7),
        .spool_depth = (uint32_t)pg_int4(rows, row, 8),
        .oldest_unsent_s = (uint32_t)pg_int4(rows, row, 9),
        .authority_old = pg_bool(rows, row, 10),
        .code_expires = pg_time(rows, row, 11),
    };
}

static void on_listed(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_device_items_cb cb = c->cb.device_items;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_device_item *items = store_array(rows.count, sizeof *items);
    for (size_t i = 0; i < rows.count; i++) {
        item_of(&rows, i, &items[i]);
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? items : NULL, rc == 0 ? rows.count : 0);
    free(items);
}

int store_devices_list(struct store *s, struct store_call *c, int64_t practice_id,
                       const char *after, const uint8_t authority_id[8], unsigned limit,
                       store_device_items_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &list_devices);
    pg_put_int8(p, practice_id);
    pg_put_text(p, after);
    pg_put_int4(p, (int32_t)limit);
    pg_put_bytes(p, authority_id, 8);
    note_read(plan, c, "devices.read");
    c->cb.device_items = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_listed);
}
