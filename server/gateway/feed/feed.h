/* feed.h - tells connected devices what is new for them: kiosks their room, watching therapists
 * their sessions and alerts.
 *
 * The table is the truth, a wake is a hint: each wake, and each poll without one, starts a scan of
 * what the connected devices should know now; what differs from what they were told is pushed. One
 * scan of a kind is under way at a time, and scans leave the database at least four times as long
 * as they took, so that their cost stays bounded however many wakes come. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "server/gateway/feed/offers.h"
#include "server/pg/store.h"

enum feed_kind { FEED_ROOMS, FEED_SESSIONS, FEED_ALERTS, FEED_LOOKS, FEED_KINDS };

struct feed;

struct feed_scan {
    struct store_call call;
    struct feed *feed;
    enum feed_kind kind;
    bool wanted, under_way;
    uint64_t started_us, took_us, not_before_us;
    struct offers offers; /* A watcher's: what it found. */
    void *keys;           /* Ours while under way. */
    size_t key_count;
};

struct feed_counters {
    int64_t scans, rooms_pushed;
    struct offer_counters offered;
};

struct feed {
    struct store *store;                 /* Borrowed. */
    struct peer_list *kiosks, *watchers; /* Borrowed. */
    unsigned ask_tension_at;             /* The place of that setting in a practice's numbers. */
    struct feed_scan scans[FEED_KINDS];
    struct feed_counters counters;
    uv_timer_t timer;
    bool closed;
    void (*close_cb)(struct feed *f);
};
typedef void (*feed_close_cb)(struct feed *f);

void feed_init(struct feed *f, struct store *store, struct peer_list *kiosks,
               struct peer_list *watchers);
void feed_start(struct feed *f, uv_loop_t *loop);
/* Something may be new: scan soon. */
void feed_wake(struct feed *f, enum feed_kind kind);
/* This watcher is told everything that is so now, whatever it was told before. */
void feed_anew(struct feed *f, struct peer *p);
/* No more scans. The scans under way are cancelled by the store's close, which comes before `cb`'s
 * use. */
void feed_close(struct feed *f, feed_close_cb cb);
