/* setup.h - the first practice and its administrator's device. Blocks: for a command, not for the
 * loop. */
#pragma once

#include <stdint.h>

struct setup {
    const char *practice;
    const char *time_zone;      /* PostgreSQL's name for it, "Europe/Berlin". */
    const uint8_t *fingerprint; /* The administrator's device, 32 bytes; NULL: none is made. */
    const char *label;
};

/* As the schema's owner. Makes the practice if no one has that name, and its administrator's
 * device. The same again changes nothing. Returns 0, ERR_CONFLICT (another device has the label),
 * ERR_FIELD (no such time zone) or ERR_DATABASE, and says on standard error what is wrong. */
int setup_practice(const char *conninfo, const struct setup *setup, int64_t *ret_practice_id);
