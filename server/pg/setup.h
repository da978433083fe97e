/* setup.h - the first practice and its administrator's device. Blocks: for a command, not for the
 * loop. */
#pragma once

#include <stdint.h>

/* As the schema's owner. Makes the practice if no one has that name, and the administrator's device
 * if `fingerprint` (32 bytes) is not NULL. The same again changes nothing. Returns 0, ERR_CONFLICT
 * (another device has the label) or ERR_DATABASE, and says on standard error what is wrong. */
int setup_practice(const char *conninfo, const char *practice, const uint8_t *fingerprint,
                   const char *label, int64_t *ret_practice_id);
