/* clock_says.h - what a person is told of this computer's clock. Pure.
 *
 * Days and "today" are reckoned by it, and the codes that an authenticator on this computer makes
 * for the log-on: a code is good for 30 s and the one before and after it (RFC 6238). */
#pragma once

#include <stdint.h>

enum {
    CLOCK_SAYS = 256,
    CLOCK_GOOD_MS = 60 * 1000, /* Nearer to the server's than that it does no harm. */
};

/* One or two sentences for how far it is ahead of the server's (behind: below 0); "": it is good.
 * `ret_words` has room for CLOCK_SAYS. Returns it. */
const char *clock_says(int64_t ahead_ms, char *ret_words);
