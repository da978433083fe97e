/* Happy path: the ceiling doubles with each try until it is the maximum; the delay is random below
 * it. */
#include "proto/wire/backoff.h"

#include "proto/wire/must.h"

void backoff_init(struct backoff *b, uint32_t min_ms, uint32_t max_ms)
{
    must(min_ms > 0 && min_ms <= max_ms);
    *b = (struct backoff){.min_ms = min_ms, .max_ms = max_ms};
}

uint32_t backoff_next(struct backoff *b, uint32_t random)
{
    uint64_t ceiling = (uint64_t)b->min_ms << b->tries; /* 32 tries at most: see below. */
    if (ceiling >= b->max_ms) {
        ceiling = b->max_ms;
    } else {
        b->tries++;
    }
    uint64_t spread = ceiling - b->min_ms + 1;
    return b->min_ms + (uint32_t)((random * spread) >> 32);
}

void backoff_reset(struct backoff *b)
{
    b->tries = 0;
}
