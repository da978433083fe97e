/* ended.h - locks staff's connections when what let them in was ended elsewhere: by a new password,
 * an administrator, the account's end, a newer log-on of the same device, or a practice that asks
 * for log-on from now on.
 *
 * A hint wakes it, and without one it looks every second, as revocation does: everything that is
 * open here is asked about at once. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/gateway/peer.h"
#include "server/pg/store_log_on.h"

struct ended {
    struct store *store;     /* Borrowed, as the list: */
    struct peer_list *staff; /* All staff's connections here. */
    struct store_call call;
    uint64_t next_ms;       /* Of the loop's clock. */
    bool under_way, wanted; /* `wanted`: look again at once. */
    int64_t locked;         /* Connections so far. */
};

void ended_init(struct ended *e, struct store *store, struct peer_list *staff);
/* Something may have ended. */
void ended_wake(struct ended *e);
/* Often: looks when it is time. */
void ended_tick(struct ended *e, uint64_t now_ms);
