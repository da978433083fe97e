/* staff.h - who is at a staff's device: the shell around log_on (pure), and what being there means.
 *
 * A connection of staff is locked from Welcome on where the practice asks for log-on; it opens with
 * LogOn or ResumeLogOn, and locks again when a limit of log_on is reached, with LogOff, or when the
 * log-on was ended elsewhere. Locked and watching, it hears how much waits and never what. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "envelope.pb-c.h"
#include "proto/wire/limits.h"
#include "server/gateway/log_on.h"
#include "server/gateway/peer.h"
#include "server/pg/store_log_on.h"

enum { STAFF_LOOK_MS = 500, STAFF_NOT_TOLD = -1 };

struct staff {
    struct log_on log_on;
    bool required; /* Without a log-on there is nothing but to log on. */
    bool locked;   /* Nobody is there who may be told: also while the server drains. */
    bool has_token;
    bool trying;        /* A password of this device's is on its way: one at a time. */
    int64_t account_id; /* 0: nobody is known to be there. */
    int64_t waiting;    /* Told while locked; STAFF_NOT_TOLD. */
    char person[LIMIT_NAME_BYTES + 1];
    char actor[2 * LIMIT_NAME_BYTES + 3]; /* "desk 2: Dr. Lund": the peer's label meanwhile. */
    uint8_t token_hash[STORE_TOKEN];
    char acting_for[LIMIT_NAME_BYTES + 1]; /* While it sees a colleague's rows: the code. */
};

/* A device of staff was welcomed. */
void staff_begin(struct peer *p, bool required);
/* Somebody is there; in another `state` than PERMIT_READY something is to be done first, and there
 * is no token yet. */
void staff_on(struct peer *p, const struct store_resumed *who, enum permit_state state,
              const uint8_t *token_hash);
/* Nobody is. Says so, if the practice asks for log-on. */
void staff_lock(struct peer *p);
/* Before each request: is who was there still taken to be? */
void staff_look(struct peer *p);
/* A permitted request. */
void staff_used(struct peer *p, Attune__Request__BodyCase request);
/* While locked: so many alerts wait. Pushed when it is news. */
void staff_waiting(struct peer *p, size_t waiting);
bool staff_is_locked(const struct peer *p);

/* The gateway's timer: all that are known. */
void staff_look_at_all(struct gateway *g);

/* For the store's operations. */
struct store_seat staff_seat(const struct peer *p);
