/* Happy path: add appends, next takes what has gathered, verdict tells each item.
 * Failure: refused content is halved onto a stack of suspects, which go before anything new, so
 * that a bad rating delays its neighbours by a few writes and never loses them. Any other failure
 * is every item's. */
#include "server/gateway/ingest/batcher.h"

#include <stdint.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

static struct batch take(struct batcher *b, size_t max)
{
    struct batch batch = {b->first, 0};
    struct batch_item **end = &batch.items;
    while (*end != NULL && batch.count < max) {
        end = &(*end)->next;
        batch.count++;
    }
    b->first = *end;
    *end = NULL;
    if (b->first == NULL) {
        b->last = &b->first;
    }
    b->held -= batch.count;
    return batch;
}

static void tell(struct batch batch, int rc)
{
    while (batch.items != NULL) {
        struct batch_item *item = batch.items;
        batch.items = item->next;
        item->cb(item, rc);
    }
}

static void push_suspect(struct batcher *b, struct batch batch)
{
    must(b->suspect_count < BATCHER_SUSPECTS_MAX);
    b->suspects[b->suspect_count++] = batch;
}

static void halve(struct batcher *b, struct batch batch)
{
    struct batch left = {batch.items, batch.count / 2};
    struct batch_item *end = left.items;
    for (size_t i = 1; i < left.count; i++) {
        end = end->next;
    }
    struct batch right = {end->next, batch.count - left.count};
    end->next = NULL;
    push_suspect(b, right);
    push_suspect(b, left);
}

void batcher_init(struct batcher *b, struct batcher_limits limits)
{
    must(limits.batch_max > 0 && limits.batch_max <= 65536);
    must(limits.held_max >= limits.batch_max);
    *b = (struct batcher){.limits = limits};
    b->last = &b->first;
}

int batcher_add(struct batcher *b, struct batch_item *item, batch_item_cb cb)
{
    if (b->stopping) {
        return ERR_CLOSING;
    }
    if (b->held >= b->limits.held_max) {
        return ERR_BUSY;
    }
    *item = (struct batch_item){.cb = cb};
    *b->last = item;
    b->last = &item->next;
    b->held++;
    return 0;
}

enum batch_step batcher_next(struct batcher *b, const struct batch **ret_batch)
{
    if (b->step != BATCH_NOTHING) {
        return BATCH_NOTHING;
    }
    b->step = BATCH_INSERT;
    if (b->condemned.count > 0) {
        b->current = b->condemned;
        b->condemned = (struct batch){0};
        b->step = BATCH_QUARANTINE;
    } else if (b->suspect_count > 0) {
        b->current = b->suspects[--b->suspect_count];
    } else if (b->held > 0) {
        b->current = take(b, b->limits.batch_max);
    } else {
        b->step = BATCH_NOTHING;
        return BATCH_NOTHING;
    }
    *ret_batch = &b->current;
    return b->step;
}

void batcher_verdict(struct batcher *b, int rc)
{
    must(b->step != BATCH_NOTHING);
    struct batch batch = b->current;
    enum batch_step step = b->step;
    b->current = (struct batch){0};
    b->step = BATCH_NOTHING;
    if (step == BATCH_QUARANTINE) {
        tell(batch, rc == 0 ? ERR_RATING_REFUSED : rc);
    } else if (rc != ERR_RATING_REFUSED) {
        tell(batch, rc);
    } else if (batch.count == 1) {
        b->condemned = batch;
    } else {
        halve(b, batch);
    }
}

void batcher_stop(struct batcher *b)
{
    b->stopping = true;
}

bool batcher_idle(const struct batcher *b)
{
    return b->held == 0 && b->suspect_count == 0 && b->condemned.count == 0 &&
           b->step == BATCH_NOTHING;
}

bool batcher_high(const struct batcher *b)
{
    return b->held >= b->limits.held_max - b->limits.held_max / 4;
}

bool batcher_low(const struct batcher *b)
{
    return b->held <= b->limits.held_max / 2;
}

void batcher_cancel(struct batcher *b, int rc)
{
    must(b->step == BATCH_NOTHING);
    tell(b->condemned, rc);
    b->condemned = (struct batch){0};
    while (b->suspect_count > 0) {
        tell(b->suspects[--b->suspect_count], rc);
    }
    while (b->held > 0) {
        tell(take(b, SIZE_MAX), rc);
    }
}
