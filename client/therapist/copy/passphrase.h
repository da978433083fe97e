/* passphrase.h - 140 random bits as a phrase that can be typed. Pure. */
#pragma once

#include <stdint.h>

enum {
    PASSPHRASE_GROUPS = 4,
    PASSPHRASE_GROUP = 7,
    PASSPHRASE_SIGNS = PASSPHRASE_GROUPS * PASSPHRASE_GROUP, /* Of five bits each. */
    PASSPHRASE_TEXT = PASSPHRASE_SIGNS + PASSPHRASE_GROUPS -
                      1, /* With the hyphens; many viewers read 32 and no more. */
};

/* "7k3m9qw-t0a…", in small letters and digits without i, l, o and u. `random` has a byte a sign. */
void passphrase_text(const uint8_t random[PASSPHRASE_SIGNS], char ret_text[PASSPHRASE_TEXT + 1]);
