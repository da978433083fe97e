/* Happy path: a device connects, says Hello, is found in the table of devices and welcomed; then
 * each frame is unpacked, judged and handed to the file of its kind. A device that connects again
 * takes the place of its older connection once it is known. Stopping: devices are told when to
 * return, what is under way is finished, then net, feed and store are taken down in the reverse of
 * their order. Failure: whatever a peer sends ends in an Error to it, at worst in its own end. */
#include "server/gateway/gateway.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "proto/wire/valid.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/gateway/answer.h"
#include "server/gateway/staff.h"

enum { DRAIN_WAIT_MS = 5000, DRAIN_LOOK_MS = 20, SEEN_MS = 2000 };

int64_t gateway_true_ms(const struct gateway *g)
{
    return clock_now_ms() - g->resend.clock_ahead_ms;
}

/* ---- requests under way ---------------------------------------------------------------------- */

void request_begin(struct request *r, struct peer *p, uint64_t seq)
{
    r->call.who = peer_who(p);
    pending_begin(p, &r->pending, seq);
}

struct request *request_new(struct peer *p, uint64_t seq)
{
    struct request *r = calloc(1, sizeof *r);
    must(r != NULL);
    request_begin(r, p, seq);
    return r;
}

void request_free(struct request *r)
{
    pending_end(&r->pending);
    free(r);
}

bool request_good(struct request *r, int rc)
{
    if (rc == 0) {
        return true;
    }
    peer_fail(r->pending.peer, r->pending.seq, rc);
    request_free(r);
    return false;
}

void request_started(struct request *r, int rc)
{
    (void)request_good(r, rc); /* On 0 the store's callback goes on. */
}

/* ---- frames ---------------------------------------------------------------------------------- */

/* Anything wrong with a request that could be read is said and survived; with the stream itself, it
 * ends it. */
static int judge(struct peer *p, const Attune__Request *q, const uint8_t *body, size_t len)
{
    struct valid_fault fault = {0};
    if (q->seq <= p->last_seq) {
        peer_error(p, q->seq, ERR_SEQ, NULL, 0);
        return ERR_SEQ;
    }
    p->last_seq = q->seq;
    if (p->enrolling && ++p->asked > LIMIT_ENROL_REQUESTS) {
        peer_error(p, q->seq, ERR_OPEN_MAX, NULL, 0);
        return ERR_OPEN_MAX;
    }
    staff_look(p);
    int rc = q->body_case == ATTUNE__REQUEST__BODY__NOT_SET
                 ? ERR_MESSAGE
                 : permit_request((enum permit_state)p->state, (Attune__Role)p->role, q->body_case);
    if (rc == 0 && p->acting.kind != ATTUNE__ACT_KIND__ACT_KIND_UNSPECIFIED) {
        rc = permit_acting((Attune__ActKind)p->acting.kind, q->body_case);
    }
    if (rc == ERR_HELLO_FIRST) {
        peer_error(p, q->seq, rc, NULL, 0);
        return rc;
    }
    rc = rc != 0 ? rc : valid_request(q, &fault);
    if (rc == 0 && p->open_requests >= LIMIT_OPEN_REQUESTS) {
        rc = ERR_OPEN_MAX;
    }
    if (rc == 0) {
        staff_used(p, q->body_case);
        if (!naming_takes(p, q, body, len)) {
            gateway_dispatch(p, q);
        }
        return 0;
    }
    p->gateway->counters.refused_requests++;
    if (rc == ERR_FIELD) {
        char detail[160];
        (void)snprintf(detail, sizeof detail, "%s: %s", fault.field, fault.rule);
        peer_error(p, q->seq, rc, detail, 0);
    } else {
        peer_fail(p, q->seq, rc);
    }
    return 0;
}

static int on_frame(struct conn *c, const uint8_t *body, size_t len)
{
    struct peer *p = container_of(c, struct peer, conn);
    struct gateway *g = p->gateway;
    const Attune__Request *request;
    int rc = codec_request(&g->frame_arena, body, len, &request);
    if (rc != 0) {
        g->counters.refused_frames++;
        peer_error(p, 0, rc, NULL, 0);
        return rc;
    }
    bool secret = permit_is_secret(request->body_case);
    rc = judge(p, request, body, len);
    codec_arena_wipe(&g->frame_arena); /* Some requests say something in confidence. */
    if (secret) {
        OPENSSL_cleanse((uint8_t *)(uintptr_t)body, len); /* Ours again in a moment. */
    }
    return rc;
}

