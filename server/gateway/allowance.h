/* allowance.h - so many a second, and no more at once than a tenth of a second's and one. Pure.
 *
 * What is not used is not saved up: after a rest it goes no faster. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { ALLOWANCE_TURN_MS = 100 };

struct allowance {
    uint32_t per_second;
    uint64_t at_ms;      /* Up to when it was reckoned. */
    uint64_t thousandth; /* Of one, saved. */
};

/* One may go at once. `per_second` 0: none ever. */
void allowance_init(struct allowance *p, uint32_t per_second, uint64_t now_ms);

/* May one more go now? If so, it has. Time never goes back. */
bool allowance_take(struct allowance *p, uint64_t now_ms);
