/* permit.h - who may say what now. Pure: one table of role by request.
 *
 * PROTOCOL.md, section "Roles", shows the same table. */
#pragma once

#include <stdbool.h>

#include "envelope.pb-c.h"

enum permit_state {
    PERMIT_FRESH,    /* TLS is up, nothing was said. */
    PERMIT_GREETING, /* Hello is being answered. */
    PERMIT_ENROL,    /* attune-enrol/1: a device without a certificate that is good. */
    PERMIT_READY,    /* Welcome was said; staff who must log on have done so. */
    PERMIT_DRAINING, /* The server is stopping: only what is under way is finished. */
    PERMIT_LOCKED,   /* Welcome was said; who is at the device is to be said. */
    PERMIT_PASSWORD, /* Logged on with a password that must be changed first. */
    PERMIT_FACTOR,   /* Logged on without a second factor, where the practice demands one. */
};

/* Of what a therapist's device may ask, what while seeing a colleague's rows: 0 or ERR_READ_ONLY.
 */
int permit_acting(Attune__ActKind acting, Attune__Request__BodyCase request);

/* Returns 0, ERR_HELLO_FIRST (also for a second Hello), ERR_ROLE, ERR_CLOSING, ERR_LOG_ON_FIRST,
 * ERR_PASSWORD_FIRST or ERR_FACTOR_FIRST. */
int permit_request(enum permit_state state, Attune__Role role, Attune__Request__BodyCase request);

/* It tells nothing of a client: whoever is at the desk by now may hear it. All else is for who
 * asked, and ends with what let them ask. */
bool permit_is_open(const Attune__ServerFrame *frame);

/* A person does that, or might: it keeps a log-on from going idle. What a program says of itself
 * does not. */
bool permit_by_person(Attune__Request__BodyCase request);

/* Its body holds a password, a token or a code: what it left in memory is overwritten at once. */
bool permit_is_secret(Attune__Request__BodyCase request);
