/* office_lock.h - is somebody at the desk? The server's word, and what a person types. For
 * office*.c and the lock page.
 *
 *     Welcome, locked ─ log on ─> [code] ─> [new password] ─> [new second factor] ─> on
 *     on ─ LogOff, or the server locks ─> locked
 *
 * Nothing typed is kept here: it is handed to the link and forgotten. A new second factor's secret
 * is, until it is confirmed. The token is the link's, in
 * memory alone: a window that is opened anew asks for the password. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "client/link/link.h"

enum { OFFICE_LOCK_SAID = 256, OFFICE_FACTOR_URI = 512 };

/* What the next answer of a person must hold, besides the password. */
enum office_wants {
    OFFICE_WANTS_PASSWORD,
    OFFICE_WANTS_CODE,
    OFFICE_WANTS_NEW,
    OFFICE_WANTS_FACTOR, /* Begun once there is a `uri`; then a code made from it. */
};

struct office_lock {
    bool required; /* The practice asks for log-on. */
    bool on;       /* Somebody has logged on. */
    bool asking;   /* An answer is awaited. */
    enum office_wants wants;
    uint32_t waiting;            /* Alerts, as a locked connection is told: never which. */
    char said[OFFICE_LOCK_SAID]; /* Why not, or what next, in words; "": nothing. */
    char uri[OFFICE_FACTOR_URI]; /* For an authenticator; "": none was begun. */
    struct link_request ask, watch;
};

struct office;

/* Nobody has logged on where somebody must. */
bool office_locked(const struct office *o);

/* A person's: `name` only matters on an administrator's device. */
void office_log_on(struct office *o, const char *name, const char *password, const char *code);
void office_new_password(struct office *o, const char *old, const char *fresh);
void office_begin_factor(struct office *o, const char *password);
void office_confirm_factor(struct office *o, const char *code);
/* The desk was locked here: it is on the server, too. */
void office_log_off(struct office *o);

/* The link is up: locked, or as before. */
void office_lock_up(struct office *o);
/* The server has locked, or counted. */
void office_lock_pushed(struct office *o, const Attune__Locked *locked);
