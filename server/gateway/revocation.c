/* Happy path: every second, or on a hint, ask what was revoked since the last look; find its
 * connections by key or by certificate, say why, end them. A device that was put elsewhere is
 * ended, too, unless it has connected since: it comes again as what it is now. Failure: a look
 * fails: doubt. In doubt first only the mark is asked for from which to go on, then about everyone
 * who is connected by then. Whoever comes later is looked up later than the mark was set, so that
 * what its Hello did not see yet is found from the mark on. */
#include "server/gateway/revocation.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/base/log.h"

static const char MOVED[] = "this device was put elsewhere: connect again";

enum { LOOK_MS = 1000, SPARE_MS = 200 };
enum look { LOOK_MARK, LOOK_EVERYONE, LOOK_LATELY };

/* Numbers made by others may be short, alike or counted up. */
static size_t bucket_of(const uint8_t *bytes, size_t len)
{
    uint32_t hash = 2166136261U; /* FNV-1a. */
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ bytes[i]) * 16777619U;
    }
    return hash % REVOCATION_BUCKETS;
}

/* What it has asked may still be answered, until the next look: the revocation itself may be one's
 * own. */
static bool spare(struct revocation *r, struct peer *p)
{
    if (p->state != PERMIT_READY || p->open_requests == 0 || p->spared) {
        return false;
    }
    p->spared = r->spared = true;
    return true;
}

static void cut(struct revocation *r, struct peer *p, int rc)
{
    if (p->revoked == 0 && !spare(r, p)) {
        p->revoked = rc;
        r->cut++;
        peer_error(p, 0, rc, rc == ERR_CLOSING ? MOVED : NULL, 0);
        conn_close(&p->conn, rc);
    }
}

/* Connected since it was put there. One that is being greeted may have been looked up before. */
static bool is_placed_so(const struct peer *p, const struct store_revoked *row)
{
    return row->rc == ERR_CLOSING && p->device_label != NULL && p->room_id == row->room_id &&
           p->therapist_id == row->therapist_id;
}

static void cut_device(struct revocation *r, const struct store_revoked *row)
{
    struct peer *p, *next;
    size_t bucket = bucket_of(row->fingerprint, STORE_FINGERPRINT);
    for (p = LIST_FIRST(&r->by_key[bucket]); p != NULL; p = next) {
        next = LIST_NEXT(p, by_key);
        if (p->practice_id == row->practice_id &&
            memcmp(p->fingerprint, row->fingerprint, STORE_FINGERPRINT) == 0 &&
            !is_placed_so(p, row)) {
            cut(r, p, row->rc);
        }
    }
}

static void cut_certificate(struct revocation *r, const struct store_revoked *row)
{
    struct peer *p, *next;
    size_t bucket = bucket_of(row->serial.bytes, row->serial.size);
    for (p = LIST_FIRST(&r->by_serial[bucket]); p != NULL; p = next) {
        next = LIST_NEXT(p, by_serial);
        if (p->practice_id == row->practice_id && p->serial.size == row->serial.size &&
            memcmp(p->serial.bytes, row->serial.bytes, row->serial.size) == 0) {
            cut(r, p, row->rc);
        }
    }
}

static void look(struct revocation *r);

static void on_timer(uv_timer_t *timer)
{
    look(container_of(timer, struct revocation, timer));
}

static void look_in(struct revocation *r, uint64_t ms)
{
    if (!r->closed) {
        int rc = uv_timer_start(&r->timer, on_timer, ms, 0);
        must(rc == 0);
    }
}

static enum look next_look(enum look last)
{
    return last == LOOK_MARK ? LOOK_EVERYONE : LOOK_LATELY;
}

static void on_revoked(struct store_call *call, int rc, const struct store_revoked *rows,
                       size_t count, int64_t oldest)
{
    struct revocation *r = container_of(call, struct revocation, call);
    int64_t before = r->cut;
    r->under_way = false;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].rc == ERR_CERTIFICATE_REVOKED) {
            cut_certificate(r, &rows[i]);
        } else {
            cut_device(r, &rows[i]);
        }
    }
    if (r->cut > before) {
        log_line(LOG_LEVEL_NOTICE, "gateway", "revoked: %d connections ended",
                 (int)(r->cut - before));
    }
    r->doubt = r->doubt || rc != 0;
    if (r->spared) {
        look_in(r, SPARE_MS); /* The same again. */
        return;
    }
    if (rc == 0 && r->look != LOOK_EVERYONE) {
        r->since = oldest; /* Of everyone: it goes on from the mark. */
    }
    r->look = (uint8_t)(r->doubt ? LOOK_MARK : next_look((enum look)r->look));
    look_in(r, rc == 0 && (r->wanted || r->look != LOOK_LATELY) ? 0 : LOOK_MS);
}

static size_t keys_of(const struct revocation *r, struct store_device_key *keys)
{
    const struct peer *p;
    size_t count = 0;
    for (size_t i = 0; i < REVOCATION_BUCKETS; i++) {
        LIST_FOREACH(p, &r->by_key[i], by_key)
        {
            if (keys != NULL) {
                keys[count] = (struct store_device_key){p->practice_id, p->fingerprint,
                                                        &p->serial,     p->device_label != NULL,
                                                        p->room_id,     p->therapist_id};
            }
            count++;
        }
    }
    return count;
}

static int look_at_everyone(struct revocation *r)
{
    struct store_device_key *keys = calloc(keys_of(r, NULL) + 1, sizeof *keys);
    must(keys != NULL);
    size_t count = keys_of(r, keys);
    int rc = store_revoked_among(r->store, &r->call, keys, count, on_revoked);
    free(keys);
    return rc;
}

static void look(struct revocation *r)
{
    if (r->under_way || r->closed) {
        return;
    }
    r->under_way = true;
    r->wanted = false;
    r->doubt = r->doubt && r->spared; /* The same look again settles nothing more. */
    r->spared = false;
    int rc = r->look == LOOK_EVERYONE
                 ? look_at_everyone(r)
                 : store_revoked_lately(r->store, &r->call,
                                        r->look == LOOK_MARK ? STORE_LATELY_NOTHING : r->since,
                                        on_revoked);
    if (rc != 0) {
        on_revoked(&r->call, rc, NULL, 0, 0);
    }
}

void revocation_init(struct revocation *r, struct store *store)
{
    memset(r, 0, sizeof *r);
    r->store = store;
    r->look = LOOK_MARK;
}

void revocation_start(struct revocation *r, uv_loop_t *loop)
{
    int rc = uv_timer_init(loop, &r->timer);
    must(rc == 0);
    look_in(r, LOOK_MS);
}

void revocation_meet(struct revocation *r, struct peer *p)
{
    LIST_INSERT_HEAD(&r->by_key[bucket_of(p->fingerprint, STORE_FINGERPRINT)], p, by_key);
    LIST_INSERT_HEAD(&r->by_serial[bucket_of(p->serial.bytes, p->serial.size)], p, by_serial);
}

void revocation_wake(struct revocation *r)
{
    r->wanted = true;
    if (!r->under_way) {
        look_in(r, 0);
    }
}

void revocation_doubt(struct revocation *r)
{
    r->doubt = true;
    if (!r->under_way) {
        r->look = LOOK_MARK;
    }
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct revocation *r = container_of((uv_timer_t *)(void *)handle, struct revocation, timer);
    r->close_cb(r);
}

void revocation_close(struct revocation *r, revocation_close_cb cb)
{
    must(!r->closed);
    r->closed = true;
    r->close_cb = cb;
    uv_close((uv_handle_t *)&r->timer, on_timer_closed);
}
