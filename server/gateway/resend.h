/* resend.h - asks kiosks for what may have been lost: after a fail-over by itself, or by hand.
 *
 * Every few seconds the database is asked whether it is still where it was (its cluster, its
 * timeline) and whether there is a wish. Then each connected kiosk is told once, so many a second
 * that their answers do not drown what is new; one that connects later is told then. A kiosk sends
 * again what it had acknowledged in that span, and what the server has is known by its id. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "server/gateway/allowance.h"
#include "server/gateway/peer.h"
#include "server/pg/store_resend.h"

struct resend {
    struct store *store; /* Borrowed, as `kiosks`. */
    struct peer_list *kiosks;
    struct allowance pace; /* Of telling. */
    uint32_t look_ms;
    uv_timer_t timer; /* The owner's to close, and its data. */
    struct store_call call;
    char place[STORE_PLACE_MAX];
    int64_t version, within_ms, before_ms;
    uint64_t looked_at, look_at; /* The loop's milliseconds: of the last answer; when next. */
    int64_t told;
    int64_t clock_ahead_ms; /* This machine's clock, ahead of the database's. */
    bool under_way, clock_said;
};

/* `kiosks_per_second` 0: nobody is asked. */
void resend_init(struct resend *r, struct store *store, struct peer_list *kiosks,
                 uint32_t kiosks_per_second, uint32_t look_ms);
void resend_start(struct resend *r, uv_loop_t *loop);
