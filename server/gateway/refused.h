/* refused.h - writes refusals into the audit: the first within a second, then once a minute, and
 * what is left when the server stops. A server that is killed loses its last minute's. */
#pragma once

#include <uv.h>

#include "server/gateway/refusals.h"
#include "server/pg/store.h"

struct peer;
struct refused;
typedef void (*refused_close_cb)(struct refused *r);

struct refused {
    struct store *store; /* Borrowed. */
    struct store_call call;
    struct refusals now, sent; /* `sent` are with the database. */
    uv_timer_t timer;
    uint64_t next_ms; /* Not before. */
    bool scheduled, under_way;
    refused_close_cb close_cb; /* Set: closing. */
};

void refused_start(struct refused *r, uv_loop_t *loop, struct store *store);
/* What this peer was answered. Not a refusal (refusals_is_one), or closing: nothing. */
void refused_note(struct refused *r, const struct peer *p, int rc);
/* Writes what is left, for two seconds at most; before the store's close. */
void refused_close(struct refused *r, refused_close_cb cb);
