/* hex.h - ids as people copy them: 32 lower-case hex digits. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "proto/wire/limits.h"

enum { HEX_ID = 2 * LIMIT_ID_SIZE + 1 };

/* 32 hex digits of either case and nothing else, not all zero. Returns 0 or ERR_FIELD. */
int hex_id_parse(const char *text, uint8_t ret_id[LIMIT_ID_SIZE]);

/* `text` has 2 * len + 1 bytes. */
void hex_print(char *text, const uint8_t *bytes, size_t len);
