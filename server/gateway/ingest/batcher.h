/* batcher.h - gather ratings and store many of them in one transaction. Pure: no loop, no database.
 *
 * While one batch is being written the next one gathers: no timer, no fixed size. Under light load
 * a batch is one rating, under heavy load thousands. Every item that was accepted gets exactly one
 * verdict, and verdict 0 comes only after the batch's own: then, and only then, the kiosk may
 * forget the rating.
 *
 * A batch that the database refuses for its content is halved until the one bad item is alone; that
 * one goes to quarantine, the others are stored. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct batch_item;
/* The item is the owner's again before this runs; it may be freed here. May add; may not call next
 * or verdict. */
typedef void (*batch_item_cb)(struct batch_item *item, int rc);

struct batch_item {
    struct batch_item *next; /* The batcher's while accepted. */
    batch_item_cb cb;
};

struct batch {
    struct batch_item *items;
    size_t count;
};

struct batcher_limits {
    size_t
        held_max; /* Items waiting, the batch under way not counted; above it add says ERR_BUSY. */
    size_t batch_max; /* Items in one transaction; at most 65,536. */
};

enum { BATCHER_SUSPECTS_MAX = 18 }; /* Halves of halves: 1 + log2(batch_max) + 1. */

enum batch_step {
    BATCH_NOTHING,    /* One is under way, or there is nothing to do. */
    BATCH_INSERT,     /* Write these in one transaction. */
    BATCH_QUARANTINE, /* Write this one to quarantine. */
};

struct batcher {
    struct batcher_limits limits;
    struct batch_item *first, **last;
    size_t held;
    struct batch suspects[BATCHER_SUSPECTS_MAX]; /* A stack: parts of a refused batch. */
    size_t suspect_count;
    struct batch condemned; /* The bad one, found: none or one item. */
    struct batch current;
    enum batch_step step; /* Of the current one. */
    bool stopping;
};

void batcher_init(struct batcher *b, struct batcher_limits limits);

/* Borrow `item` until its verdict. ERR_BUSY, ERR_CLOSING: the item stays the caller's and `cb` is
 * silent. */
int batcher_add(struct batcher *b, struct batch_item *item, batch_item_cb cb);

/* What to do now. Unless BATCH_NOTHING a batcher_verdict is owed; *ret_batch is borrowed until
 * then. */
enum batch_step batcher_next(struct batcher *b, const struct batch **ret_batch);

/* How the current step went. 0: durable (an item in quarantine then hears ERR_RATING_REFUSED).
 * ERR_RATING_REFUSED (of an insert): nothing of it is stored, the content is at fault. Anything
 * else: each item hears it. */
void batcher_verdict(struct batcher *b, int rc);

/* Take nothing new; what is held is still written. */
void batcher_stop(struct batcher *b);

/* Nothing waits and nothing is under way. */
bool batcher_idle(const struct batcher *b);

/* Whether to stop reading from kiosks (three quarters full), and whether to go on (below half). */
bool batcher_high(const struct batcher *b);
bool batcher_low(const struct batcher *b);

/* Everything that waits hears `rc`. Not while a step is under way. */
void batcher_cancel(struct batcher *b, int rc);
