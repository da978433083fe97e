/* pace.h - when a client connects, pings, gives up and tries again.
 *
 * Pure: what happened comes in with the time, what is to be done comes out of pace_tick. The link
 * is its shell; a load generator or a simulator may be another.
 *
 *     begin ─> WAITING ─CONNECT─> GREETING ─welcome─> UP
 *                 ^                   │                │
 *                 └──────── lost ─────┴────────────────┘        REPLACED: STOPPED for good
 *
 * Times are milliseconds of a clock that never goes back. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/wire/backoff.h"

enum {
    PACE_GREETING_MS = 10 * 1000, /* Name, connection, handshake and Welcome, all together. */
};

enum pace_state { PACE_IDLE, PACE_WAITING, PACE_GREETING, PACE_UP, PACE_STOPPED };

enum pace_do {
    PACE_NOTHING,
    PACE_CONNECT, /* Begin a connection; pace_lost or pace_welcome is owed. */
    PACE_PING,    /* Say something: pace_said is owed. */
    PACE_GIVE_UP, /* This connection is dead: end it and call pace_lost with `ret_rc`. */
};

struct pace {
    enum pace_state state;
    struct backoff backoff;
    int64_t due_ms; /* WAITING: the next try. GREETING: when it has taken too long. */
    int64_t heard_ms, said_ms, up_ms;
    int64_t ping_ms;
    uint32_t drain_ms; /* How long to stay away, when the server is stopping. */
    bool draining;
};

void pace_init(struct pace *p);

/* Connect now. */
void pace_begin(struct pace *p, int64_t now_ms);

/* Welcome came, with its ping_s (0 or too long: LIMIT_PING_S). */
void pace_welcome(struct pace *p, uint32_t ping_s, int64_t now_ms);
void pace_heard(struct pace *p, int64_t now_ms);
void pace_said(struct pace *p, int64_t now_ms);

/* The server is about to stop: once it is gone, stay away for `after_ms` (a minute at most). */
void pace_draining(struct pace *p, uint32_t after_ms);

/* The connection, or the try at one, ended for the reason `rc`. `random` is any 32 random bits. */
void pace_lost(struct pace *p, int rc, uint32_t random, int64_t now_ms);

/* What is due. GIVE_UP says why: ERR_TIMEOUT or ERR_SILENT; `ret_rc` is not touched otherwise. */
enum pace_do pace_tick(struct pace *p, int64_t now_ms, int *ret_rc);

/* When to call pace_tick next; INT64_MAX: not before an event. */
int64_t pace_wake_ms(const struct pace *p);

/* The server knows this device no longer, or not yet. */
bool pace_shut_out(int rc);
