/* Happy path: wanted, and the pause is over: gather the keys of the connected devices, ask the
 * store, compare each row with what its device was told, push the difference: what is about a
 * client once the audit has it (offers). Failure: the scan
 * fails or the store is away: it stays wanted and is tried again after the pause; the store's own
 * wakes after a reconnect bring everything. */
#include "server/gateway/feed/feed.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "proto/wire/limits.h"
#include "server/gateway/answer.h"
#include "server/gateway/staff.h"
#include "server/pg/store_right.h"

enum { PAUSE_FACTOR = 4, PAUSE_US_MIN = 5000, PAUSE_US_FAILED = 500000, ALERTS_A_SCAN = 64 };

/* A rating wakes the sessions' scan and the aggregator at once; the larger scan waits, so that the
 * alert goes first. */
enum { SESSIONS_SETTLE_US = 8000 };

static uint64_t now_us(void)
{
    return uv_hrtime() / 1000;
}

static void schedule(struct feed *f);

static void finish(struct feed_scan *s, int rc)
{
    uint64_t pause = s->took_us * PAUSE_FACTOR;
    pause = pause > PAUSE_US_MIN ? pause : PAUSE_US_MIN;
    s->under_way = false;
    s->not_before_us = rc == 0 ? s->started_us + s->took_us + pause : now_us() + PAUSE_US_FAILED;
    s->wanted |= rc != 0 && rc != ERR_CANCELED;
    schedule(s->feed);
}

/* The database has answered. */
static void scanned(struct feed_scan *s)
{
    s->took_us = now_us() - s->started_us;
    free(s->keys);
    s->keys = NULL;
}

static void on_told(struct offers *o, int rc)
{
    finish(container_of(o, struct feed_scan, offers), rc);
}

/* What a scan of the watchers' rows found: into the audit, then out. It is no part of what the scan
 * took: there is as much of it as there is news. */
static void tell(struct feed_scan *s, int rc)
{
    scanned(s);
    s->wanted |= s->offers.is_full;
    if (s->offers.count > 0) {
        rc = offers_note(&s->offers, s->feed->store, on_told);
        if (rc == 0) {
            return; /* on_told ends it. */
        }
    }
    finish(s, rc);
}

/* ---- whose row is it ------------------------------------------------------------------------- */

/* Rows by their owner, so that a scan of n devices costs n log n and not n squared. */
struct owned {
    int64_t practice_id, owner_id, by; /* `by`: fetched for who covers the owner; 0: the owner. */
    size_t row;
};

static int compare_owner(const struct owned *a, int64_t practice_id, int64_t owner_id, int64_t by)
{
    if (a->practice_id != practice_id) {
        return a->practice_id < practice_id ? -1 : 1;
    }
    if (a->owner_id != owner_id) {
        return a->owner_id < owner_id ? -1 : 1;
    }
    return a->by == by ? 0 : a->by < by ? -1 : 1;
}

static int compare_owned(const void *left, const void *right)
{
    const struct owned *a = left, *b = right;
    int order = compare_owner(a, b->practice_id, b->owner_id, b->by);
    return order != 0 ? order : a->row < b->row ? -1 : 1; /* The rows' own order is kept. */
}

static struct owned *owned_new(size_t count)
{
    struct owned *owned = calloc(count + 1, sizeof *owned);
    must(owned != NULL);
    return owned;
}

/* The first of the owner's rows in the sorted list, or the place where it would be. */
static size_t first_of(const struct owned *owned, size_t count, int64_t practice_id,
                       int64_t owner_id, int64_t by)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_owner(&owned[middle], practice_id, owner_id, by) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* ---- rooms ----------------------------------------------------------------------------------- */

