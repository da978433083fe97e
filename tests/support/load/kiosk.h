/* kiosk.h - one kiosk of the load generator: connects, says Hello, keeps ratings on their way,
 * pings, comes back.
 *
 * Without a spool its ratings live in memory: lost with the connection, they go again on the next.
 * With one they are client/kiosk's: saved before they are sent, sent by the outbox. */
#pragma once

#include "client/kiosk/outbox.h"
#include "client/kiosk/spool.h"
#include "proto/wire/backoff.h"
#include "tests/support/load/field.h"

enum kiosk_flight_state { FLIGHT_FREE, FLIGHT_SENT, FLIGHT_WAITING };

struct kiosk_flight {
    uint64_t seq;
    int64_t due_us; /* FLIGHT_WAITING: when to send it again. */
    uint32_t number;
    enum kiosk_flight_state state;
};

struct kiosk {
    struct line line;
    struct field *field;
    uint32_t index, group; /* Its certificate's place; which copy of the plan it sends. */
    uint64_t seq;
    int64_t due_us; /* The next ping, or when shut the next try to connect. */
    struct backoff backoff;
    struct kiosk_flight flights[LIMIT_OPEN_REQUESTS];
    uint32_t taken;          /* Of what was sealed for it. */
    struct seal_chain chain; /* For the key that was offered; of another one until it is begun. */
    uint32_t flying;         /* Not FLIGHT_FREE. */
    uint32_t waiting;        /* FLIGHT_WAITING. */
    bool welcome, opening, spooled;
    struct spool spool;
    struct outbox outbox;
};

int kiosk_start(struct kiosk *k, struct field *f, uint32_t index);
/* The packed SubmitRating of a number, the next of this kiosk's chain where there is a key; its
 * size. */
size_t kiosk_record(struct kiosk *k, uint32_t number, uint8_t *room, size_t room_size);
/* Take and send what it has room for, at most `max` new ones. Returns how many. */
uint32_t kiosk_pump(struct kiosk *k, uint32_t max);
/* Ten times a second. */
void kiosk_sweep(struct kiosk *k, int64_t now_us);
/* Saved and not known to be stored, or sent and not answered. */
uint32_t kiosk_owes(const struct kiosk *k);
void kiosk_stop(struct kiosk *k);
void kiosk_fini(struct kiosk *k);