static struct conn *on_make(struct net *n)
{
    return &peer_new(container_of(n, struct gateway, net))->conn;
}

static int on_up(struct conn *c)
{
    struct peer *p = container_of(c, struct peer, conn);
    struct gateway *g = p->gateway;
    if (c->tls.protocol == TLS_ENROL) {
        p->state = PERMIT_ENROL;
        p->enrolling = true;
        if (++g->enrolling > g->options->enrolments_max) {
            peer_fail(p, 0, ERR_BUSY);
            return ERR_BUSY;
        }
        return 0;
    }
    int rc = tls_session_peer(&c->tls, p->fingerprint, &p->practice_id);
    return rc != 0 ? rc : tls_session_serial(&c->tls, p->serial.bytes, &p->serial.size);
}

static void on_gone(struct conn *c, int rc)
{
    struct peer *p = container_of(c, struct peer, conn);
    if (rc == ERR_CERTIFICATE) { /* Others were answered, and noted then. */
        refused_note(&p->gateway->refused, p, rc);
    }
    p->gateway->enrolling -= p->enrolling;
    seen_gone(p);
    peer_gone(p);
}

static void on_last_words(struct conn *c, int rc)
{
    struct peer *p = container_of(c, struct peer, conn);
    p->gateway->counters.refused_frames += rc == ERR_FRAME_SIZE;
    peer_error(p, 0, rc, NULL, 0);
}

static const struct net_handler handler = {on_make, on_up, on_frame, on_last_words, on_gone};

/* ---- back-pressure --------------------------------------------------------------------------- */

void gateway_hold(struct gateway *g, struct peer *p)
{
    if (!p->held && !p->gone) {
        g->counters.pauses++;
        p->held = g->held = true;
        conn_pause(&p->conn);
    }
}

static void on_progress(struct ingest *in)
{
    struct gateway *g = container_of(in, struct gateway, ingest);
    if (!g->held || !batcher_low(&in->batcher)) {
        return;
    }
    g->held = false;
    struct peer *p, *next;
    for (p = LIST_FIRST(&g->kiosks); p != NULL; p = next) {
        next = LIST_NEXT(p, of_role); /* Reading again may end this one. */
        if (p->held) {
            p->held = false;
            conn_resume(&p->conn);
        }
    }
}

/* ---- life ------------------------------------------------------------------------------------ */

static void on_wake(struct store *s, unsigned wakes)
{
    struct gateway *g = container_of(s, struct gateway, store);
    if (wakes & STORE_WAKE_ROOM) {
        feed_wake(&g->feed, FEED_ROOMS);
        feed_wake(&g->feed, FEED_SESSIONS);
        feed_wake(&g->feed, FEED_LOOKS);
    }
    if (wakes & STORE_WAKE_RATING) {
        feed_wake(&g->feed, FEED_SESSIONS);
    }
    if (wakes & STORE_WAKE_ALERT) {
        feed_wake(&g->feed, FEED_ALERTS);
    }
    if (wakes & STORE_WAKE_DEVICE) {
        revocation_wake(&g->revocation);
        ended_wake(&g->ended);
    }
}

static void on_store_state(struct store *s, unsigned up, unsigned wanted)
{
    revocation_doubt(&container_of(s, struct gateway, store)->revocation);
    log_line(LOG_LEVEL_NOTICE, "gateway", "database: %u of %u connections are up", up, wanted);
}

static void on_turn(uv_prepare_t *prepare)
{
    ingest_turn(&container_of(prepare, struct gateway, turn)->ingest);
}

static void on_seen(uv_timer_t *timer)
{
    seen_tick(container_of(timer, struct gateway, seen));
}

static void on_staff_timer(uv_timer_t *timer)
{
    struct gateway *g = timer->data;
    staff_look_at_all(g);
    ended_tick(&g->ended, uv_now(g->loop));
}

