/* seal.h - the seam between a rating and what lies in the spool.
 *
 * Today a record is the packed rating in the clear (SEAL_NONE). Once devices are enrolled it is a
 * box sealed to the practice's public key that the kiosk itself cannot open: only this file and the
 * server's reader change, since everybody between them carries the bytes as they are. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kiosk.pb-c.h"
#include "proto/wire/limits.h"

/* Write a packed SubmitRating to `room`. Returns 0 and the length, or ERR_FIELD when the rating
 * does not fit LIMIT_RECORD_SIZE or `room`. */
int seal_rating(const Attune__Rating *rating, uint8_t *room, size_t room_size, size_t *ret_len);
