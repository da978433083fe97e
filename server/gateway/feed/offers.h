/* offers.h - what a scan found to be news to somebody about their clients: noted in the audit
 * first, then said.
 *
 * Happy path: each row of a scan is offered; what is news on that connection is kept, packed.
 * offers_note writes one audit row for each person's screen, however much it will show, in one
 * call; once that is committed all is said, and only then counts as told. Who has gone, was locked,
 * or covers no more meanwhile is told nothing: the row says that it was on its way; that it arrived
 * says "alerts.received".
 *
 * Nothing is told that is not noted: without the database nothing is said, and the next scan finds
 * it again. At most OFFERS_MAX are held; the rest is for the next scan. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/gateway/peer.h"
#include "server/pg/store_audit.h"

enum { OFFERS_MAX = 2048 };

enum offer_kind { OFFER_SESSION, OFFER_ALERT, OFFER_LOOK };

struct offer {
    struct kept_push *push; /* Ours. */
    int64_t at;             /* A look's. */
    uint8_t state, outcome; /* A session's. */
};

/* One person's screen. */
struct offer_to {
    struct pending pending;
    int64_t whose; /* Their own rows, or whom they cover. */
    uint64_t era;  /* Its peer's news_era then. */
    size_t count;
};

struct offer_counters {
    int64_t sessions, alerts, alerts_held_back;
};

struct offers;
/* All was said, or on an error nothing. */
typedef void (*offers_cb)(struct offers *o, int rc);

struct offers {
    struct store_call call;
    enum offer_kind kind;
    struct offer_counters *counters; /* Borrowed. */
    struct offer *list;              /* Ours, as the next two; NULL when nothing is offered. */
    struct store_thing *things;
    struct offer_to *to;
    size_t count, to_count;
    bool is_full;            /* Something had no place. */
    struct peer *peer;       /* The watcher whose turn it is, */
    struct watch_feed draft; /* and what it will have been told; */
    int64_t draft_at;        /* looks up to then. */
    offers_cb cb;
};

void offers_init(struct offers *o, enum offer_kind kind, struct offer_counters *counters);

/* A watcher's turn, once a scan; it is not locked. */
void offers_to(struct offers *o, struct peer *p);
/* One of a therapist's rows (`whose`), to the watcher. What is no news to it is passed over. */
void offers_session(struct offers *o, int64_t whose, const struct store_session *row);
void offers_alert(struct offers *o, int64_t whose, const struct store_alert *row);
void offers_look(struct offers *o, const struct store_look *row);

/* Notes and says what was offered, of which there is something (`count`). Not 0: nothing was said,
 * and `cb` is not called. */
int offers_note(struct offers *o, struct store *store, offers_cb cb);
