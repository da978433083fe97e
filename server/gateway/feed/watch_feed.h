/* watch_feed.h - what one watching therapist's connection has been told. Pure.
 *
 * The table is the truth: each scan brings the therapist's sessions and undelivered alerts as they
 * are now; this says which of them are news on this connection. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wire/limits.h"

/* As many as a scan brings: the newest of their own, and of whom they cover. */
enum { WATCH_SESSIONS_MAX = 2 * 20 };

struct watch_feed {
    struct {
        uint8_t id[LIMIT_ID_SIZE];
        uint8_t state, outcome;
    } sessions[WATCH_SESSIONS_MAX]; /* A ring: the newest that were told of. */
    uint8_t session_count, session_next;
    uint8_t alert_count;
    uint8_t alerts[LIMIT_ALERTS_OPEN][LIMIT_ID_SIZE]; /* Pushed, not yet received. */
};

void watch_feed_init(struct watch_feed *f);

/* Is this session as told already? If not, from now on it is: push it. The numbers are the
 * caller's. */
bool watch_feed_session(struct watch_feed *f, const uint8_t id[LIMIT_ID_SIZE], uint8_t state,
                        uint8_t outcome);

enum watch_alert { WATCH_PUSH, WATCH_KNOWN, WATCH_FULL };
/* An undelivered alert: push it now; it was pushed on this connection; or too many are open: it
 * stays in the table. */
enum watch_alert watch_feed_alert(struct watch_feed *f, const uint8_t id[LIMIT_ID_SIZE]);

/* The therapist's client has it: its place is free. */
void watch_feed_received(struct watch_feed *f, const uint8_t id[LIMIT_ID_SIZE]);