/* One or two tickets, or none. */
static void tell_room(struct feed *f, struct peer *p, const struct store_room_now *rooms,
                      size_t count)
{
    struct peer_room now = {.told = true, .tickets = (uint8_t)count};
    for (size_t i = 0; i < count; i++) {
        memcpy(now.ticket_ids[i], rooms[i].ticket_id, STORE_ID);
        now.invited |= rooms[i].invited;
    }
    if (memcmp(&now, &p->room, sizeof now) == 0) {
        return;
    }
    p->room = now;
    f->counters.rooms_pushed++;
    push_room(p, rooms, count);
}

static void tell_rooms(struct feed *f, const struct store_room_now *rooms, size_t count)
{
    struct owned *owned = owned_new(count);
    struct peer *p;
    for (size_t i = 0; i < count; i++) {
        owned[i] = (struct owned){rooms[i].practice_id, rooms[i].room_id, 0, i};
    }
    qsort(owned, count, sizeof *owned, compare_owned);
    LIST_FOREACH(p, f->kiosks, of_role)
    {
        struct store_room_now mine[2];
        size_t at = first_of(owned, count, p->practice_id, p->room_id, 0), found = 0;
        for (; at < count && found < 2; at++) {
            if (compare_owner(&owned[at], p->practice_id, p->room_id, 0) != 0) {
                break;
            }
            mine[found++] = rooms[owned[at].row];
        }
        tell_room(f, p, mine, found);
    }
    free(owned);
}

static void on_rooms(struct store_call *call, int rc, const struct store_room_now *rooms,
                     size_t count)
{
    struct feed_scan *s = container_of(call, struct feed_scan, call);
    if (rc == 0) {
        tell_rooms(s->feed, rooms, count);
    }
    scanned(s);
    finish(s, rc);
}

static int scan_rooms(struct feed_scan *s)
{
    struct store_room_key *keys = s->keys;
    struct peer *p;
    LIST_FOREACH(p, s->feed->kiosks, of_role)
    {
        keys[s->key_count++] = (struct store_room_key){p->practice_id, p->room_id};
    }
    return store_rooms_now(s->feed->store, &s->call, keys, s->key_count, s->feed->ask_tension_at,
                           on_rooms);
}

/* ---- sessions and alerts --------------------------------------------------------------------- */

/* The therapist's rows, from `at` on: those that were fetched for this watcher. A row that the
 * owner may see is not one that who covered the owner still may. */
static bool is_of(const struct owned *owned, size_t count, size_t at, const struct peer *p,
                  int64_t whose, int64_t by)
{
    return at < count && compare_owner(&owned[at], p->practice_id, whose, by) == 0;
}

static void tell_sessions(struct feed_scan *s, const struct store_session *sessions, size_t count)
{
    struct owned *owned = owned_new(count);
    struct peer *p;
    /* Oldest first, so that the newest stay in the ring of what was told. */
    for (size_t i = 0; i < count; i++) {
        const struct store_session *row = &sessions[count - 1 - i];
        owned[i] = (struct owned){row->practice_id, row->therapist_id, row->by, i};
    }
    qsort(owned, count, sizeof *owned, compare_owned);
    LIST_FOREACH(p, s->feed->watchers, of_role)
    {
        if (staff_is_locked(p)) {
            continue; /* Told once somebody is there. */
        }
        offers_to(&s->offers, p);
        const int64_t whose[] = {p->therapist_id, peer_covers(p)}, by[] = {0, p->therapist_id};
        for (size_t w = 0; w < 2; w++) {
            size_t at = first_of(owned, count, p->practice_id, whose[w], by[w]);
            for (; is_of(owned, count, at, p, whose[w], by[w]); at++) {
                offers_session(&s->offers, whose[w], &sessions[count - 1 - owned[at].row]);
            }
        }
    }
    free(owned);
}

static void on_sessions(struct store_call *call, int rc, const struct store_session *sessions,
                        size_t count)
{
    struct feed_scan *s = container_of(call, struct feed_scan, call);
    if (rc == 0) {
        tell_sessions(s, sessions, count);
    }
    tell(s, rc);
}

