/* store_claim.h - batches claimed, evaluated and finished in one transaction, which spans round
 * trips.
 *
 * For the aggregator. One connection holds the transaction from the claim to its end; whatever ends
 * it otherwise (a lost connection, a killed process, closing) undoes all of it, and another
 * aggregator finds the batches as they were. Every claim with rc 0 is followed by
 * store_claim_commit or nothing more.
 *
 * Verdicts are as in store.h: from the loop, exactly one for each accepted call. The next step may
 * be taken from inside the verdict of the one before. */
#pragma once

#include "server/pg/claim_rows.h"
#include "server/pg/store.h"

/* What a claim came to. All borrowed for the call. */
struct store_claim_news {
    const struct store_new_alert *alerts;
    size_t alert_count;
    const struct store_rupture *ruptures;
    size_t rupture_count;
    const struct store_ask *asks;
    size_t ask_count;
    unsigned pushes_at; /* The place of "pushes.a_day" in rule_settings.numbers, from 1, */
    int32_t pushes;     /* and its default. */
};

struct store_claim;
/* `ratings` is borrowed until the claim is committed or has failed. None: there was nothing to
 * claim, or only what is of no more use; commit all the same. */
typedef void (*store_claim_cb)(struct store_claim *c, int rc, const struct store_claimed *ratings,
                               size_t count);
typedef void (*store_claim_step_cb)(struct store_claim *c, int rc);

struct store_claim {
    struct store_call call;
    struct store *store;
    struct pg_connection *connection; /* It holds the transaction, in */
    uint64_t epoch;                   /* this life of it. */
    struct store_claimed *ratings;
    size_t rating_count;
    struct store_rules *rules; /* One a practice, in the ratings' order. */
    store_claim_cb claim_cb;
    store_claim_step_cb step_cb;
};

/* At most ratings_max ratings, unless one batch alone has more. */
int store_claim(struct store *s, struct store_claim *c, unsigned ratings_max, store_claim_cb cb);

/* Alerts that are there already stay as they are. Red ones and good news of ratings that were not
 * imported are put on their way to the therapist: one by one, as many a day as the practice has it;
 * the rest as a digest, but never a red one whose client may still be in the room. Ruptures become
 * as they are here, each move is kept; what people have done to them stays. The claimed ratings are
 * added to the roll-ups. rc not 0: all is undone, the claim too. */
int store_claim_write(struct store_claim *c, const struct store_claim_news *news,
                      store_claim_step_cb cb);

/* rc not 0: unknown; if it was undone, the batches come back in a later claim. */
int store_claim_commit(struct store_claim *c, store_claim_step_cb cb);
