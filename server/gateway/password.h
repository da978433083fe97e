/* password.h - a password's hash: libsodium's Argon2id, with the cost that is stated here.
 *
 * 3 passes over 64 MiB: about 0.15 s of one core, and 64 MiB for as long. The hash carries its own
 * cost, so that another one can be chosen later. Blocks: never on the loop, see hashing.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "proto/wire/limits.h"

enum {
    PASSWORD_PASSES = 3,
    PASSWORD_MEMORY = 64 * 1024 * 1024,
    PASSWORD_HASH = 128,    /* With its NUL. */
    PASSWORD_ONE_TIME = 24, /* 20 letters in fours with dashes between, and NUL. */
};

/* Once, before anything else here. */
void password_init(void);

/* Never fails but for memory: false. */
bool password_make(const char *password, char ret_hash[PASSWORD_HASH]);

/* Is it the one that the hash is of? "" for `hash`: nobody's, which takes as long and is false. */
bool password_is(const char *hash, const char *password);

/* 100 bits of randomness in letters and digits that are not mistaken for each other. */
void password_one_time(char ret_password[PASSWORD_ONE_TIME + 1]);

/* Overwrite so that no compiler leaves it out. */
void password_wipe(void *bytes, size_t len);