static struct net_limits net_limits_of(const struct options *o)
{
    return (struct net_limits){
        .connections_max = o->connections_max,
        .handshakes_max = o->handshakes_max,
        .handshakes_per_second = o->handshakes_per_second,
        .handshake_ms = o->handshake_s * 1000,
        .greeting_ms = o->hello_s * 1000,
        .enrol_ms = o->enrol_s * 1000,
        .frame_ms = o->frame_s * 1000,
        .silence_ms = o->silence_s * 1000,
        .unsent_ms = o->unsent_s * 1000,
        .unsent_max = o->unsent_max,
    };
}

void gateway_init(struct gateway *g, const struct options *o, const struct chain_key *audit_key,
                  struct journal *journal)
{
    memset(g, 0, sizeof *g);
    g->options = o;
    codec_arena_init(&g->frame_arena);
    codec_arena_init(&g->record_arena);
    struct net_limits limits = net_limits_of(o);
    net_init(&g->net, &limits, &handler);
    struct store_options store = {
        .conninfo = o->database,
        .application = "attune-server",
        .connections = o->database_connections,
        .calls_max = o->database_calls_max,
        .call_ms_max = o->database_call_s * 1000,
        .poll_ms = o->poll_ms,
        .listen_rating = true,
        .listen_room = true,
        .listen_alert = true,
        .audit_key = audit_key,
        .audit_head_ms = o->audit_head_s * 1000,
        .listen_device = true,
    };
    store_init(&g->store, &store, on_wake, on_store_state);
    naming_init(&g->naming, o, &g->store, journal);
    uint32_t batch_max = o->batch_max < o->ratings_held_max ? o->batch_max : o->ratings_held_max;
    ingest_init(&g->ingest, &g->store,
                (struct batcher_limits){.held_max = o->ratings_held_max, .batch_max = batch_max},
                on_progress);
    hashing_init(&g->hashing, o->log_on_hashes, o->log_on_waiting);
    feed_init(&g->feed, &g->store, &g->kiosks, &g->watchers);
    resend_init(&g->resend, &g->store, &g->kiosks, o->resend_kiosks_per_second, o->poll_ms);
    revocation_init(&g->revocation, &g->store);
    ended_init(&g->ended, &g->store, &g->staff);
    g->feed.ask_tension_at = on_rules_ask_tension_at();
}

int gateway_start(struct gateway *g, uv_loop_t *loop, SSL_CTX **context)
{
    g->loop = loop;
    int rc = uv_prepare_init(loop, &g->turn);
    must(rc == 0);
    rc = uv_timer_init(loop, &g->drain);
    must(rc == 0);
    resend_start(&g->resend, loop);
    rc = uv_timer_init(loop, &g->staff_timer);
    must(rc == 0);
    rc = uv_timer_init(loop, &g->seen);
    must(rc == 0);
    g->turn.data = g->drain.data = g->staff_timer.data = g->seen.data = g->resend.timer.data = g;
    g->handles = 5;
    g->issuer.loop = loop;
    rc = uv_timer_start(&g->seen, on_seen, SEEN_MS, SEEN_MS);
    must(rc == 0);
    rc = uv_timer_start(&g->staff_timer, on_staff_timer, STAFF_LOOK_MS, STAFF_LOOK_MS);
    must(rc == 0);
    hashing_start(&g->hashing, loop);
    rc = uv_prepare_start(&g->turn, on_turn);
    must(rc == 0);
    store_start(&g->store, loop);
    naming_start(&g->naming, loop);
    refused_start(&g->refused, loop, &g->store);
    feed_start(&g->feed, loop);
    revocation_start(&g->revocation, loop);
    return net_start(&g->net, loop, &g->options->listen, context);
}

void gateway_reload(struct gateway *g, const struct options *fresh)
{
    struct net_limits limits = net_limits_of(fresh);
    net_limits(&g->net, &limits);
}

void gateway_sealing(struct gateway *g, struct sealing *fresh, bool required)
{
    g->sealing = *fresh;
    g->sealing_required = required;
    if (g->chains != NULL) { /* A key that was taken away opens nothing from here on. */
        g->counters.heads += chains_heads(g->chains);
        chains_free(g->chains);
    }
    g->chains = chains_new();
    g->unopened_said = false;
    sealing_wipe(fresh);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct gateway *g = handle->data;
    if (--g->handles == 0) {
        ingest_fini(&g->ingest);
        chains_free(g->chains);
        sealing_wipe(&g->sealing);
        issuer_fini(&g->issuer);
        seen_fini(g);
        tls_authorities_fini(&g->authorities);
        g->close_cb(g);
    }
}

