/* revocation.h - ends live connections whose device, person or certificate was revoked, within
 * seconds.
 *
 * A hint wakes it, and without one it looks every second. A look asks for what was revoked since
 * the last one, whoever is connected. After anything that could have made it miss something (a look
 * that failed, a database connection that was lost: it may be another server now) it asks once
 * about everyone who is connected. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "server/gateway/peer.h"
#include "server/pg/store_revocation.h"

enum { REVOCATION_BUCKETS = 4096 };

struct revocation;
typedef void (*revocation_close_cb)(struct revocation *r);

struct revocation {
    struct store *store; /* Borrowed. */
    struct store_call call;
    uv_timer_t timer;
    struct peer_list by_key[REVOCATION_BUCKETS], by_serial[REVOCATION_BUCKETS];
    int64_t since;          /* A transaction's number: see store_revocation.h. */
    int64_t cut;            /* Connections ended so far. */
    uint8_t look;           /* What is being asked, and what is to be asked next. */
    bool under_way, wanted; /* `wanted`: look again at once. */
    bool spared;            /* Somebody was, by this look. */
    bool doubt;             /* Something may have been missed, since this look was asked too. */
    bool closed;
    revocation_close_cb close_cb;
};

void revocation_init(struct revocation *r, struct store *store);
void revocation_start(struct revocation *r, uv_loop_t *loop);
/* A device has said Hello: before it is looked up, so that nothing falls between. It leaves with
 * peer_gone. One that is cut has `revoked` set, and is not to be welcomed. */
void revocation_meet(struct revocation *r, struct peer *p);
/* Something may have been revoked. */
void revocation_wake(struct revocation *r);
/* Something may have been missed. */
void revocation_doubt(struct revocation *r);
/* Looks no more; what is under way is cancelled by the store's close. */
void revocation_close(struct revocation *r, revocation_close_cb cb);
