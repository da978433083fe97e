/* Happy path: at the end of a turn the batcher names a batch, the store writes it in one
 * transaction, the fates are laid on the items, the batcher tells each. Failure: the store refuses
 * at once (away, busy): the batch hears it as a verdict; the kiosks send again. */
#include "server/gateway/ingest/ingest.h"

#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/failpoint.h"
#include "proto/wire/must.h"

static struct ingest_item *item_of(struct batch_item *item)
{
    return container_of(item, struct ingest_item, batch_item);
}

static void on_item(struct batch_item *batch_item, int rc)
{
    static const int verdicts[] = {[STORE_NEW] = 0,
                                   [STORE_AGAIN] = 0,
                                   [STORE_GONE] = 0,
                                   [STORE_TICKET_UNKNOWN] = ERR_TICKET_UNKNOWN,
                                   [STORE_TICKET_USED] = ERR_TICKET_USED};
    struct ingest_item *item = item_of(batch_item);
    item->cb(item, rc != 0 ? rc : verdicts[item->fate]);
}

static void count(struct ingest *in, enum store_fate fate)
{
    in->counters.stored += fate == STORE_NEW;
    in->counters.again += fate == STORE_AGAIN || fate == STORE_GONE;
    in->counters.refused += fate == STORE_TICKET_UNKNOWN || fate == STORE_TICKET_USED;
}

static void finish(struct ingest *in, int rc)
{
    in->batch = NULL;
    in->counters.batches++;
    in->counters.failed_batches += rc != 0;
    batcher_verdict(&in->batcher, rc);
    in->progress_cb(in);
}

static void on_inserted(struct store_call *call, int rc, const enum store_fate *fates, size_t n)
{
    struct ingest *in = container_of(call, struct ingest, call);
    if (rc == 0 && failpoint(FAILPOINT_server_after_commit) != 0) {
        rc = ERR_DATABASE; /* As if the answer had been lost. */
    }
    if (rc == 0) {
        must(n == in->batch->count);
        size_t i = 0;
        for (struct batch_item *item = in->batch->items; item != NULL; item = item->next) {
            item_of(item)->fate = fates[i];
            count(in, fates[i++]);
        }
    }
    finish(in, rc);
}

static void on_quarantined(struct store_call *call, int rc)
{
    struct ingest *in = container_of(call, struct ingest, call);
    in->counters.refused += rc == 0;
    finish(in, rc);
}

static int insert(struct ingest *in)
{
    size_t n = 0;
    for (struct batch_item *item = in->batch->items; item != NULL; item = item->next) {
        in->rows[n++] = &item_of(item)->rating;
    }
    return store_ratings_insert(in->store, &in->call, in->rows, n, on_inserted);
}

static int quarantine(struct ingest *in)
{
    struct ingest_item *item = item_of(in->batch->items);
    return store_rating_quarantine(in->store, &in->call, &item->rating, item->record,
                                   item->record_size, on_quarantined);
}

void ingest_init(struct ingest *in, struct store *store, struct batcher_limits limits,
                 ingest_progress_cb progress_cb)
{
    *in = (struct ingest){.store = store, .progress_cb = progress_cb};
    batcher_init(&in->batcher, limits);
    in->rows = calloc(limits.batch_max, sizeof(const struct store_rating *));
    must(in->rows != NULL);
}

int ingest_add(struct ingest *in, struct ingest_item *item, ingest_item_cb cb)
{
    if (!store_ready(in->store)) {
        return ERR_DATABASE;
    }
    int rc = batcher_add(&in->batcher, &item->batch_item, on_item);
    if (rc == 0) {
        item->cb = cb;
    }
    return rc;
}

void ingest_turn(struct ingest *in)
{
    enum batch_step step = batcher_next(&in->batcher, &in->batch);
    if (step == BATCH_NOTHING) {
        return;
    }
    int rc = step == BATCH_INSERT ? insert(in) : quarantine(in);
    if (rc != 0) {
        finish(in, rc == ERR_BUSY ? ERR_DATABASE : rc);
    }
}

void ingest_fini(struct ingest *in)
{
    must(in->batch == NULL);
    free(in->rows);
    in->rows = NULL;
}
