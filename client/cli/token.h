/* token.h - where a log-on's token lies between one command and the next.
 *
 * $XDG_RUNTIME_DIR/attune/HASH.token, which the machine forgets when its user logs off; without
 * that folder, log-on.token in the identity's. Mode 0600. Of use on this device alone. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/wire/limits.h"

/* False: nobody has logged on, or the file is not one of ours. */
bool token_read(const char *identity_folder, uint8_t ret_token[LIMIT_TOKEN_SIZE]);
/* 0 or ERR_DISK. */
int token_write(const char *identity_folder, const uint8_t token[LIMIT_TOKEN_SIZE]);
void token_remove(const char *identity_folder);
