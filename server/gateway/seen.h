/* seen.h - when each device was last here and how it is: gathered in memory, written in batches.
 *
 * At a greeting, and every three minutes while a device is connected; 500 devices in a statement,
 * one statement at a time, in the lane of reads. Never waited for: what cannot be written now is
 * written later, and nobody's rating stands behind it. */
#pragma once

#include <stdint.h>

#include "envelope.pb-c.h"
#include "proto/wire/limits.h"

struct gateway;
struct peer;

/* A greeted device's. */
struct seen {
    struct seen *next;            /* Of those that left before they were written. */
    int64_t practice_id, left_ms; /* left_ms 0: it is here. */
    uint8_t fingerprint[32];
    int64_t expires_ms, clock_ahead_ms, written_ms; /* written_ms 0: what is here is news. */
    uint32_t spool_depth, oldest_unsent_s;
    uint8_t authority_id[LIMIT_AUTHORITY_ID];
    char software[2 * LIMIT_NAME_BYTES];
};

/* It was welcomed. */
void seen_hello(struct peer *p, const Attune__Hello *hello);
void seen_ping(struct peer *p, const Attune__Ping *ping);
/* Its next certificate ends then. */
void seen_renewed(struct peer *p, int64_t expires_ms);
/* It was told all authorities. */
void seen_authority(struct peer *p);

/* Its connection is gone; what is news of it is kept until it is written, of 1,000 at most. */
void seen_gone(struct peer *p);

/* Write some of what is due. Called every few seconds. */
void seen_tick(struct gateway *g);
void seen_fini(struct gateway *g);
/* The certificate of a connected device that expires first: seconds; INT64_MAX: none is connected.
 */
int64_t seen_expires_first_s(const struct gateway *g);
