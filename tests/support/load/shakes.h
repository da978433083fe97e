/* shakes.h - full two-sided handshakes as fast as they go, or many connections that only stay.
 *
 * Speaks no frames, so that another server (nginx) is measured with the same client. A handshake
 * counts once the server has answered our close_notify with its own: then it has judged our
 * certificate. */
#pragma once

#include "tests/support/load/fleet.h"

struct shakes_options {
    struct sockaddr_in address;
    uint32_t lines; /* At a time. */
    uint32_t run_ms;
    bool foreign;    /* Not an Attune server. */
    bool stay;       /* Shake hands once and stay. */
    const char *say; /* When staying: sent once, after the handshake; NULL: nothing. */
};

/* Prints "ready devices=N" when staying, and "shakes count=… failed=… per_s=…" at the end. */
int shakes_run(const struct shakes_options *options, struct fleet *fleet);
