/* plan.h - which ratings a run sends, told from a seed alone.
 *
 * Rating number n has a ticket, an id and scores that follow from the seed and n, so that
 * the generator, the SQL that makes the tickets (tests/support/fleet.sql) and the checker agree
 * without passing a list around. Ids look random to an index: 12 bytes of SHA-256, then n. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wire/limits.h"
#include "proto/wire/seal.h"

struct plan {
    uint64_t seed;
    uint32_t first, count; /* Numbers first … first + count - 1. */
    uint32_t low_every;    /* The last of each so many is low (10.0 of 40); 0: none. */
};

void plan_ticket_id(const struct plan *p, uint32_t number, uint8_t ret_id[LIMIT_ID_SIZE]);
void plan_rating_id(const struct plan *p, uint32_t number, uint8_t ret_id[LIMIT_ID_SIZE]);

/* The number in a rating's id; false when it is none of this plan's. */
bool plan_number(const struct plan *p, const uint8_t id[LIMIT_ID_SIZE], uint32_t *ret_number);

bool plan_low(const struct plan *p, uint32_t number);

/* Write the packed SubmitRating of a number, as a kiosk's spool holds it, to `room`, sealed when
 * there is a chain; its size. */
size_t plan_record(const struct plan *p, uint32_t number, int64_t made_at_ms,
                   struct seal_chain *chain, uint8_t *room, size_t room_size);
