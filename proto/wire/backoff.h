/* backoff.h - how long to wait before the next try: full jitter between a floor and a doubling
 * ceiling.
 *
 * delay = floor + random(0 .. min(max, floor * 2^n) - floor), after "Exponential Backoff And
 * Jitter" (M. Brooker, 2015), with a floor so that a server which refuses at once is not asked in a
 * spin. Pure: randomness comes in. */
#pragma once

#include <stdint.h>

struct backoff {
    uint32_t min_ms, max_ms;
    uint32_t tries; /* Since the last success. */
};

/* 0 < min_ms <= max_ms. */
void backoff_init(struct backoff *b, uint32_t min_ms, uint32_t max_ms);

/* The delay before the next try, min_ms <= delay <= max_ms; `random` is any 32 random bits. */
uint32_t backoff_next(struct backoff *b, uint32_t random);

/* It worked: the next failure starts from the floor. */
void backoff_reset(struct backoff *b);
