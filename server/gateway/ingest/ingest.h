/* ingest.h - the batcher's shell: what it says to write is written through the store.
 *
 * A rating that was accepted hears one verdict: 0, durable (fate says whether new or a resend);
 * ERR_TICKET_UNKNOWN, ERR_TICKET_USED, ERR_RATING_REFUSED, never to be stored; ERR_DATABASE,
 * ERR_CANCELED, unknown: the kiosk sends it again. */
#pragma once

#include <stdint.h>

#include "server/gateway/ingest/batcher.h"
#include "server/pg/store.h"

struct ingest;
struct ingest_item;
typedef void (*ingest_item_cb)(struct ingest_item *item, int rc);
/* A batch has its verdict: the queue may be low again. */
typedef void (*ingest_progress_cb)(struct ingest *in);

struct ingest_item {
    struct batch_item batch_item;
    struct store_rating rating;
    enum store_fate fate; /* Set when the verdict is 0. */
    ingest_item_cb cb;
    const uint8_t *record; /* The packed Rating, the owner's until the verdict: for quarantine. */
    uint32_t record_size;
};

struct ingest_counters {
    int64_t stored, again, refused, batches, failed_batches;
};

struct ingest {
    struct store *store; /* Borrowed. */
    struct batcher batcher;
    struct store_call call;
    const struct batch *batch;        /* The one under way. */
    const struct store_rating **rows; /* batch_max of them. */
    struct ingest_counters counters;
    ingest_progress_cb progress_cb;
};

void ingest_init(struct ingest *in, struct store *store, struct batcher_limits limits,
                 ingest_progress_cb progress_cb);
/* ERR_BUSY, ERR_CLOSING, ERR_DATABASE (it is away): the item stays the caller's. `item->rating`,
 * `record` are set. */
int ingest_add(struct ingest *in, struct ingest_item *item, ingest_item_cb cb);
/* At the end of a turn of the loop: start what can be started. */
void ingest_turn(struct ingest *in);
/* Nothing may be under way. */
void ingest_fini(struct ingest *in);
