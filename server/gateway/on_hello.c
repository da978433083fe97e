/* Hello and Watch: who a connection is, and from when on it is told.
 *
 * Happy path: the certificate's key is looked up in the table of devices, an older connection of
 * the same device gives way, Welcome is said; a kiosk is told its room from here on, a therapist
 * once it asks to watch. Failure: an unknown or revoked device, and any while the database is
 * away, hears why and is cut: a connection that nobody is known on is not kept. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"
#include "server/base/log.h"
#include "server/gateway/gateway.h"
#include "server/gateway/staff.h"

enum { CLOCK_MS = 60 * 1000 }; /* As the clients have it: wrong_clock.h. */

static struct peer_list *bucket_of(struct gateway *g, const struct peer *p)
{
    size_t bucket = (size_t)(p->fingerprint[0] << 8 | p->fingerprint[1]) % GATEWAY_BUCKETS;
    return &g->known[bucket];
}

/* One live connection per device: the new one wins, now that it is known. */
static void take_place(struct gateway *g, struct peer *p)
{
    struct peer_list *bucket = bucket_of(g, p);
    struct peer *other, *next;
    for (other = LIST_FIRST(bucket); other != NULL; other = next) {
        next = LIST_NEXT(other, known);
        if (memcmp(other->fingerprint, p->fingerprint, STORE_FINGERPRINT) == 0) {
            g->counters.replaced++;
            peer_error(other, 0, ERR_REPLACED, NULL, 0);
            LIST_REMOVE(other, known);
            other->known.le_prev = NULL;
            conn_close(&other->conn, ERR_REPLACED);
        }
    }
    LIST_INSERT_HEAD(bucket, p, known);
}

static void welcome(struct peer *p, uint64_t seq, const struct store_device *d)
{
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Welcome w = ATTUNE__WELCOME__INIT;
    w.role = (Attune__Role)d->role;
    w.practice = (char *)(uintptr_t)d->practice; /* Only read. */
    w.device = (char *)(uintptr_t)d->label;
    w.place = (char *)(uintptr_t)d->place;
    w.clock_ms = gateway_true_ms(p->gateway);
    w.frame_max = LIMIT_FRAME_BODY;
    w.open_max = LIMIT_OPEN_REQUESTS;
    w.ping_s = LIMIT_PING_S;
    w.authority_id = (ProtobufCBinaryData){LIMIT_AUTHORITY_ID, p->gateway->authorities.id};
    if (d->role == STORE_KIOSK && p->gateway->sealing.count > 0) {
        w.sealing_key =
            (ProtobufCBinaryData){SEAL_PUBLIC, p->gateway->sealing.pairs[0].key.public_half};
    }
    w.log_on_first = staff_is_locked(p);
    response.body_case = ATTUNE__RESPONSE__BODY_WELCOME;
    response.welcome = &w;
    peer_answer(p, seq, &response);
}

/* For who looks after the devices; the device says it to its user. */
static void say_clock(struct peer *p)
{
    if (p->clock_ahead_ms > CLOCK_MS || p->clock_ahead_ms < -CLOCK_MS) {
        p->gateway->counters.clocks_off++;
        log_line(LOG_LEVEL_WARNING, "gateway",
                 "device %s: its clock is %" PRId64 " s %s ours: set it, or let it be set by NTP",
                 p->device_label,
                 (p->clock_ahead_ms < 0 ? -p->clock_ahead_ms : p->clock_ahead_ms) / 1000,
                 p->clock_ahead_ms > 0 ? "ahead of" : "behind");
    }
}

static void on_device(struct store_call *call, int rc, const struct store_device *d)
{
    struct request *r = container_of(call, struct request, call);
    struct peer *p = r->pending.peer;
    struct gateway *g = p->gateway;
    if (rc == 0) {
        rc = p->revoked != 0 ? p->revoked : d->revoked; /* Revoked while it was looked up. */
    }
    if (rc != 0) {
        peer_fail(p, r->pending.seq, rc);
        conn_close(&p->conn, rc);
    } else if (!p->gone) {
        p->label = p->device_label = strdup(d->label);
        must(p->device_label != NULL);
        p->role = (uint8_t)d->role;
        p->room_id = d->room_id;
        p->therapist_id = d->therapist_id;
        p->state = g->draining ? PERMIT_DRAINING : PERMIT_READY;
        if (d->role != STORE_KIOSK) {
            staff_begin(p, d->log_on_required);
        }
        take_place(g, p);
        say_clock(p);
        conn_greeted(&p->conn, LIMIT_FRAME_BODY);
        welcome(p, r->pending.seq, d);
        if (d->role == STORE_KIOSK) {
            LIST_INSERT_HEAD(&g->kiosks, p, of_role);
            feed_wake(&g->feed, FEED_ROOMS);
        }
    }
    request_free(r);
}

void on_hello(struct peer *p, uint64_t seq, const Attune__Hello *hello)
{
    int64_t now = gateway_true_ms(p->gateway);
    /* Its clock may say anything; nothing is refused for it, and nothing hangs on it. */
    p->clock_ahead_ms = hello->clock_ms > 0 ? hello->clock_ms - now : -now;
    seen_hello(p, hello);
    struct request *r = request_new(p, seq);
    p->state = PERMIT_GREETING;
    revocation_meet(&p->gateway->revocation, p);
    int rc = store_device_find(&p->gateway->store, &r->call, p->practice_id, p->fingerprint,
                               &p->serial, on_device);
    if (rc != 0) {
        on_device(&r->call, rc, NULL);
    }
}

void on_watch(struct peer *p, uint64_t seq)
{
    struct gateway *g = p->gateway;
    if (p->watch == NULL) {
        p->watch = calloc(1, sizeof *p->watch);
        must(p->watch != NULL);
        watch_feed_init(p->watch);
        LIST_INSERT_HEAD(&g->watchers, p, of_role);
    }
    peer_done(p, seq);
    feed_wake(&g->feed, FEED_SESSIONS);
    feed_wake(&g->feed, FEED_ALERTS);
    feed_wake(&g->feed, FEED_LOOKS);
}