static void on_net_closed(struct net *n)
{
    struct gateway *g = container_of(n, struct gateway, net);
    uv_close((uv_handle_t *)&g->turn, on_handle_closed);
    uv_close((uv_handle_t *)&g->drain, on_handle_closed);
    uv_close((uv_handle_t *)&g->staff_timer, on_handle_closed);
    uv_close((uv_handle_t *)&g->seen, on_handle_closed);
    uv_close((uv_handle_t *)&g->resend.timer, on_handle_closed);
}

/* No more verdicts can come: whoever still waits goes with the connections. */
static void on_naming_closed(struct naming *n)
{
    struct gateway *g = container_of(n, struct gateway, naming);
    batcher_cancel(&g->ingest.batcher, ERR_CANCELED);
    net_close(&g->net, on_net_closed);
}

static void on_store_closed(struct store *s)
{
    naming_close(&container_of(s, struct gateway, store)->naming, on_naming_closed);
}

static void on_revocation_closed(struct revocation *r)
{
    store_close(&container_of(r, struct gateway, revocation)->store, on_store_closed);
}

static void on_refused_closed(struct refused *r)
{
    struct gateway *g = container_of(r, struct gateway, refused);
    revocation_close(&g->revocation, on_revocation_closed);
}

static void on_hashing_closed(struct hashing *h)
{
    refused_close(&container_of(h, struct gateway, hashing)->refused, on_refused_closed);
}

static void on_feed_closed(struct feed *f)
{
    hashing_close(&container_of(f, struct gateway, feed)->hashing, on_hashing_closed);
}

static bool is_quiet(const struct gateway *g)
{
    const struct peer *p;
    for (size_t i = 0; i < GATEWAY_BUCKETS; i++) {
        LIST_FOREACH(p, &g->known[i], known)
        {
            if (p->open_requests > 0 || p->conn.unsent > 0) {
                return false;
            }
        }
    }
    return batcher_idle(&g->ingest.batcher);
}

static void say_goodbye(struct gateway *g)
{
    struct peer *p, *next;
    for (size_t i = 0; i < GATEWAY_BUCKETS; i++) {
        for (p = LIST_FIRST(&g->known[i]); p != NULL; p = next) {
            next = LIST_NEXT(p, known);
            conn_close(&p->conn, ERR_CLOSING);
        }
    }
}

static void on_drain(uv_timer_t *timer)
{
    struct gateway *g = timer->data;
    uint64_t now = uv_now(g->loop);
    if (!is_quiet(g) && now < g->drain_until) {
        return;
    }
    if (g->net.counters.open > 0 && now < g->drain_until) {
        say_goodbye(g); /* Their last bytes are read past for a second. */
        return;
    }
    (void)uv_timer_stop(timer); /* Always 0. */
    feed_close(&g->feed, on_feed_closed);
}

static void tell_draining(struct gateway *g, struct peer *p)
{
    Attune__Push push = ATTUNE__PUSH__INIT;
    Attune__Draining draining = ATTUNE__DRAINING__INIT;
    uint32_t random = 0;
    must(RAND_bytes((unsigned char *)&random, sizeof random) == 1);
    draining.reconnect_after_ms = random % (g->options->drain_s * 1000);
    push.body_case = ATTUNE__PUSH__BODY_DRAINING;
    push.draining = &draining;
    peer_push(p, &push);
    p->state = PERMIT_DRAINING;
}

void gateway_drain(struct gateway *g, gateway_close_cb cb)
{
    if (g->draining) {
        g->drain_until = uv_now(g->loop); /* Hurry. */
        return;
    }
    g->draining = true;
    g->close_cb = cb;
    g->drain_until = uv_now(g->loop) + DRAIN_WAIT_MS;
    net_stop(&g->net);
    batcher_stop(&g->ingest.batcher);
    struct peer *p;
    for (size_t i = 0; i < GATEWAY_BUCKETS; i++) {
        LIST_FOREACH(p, &g->known[i], known)
        {
            tell_draining(g, p);
        }
    }
    int rc = uv_timer_start(&g->drain, on_drain, DRAIN_LOOK_MS, DRAIN_LOOK_MS);
    must(rc == 0);
}
