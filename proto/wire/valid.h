/* valid.h - is what a peer says within what the protocol allows? The one place that judges values.
 * Pure.
 *
 * Ids are 16 bytes and not all zero; scores 0 to 100; text is UTF-8 without NUL or other C0
 * controls and within its length; what is required is there; enums are known; times lie between
 * 2000 and 2100. A message that passes can go to the database without any chance of SQLSTATE 22. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "envelope.pb-c.h"

struct valid_fault {
    const char *field; /* Static: "rating.scores.safety". */
    const char *rule;  /* Static: "0 to 100 (tenths)". */
};

/* Returns 0 or ERR_FIELD, and then says which field and why; for a missing body ERR_MESSAGE.
 * SubmitRating's record is opaque here: see valid_rating. */
int valid_request(const Attune__Request *request, struct valid_fault *ret_fault);

/* Parts of it: who sees whose rows; how long things are kept, and what keeps them; devices and
 * their certificates.
 * ERR_MESSAGE: not its kind. */
int valid_rights(const Attune__Request *q, struct valid_fault *fault);
int valid_retention(const Attune__Request *q, struct valid_fault *fault);
int valid_enrol(const Attune__Request *q, struct valid_fault *fault);
/* The audit's; ERR_MESSAGE: it is none of them. */
int valid_audit(const Attune__Request *request, struct valid_fault *ret_fault);

/* The record of a SubmitRating once it is open, or the rating of an ImportRating. */
int valid_rating(const Attune__Rating *rating, struct valid_fault *ret_fault);

/* UTF-8 (RFC 3629: shortest form, no surrogates), no control characters, 1 to `bytes_max` bytes;
 * `text` ends with NUL. */
int valid_text(const char *text, size_t bytes_max);

/* The same of several lines: line feeds, carriage returns and tabs are allowed. */
bool valid_lines(const char *text, size_t bytes_max);
