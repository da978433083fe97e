/* room.h - the kiosk as a whole: flow, screen, spool and link, tied together. Decides nothing. */
#pragma once

#include <glib.h>

#include "client/kiosk/flow.h"
#include "client/kiosk/kiosk_shell.h"
#include "client/kiosk/screen/screen.h"
#include "client/kiosk/settings.h"
#include "client/kiosk/texts.h"
#include "client/link/identity.h"
#include "client/link/link.h"

struct room {
    const struct settings *settings; /* Borrowed. */
    struct catalogs catalogs;
    struct flow flow;
    struct identity identity;
    struct kiosk_shell kiosk;
    struct link link;
    struct screen screen;
    GMainLoop *loop;
    GSource *clock;
    guint term, interrupt, check; /* Sources; 0: none. */
    bool linked, spooled, shown, closed;
    uint32_t refused;      /* Ratings that the server refused for good. */
    uint32_t wordings_bad; /* Of the practice's own, at the last ticket. */
    char why[IDENTITY_WHY];
};

/* Everything that needs no display: identity, address, spool. Returns 0; or ERR_CONFIG,
 * ERR_CERTIFICATE, ERR_DISK with a sentence in r->why. room_close is owed either way. */
int room_open(struct room *r, const struct settings *settings, const char *locale_dir);

/* Show, connect, and go on until the end is asked for. GTK must have started. */
void room_run(struct room *r);

/* Lets go of everything, and wipes who was there. */
void room_close(struct room *r);