static void tell_alerts(struct feed_scan *s, const struct store_alert *alerts, size_t count)
{
    struct owned *owned = owned_new(count);
    struct peer *p;
    for (size_t i = 0; i < count; i++) {
        owned[i] = (struct owned){alerts[i].practice_id, alerts[i].therapist_id, alerts[i].by, i};
    }
    qsort(owned, count, sizeof *owned, compare_owned);
    LIST_FOREACH(p, s->feed->watchers, of_role)
    {
        const int64_t whose[] = {p->therapist_id, peer_covers(p)}, by[] = {0, p->therapist_id};
        bool locked = staff_is_locked(p);
        size_t waiting = 0;
        offers_to(&s->offers, p);
        for (size_t w = 0; w < 2; w++) {
            size_t at = first_of(owned, count, p->practice_id, whose[w], by[w]);
            for (; is_of(owned, count, at, p, whose[w], by[w]); at++) {
                waiting++;
                if (!locked) {
                    offers_alert(&s->offers, whose[w], &alerts[owned[at].row]);
                }
            }
        }
        if (locked) {
            staff_waiting(p, waiting);
        }
    }
    free(owned);
}

static void on_alerts(struct store_call *call, int rc, const struct store_alert *alerts,
                      size_t count)
{
    struct feed_scan *s = container_of(call, struct feed_scan, call);
    if (rc == 0) {
        tell_alerts(s, alerts, count);
    }
    tell(s, rc);
}

/* Once a connection, until it is seen. They come oldest first. */
static void on_looks(struct store_call *call, int rc, const struct store_look *looks, size_t count)
{
    struct feed_scan *s = container_of(call, struct feed_scan, call);
    struct peer *p;
    LIST_FOREACH(p, s->feed->watchers, of_role)
    {
        offers_to(&s->offers, p);
        for (size_t i = 0; rc == 0 && i < count && !staff_is_locked(p); i++) {
            if (p->practice_id == looks[i].practice_id && p->therapist_id == looks[i].owner) {
                offers_look(&s->offers, &looks[i]);
            }
        }
    }
    tell(s, rc);
}

static int compare_keys(const void *left, const void *right)
{
    const struct store_therapist_key *a = left, *b = right;
    const struct owned one = {a->practice_id, a->therapist_id, a->by, 0};
    return compare_owner(&one, b->practice_id, b->therapist_id, b->by);
}

/* Two desks of one person are asked for once: each row would come twice, and be counted so. */
static size_t each_once(struct store_therapist_key *keys, size_t count)
{
    size_t kept = 0;
    qsort(keys, count, sizeof *keys, compare_keys);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || compare_keys(&keys[kept - 1], &keys[i]) != 0) {
            keys[kept++] = keys[i];
        }
    }
    return kept;
}

static int scan_watchers(struct feed_scan *s)
{
    struct store_therapist_key *keys = s->keys;
    struct peer *p;
    LIST_FOREACH(p, s->feed->watchers, of_role)
    {
        keys[s->key_count++] = (struct store_therapist_key){p->practice_id, p->therapist_id, 0};
        if (peer_covers(p) != 0 && s->kind != FEED_LOOKS) {
            keys[s->key_count++] =
                (struct store_therapist_key){p->practice_id, peer_covers(p), p->therapist_id};
        }
    }
    s->key_count = each_once(keys, s->key_count);
    if (s->kind == FEED_LOOKS) {
        return store_looks_now(s->feed->store, &s->call, keys, s->key_count, LIMIT_LOOKS, on_looks);
    }
    return s->kind == FEED_SESSIONS
               ? store_sessions_now(s->feed->store, &s->call, keys, s->key_count, on_sessions)
               : store_alerts_undelivered(s->feed->store, &s->call, keys, s->key_count,
                                          ALERTS_A_SCAN, on_alerts);
}

/* ---- the scans ------------------------------------------------------------------------------- */

