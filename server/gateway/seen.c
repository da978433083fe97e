/* Happy path: a greeting makes a device's part, pings change it, a tick writes those that are due.
 * Failure: a batch that is lost leaves its devices due. */
#include "server/gateway/seen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "proto/wire/tls_session_enrol.h"
#include "server/base/clock.h"
#include "server/gateway/gateway.h"
#include "server/pg/store_enrol.h"

enum { BATCH_MAX = 500, LEFT_MAX = 1000, AGAIN_MS = 3 * 60 * 1000 };

struct seen_batch {
    struct store_call call;
    struct gateway *gateway;
};

void seen_hello(struct peer *p, const Attune__Hello *hello)
{
    int64_t now = clock_now_ms(), left = 0;
    struct seen *s = calloc(1, sizeof *s);
    must(s != NULL);
    if (tls_session_peer_expires_in(&p->conn.tls, now / 1000, &left) == 0) {
        s->expires_ms = now / 1000 * 1000 + left * 1000;
    }
    s->clock_ahead_ms = p->clock_ahead_ms;
    if (hello->authority_id.len == sizeof s->authority_id) {
        memcpy(s->authority_id, hello->authority_id.data, sizeof s->authority_id);
    }
    (void)snprintf(s->software, sizeof s->software, "%s %s", hello->software, hello->version);
    free(p->seen);
    p->seen = s;
}

void seen_ping(struct peer *p, const Attune__Ping *ping)
{
    if (p->seen != NULL && p->role == ATTUNE__ROLE__ROLE_KIOSK) {
        p->seen->spool_depth = ping->spool_depth;
        p->seen->oldest_unsent_s = ping->oldest_unsent_s;
    }
}

void seen_renewed(struct peer *p, int64_t expires_ms)
{
    if (p->seen != NULL && expires_ms > 0) {
        p->seen->expires_ms = expires_ms;
        p->seen->written_ms = 0;
    }
}

void seen_authority(struct peer *p)
{
    if (p->seen != NULL) {
        memcpy(p->seen->authority_id, p->gateway->authorities.id, LIMIT_AUTHORITY_ID);
        p->seen->written_ms = 0;
    }
}

static void on_written(struct store_call *call, int rc)
{
    struct seen_batch *b = container_of(call, struct seen_batch, call);
    (void)rc; /* Written again in three minutes, or at the next greeting. */
    b->gateway->seen_busy = false;
    free(b);
}

void seen_gone(struct peer *p)
{
    struct gateway *g = p->gateway;
    struct seen *s = p->seen;
    if (s == NULL || s->written_ms != 0 || p->label == NULL || g->seen_left_count == LEFT_MAX) {
        return;
    }
    s->practice_id = p->practice_id;
    s->left_ms = clock_now_ms();
    memcpy(s->fingerprint, p->fingerprint, sizeof s->fingerprint);
    s->next = g->seen_left;
    g->seen_left = s;
    g->seen_left_count++;
    p->seen = NULL;
}

static struct seen *take_left(struct gateway *g)
{
    struct seen *s = g->seen_left;
    if (s != NULL) {
        g->seen_left = s->next;
        g->seen_left_count--;
    }
    return s;
}

void seen_fini(struct gateway *g)
{
    struct seen *s;
    while ((s = take_left(g)) != NULL) {
        free(s);
    }
}

static void fill(struct store_seen *row, const struct seen *s, int64_t at)
{
    *row = (struct store_seen){
        .seen = at,
        .expires = s->expires_ms,
        .clock_ahead_ms = s->clock_ahead_ms,
        .software = s->software,
        .spool_depth = s->spool_depth,
        .oldest_unsent_s = s->oldest_unsent_s,
    };
    memcpy(row->authority_id, s->authority_id, LIMIT_AUTHORITY_ID);
}

/* Those that are here and due, from `count` on. */
static size_t gather(struct gateway *g, int64_t now, struct store_seen *rows, size_t count)
{
    struct peer *p;
    for (size_t i = 0; i < GATEWAY_BUCKETS; i++) {
        LIST_FOREACH(p, &g->known[i], known)
        {
            struct seen *s = p->seen;
            if (count == BATCH_MAX) {
                return count;
            }
            if (s == NULL || now - s->written_ms < AGAIN_MS) {
                continue;
            }
            fill(&rows[count], s, now);
            rows[count].practice_id = p->practice_id;
            memcpy(rows[count].fingerprint, p->fingerprint, STORE_FINGERPRINT);
            s->written_ms = now;
            count++;
        }
    }
    return count;
}

void seen_tick(struct gateway *g)
{
    if (g->seen_busy || g->draining || !store_ready(&g->store)) {
        return;
    }
    struct store_seen *rows = calloc(BATCH_MAX, sizeof *rows);
    must(rows != NULL);
    struct seen *left[BATCH_MAX];
    size_t gone = 0;
    while (gone < BATCH_MAX && (left[gone] = take_left(g)) != NULL) {
        fill(&rows[gone], left[gone], left[gone]->left_ms);
        rows[gone].practice_id = left[gone]->practice_id;
        memcpy(rows[gone].fingerprint, left[gone]->fingerprint, STORE_FINGERPRINT);
        gone++;
    }
    size_t count = gather(g, clock_now_ms(), rows, gone);
    if (count > 0) {
        struct seen_batch *b = calloc(1, sizeof *b);
        must(b != NULL);
        b->gateway = g;
        g->seen_busy = true;
        int rc = store_seen(&g->store, &b->call, rows, count, on_written);
        if (rc != 0) {
            on_written(&b->call, rc);
        }
    }
    for (size_t i = 0; i < gone; i++) {
        free(left[i]);
    }
    free(rows);
}

int64_t seen_expires_first_s(const struct gateway *g)
{
    int64_t first = INT64_MAX, now = clock_now_ms();
    const struct peer *p;
    for (size_t i = 0; i < GATEWAY_BUCKETS; i++) {
        LIST_FOREACH(p, &g->known[i], known)
        {
            if (p->seen != NULL && p->seen->expires_ms != 0) {
                int64_t left = (p->seen->expires_ms - now) / 1000;
                first = left < first ? left : first;
            }
        }
    }
    return first;
}
