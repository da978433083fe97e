/* seal.h - the seam between a rating and what lies in the spool.
 *
 * A rating becomes a packed SubmitRating whose record is a box in a chain for the practice's key
 * (SEAL_BOX): the kiosk itself cannot open it, and everybody between here and the server's reader
 * carries the bytes as they are. Without a key (no server has offered one yet, or the practice has
 * none) the record is the packed rating in the clear (SEAL_NONE). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kiosk.pb-c.h"
#include "proto/wire/limits.h"
#include "proto/wire/seal.h"

/* Write a packed SubmitRating to `room`, as the next of the chain; `chain` NULL: in the clear.
 * `now_ms` is of a clock that never goes back. Returns 0 and the length, or ERR_FIELD when the
 * rating does not fit a record or `room`. What was packed in between is wiped. */
int seal_rating(const Attune__Rating *rating, struct seal_chain *chain, int64_t now_ms,
                uint8_t *room, size_t room_size, size_t *ret_len);

/* A packed SubmitRating of `*len` bytes that was saved in the clear, before the key was known:
 * replaced by a sealed one. False: it is sealed already, or cannot be; `room` is as it was. */
bool seal_late(struct seal_chain *chain, int64_t now_ms, uint8_t *room, size_t room_size,
               size_t *len);
