/* Happy path: nothing to say. Failure: a clock that is far off, in the largest unit that is honest.
 */
#include "client/therapist/clock_says.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The largest of which there are two or more. */
static const char *unit_of(int64_t seconds, int64_t *ret_count)
{
    static const struct {
        int64_t seconds;
        const char *word;
    } units[] = {{86400, "days"}, {3600, "hours"}, {60, "minutes"}, {1, "seconds"}};
    size_t at = 0;
    while (units[at].seconds > 1 && seconds < 2 * units[at].seconds) {
        at++;
    }
    *ret_count = seconds / units[at].seconds;
    return units[at].word;
}

const char *clock_says(int64_t ahead_ms, char *ret_words)
{
    bool good = ahead_ms <= CLOCK_GOOD_MS && ahead_ms >= -CLOCK_GOOD_MS;
    uint64_t off_ms = ahead_ms < 0 ? 0 - (uint64_t)ahead_ms : (uint64_t)ahead_ms;
    int64_t count = 0;
    ret_words[0] = '\0';
    if (!good) {
        const char *unit = unit_of((int64_t)(off_ms / 1000), &count);
        (void)snprintf(ret_words, CLOCK_SAYS,
                       "This computer’s clock is %" PRId64
                       " %s %s. “Today” may be the wrong day here, and codes made on it are "
                       "refused. Ask for it to be set.",
                       count, unit, ahead_ms > 0 ? "fast" : "slow");
    }
    return ret_words;
}
