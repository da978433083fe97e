/* permit.h - who may say what now. Pure: one table of role by request.
 *
 * PROTOCOL.md, section "Roles", shows the same table. */
#pragma once

#include "envelope.pb-c.h"

enum permit_state {
    PERMIT_FRESH,    /* TLS is up, nothing was said. */
    PERMIT_GREETING, /* Hello is being answered. */
    PERMIT_READY,    /* Welcome was said. */
    PERMIT_DRAINING, /* The server is stopping: only what is under way is finished. */
};

/* Returns 0, ERR_HELLO_FIRST (also for a second Hello), ERR_ROLE or ERR_CLOSING. */
int permit_request(enum permit_state state, Attune__Role role, Attune__Request__BodyCase request);
