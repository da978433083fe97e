/* store_resend.h - what kiosks are asked to send once more, after a fail-over or by hand. See
 * sql/0016_resend.sql. */
#pragma once

#include "server/pg/store.h"

enum { STORE_PLACE_MAX = 64 };

struct store_resend {
    const char *place;            /* Which cluster and timeline this is. */
    int64_t version;              /* Grows with each new wish; 0: there is none. */
    int64_t clock_ms;             /* The database's. */
    int64_t within_ms, before_ms; /* What was acknowledged so long ago at most, and at least. */
};

typedef void (*store_resend_cb)(struct store_call *c, int rc, const struct store_resend *resend);

/* `met` is the place of the last look, "" at first. A place that was never met is noted. */
int store_resend_look(struct store *s, struct store_call *c, const char *met, store_resend_cb cb);

/* Ask for what was acknowledged since then, "2026-11-25T10:00" in UTC. As the server's role;
 * blocks: for a command, not for the loop. Returns 0, ERR_FIELD (no such time, or it is to come) or
 * ERR_DATABASE, said on standard error. */
int resend_by_hand(const char *conninfo, const char *since);