static size_t devices(const struct feed *f, enum feed_kind kind)
{
    struct peer *p;
    size_t count = 0;
    LIST_FOREACH(p, kind == FEED_ROOMS ? f->kiosks : f->watchers, of_role)
    {
        count++;
    }
    return count;
}

static void start(struct feed_scan *s)
{
    struct feed *f = s->feed;
    size_t count = devices(f, s->kind);
    s->wanted = false;
    if (count == 0) {
        return;
    }
    size_t key_size =
        s->kind == FEED_ROOMS ? sizeof(struct store_room_key) : sizeof(struct store_therapist_key);
    s->keys = calloc(2 * count, key_size); /* A watcher may cover somebody too. */
    must(s->keys != NULL);
    s->key_count = 0;
    s->under_way = true;
    s->started_us = now_us();
    f->counters.scans++;
    int rc = s->kind == FEED_ROOMS ? scan_rooms(s) : scan_watchers(s);
    if (rc != 0) {
        scanned(s);
        finish(s, rc);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct feed *f = container_of(timer, struct feed, timer);
    uint64_t now = now_us();
    for (size_t i = 0; i < FEED_KINDS && !f->closed; i++) {
        struct feed_scan *s = &f->scans[i];
        if (s->wanted && !s->under_way && now >= s->not_before_us) {
            start(s);
        }
    }
    schedule(f);
}

/* One timer for all: it goes off when the first wanted scan may start. */
static void schedule(struct feed *f)
{
    uint64_t now = now_us(), soonest = UINT64_MAX;
    for (size_t i = 0; i < FEED_KINDS; i++) {
        const struct feed_scan *s = &f->scans[i];
        if (s->wanted && !s->under_way) {
            uint64_t wait = s->not_before_us > now ? s->not_before_us - now : 0;
            soonest = wait < soonest ? wait : soonest;
        }
    }
    if (soonest == UINT64_MAX || f->closed) {
        return;
    }
    int rc = uv_timer_start(&f->timer, on_timer, (soonest + 999) / 1000, 0);
    must(rc == 0);
}

static const enum offer_kind offered[FEED_KINDS] = {
    [FEED_SESSIONS] = OFFER_SESSION, [FEED_ALERTS] = OFFER_ALERT, [FEED_LOOKS] = OFFER_LOOK};

void feed_init(struct feed *f, struct store *store, struct peer_list *kiosks,
               struct peer_list *watchers)
{
    *f = (struct feed){.store = store, .kiosks = kiosks, .watchers = watchers};
    for (size_t i = 0; i < FEED_KINDS; i++) {
        f->scans[i] = (struct feed_scan){.feed = f, .kind = (enum feed_kind)i};
        offers_init(&f->scans[i].offers, offered[i], &f->counters.offered);
    }
}

void feed_start(struct feed *f, uv_loop_t *loop)
{
    int rc = uv_timer_init(loop, &f->timer);
    must(rc == 0);
}

void feed_wake(struct feed *f, enum feed_kind kind)
{
    struct feed_scan *s = &f->scans[kind];
    if (kind == FEED_SESSIONS && !s->wanted && !s->under_way) {
        uint64_t settled = now_us() + SESSIONS_SETTLE_US;
        s->not_before_us = settled > s->not_before_us ? settled : s->not_before_us;
    }
    s->wanted = true;
    schedule(f);
}

void feed_anew(struct feed *f, struct peer *p)
{
    if (p->watch != NULL) {
        watch_feed_init(p->watch);
        p->looks_told = 0;
        feed_wake(f, FEED_SESSIONS);
        feed_wake(f, FEED_ALERTS);
        feed_wake(f, FEED_LOOKS);
    }
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct feed *f = container_of((uv_timer_t *)(void *)handle, struct feed, timer);
    f->close_cb(f);
}

void feed_close(struct feed *f, feed_close_cb cb)
{
    must(!f->closed);
    f->closed = true;
    f->close_cb = cb;
    uv_close((uv_handle_t *)&f->timer, on_timer_closed);
}
