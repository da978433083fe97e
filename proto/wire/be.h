/* be.h - whole numbers as bytes, the greatest first (big-endian), as in everything that Attune
 * sends, signs or stores. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The lowest `size` bytes of `value`; returns the place behind them. */
static inline uint8_t *put_be(uint8_t *at, size_t size, uint64_t value)
{
    for (size_t i = size; i-- > 0; value >>= 8) {
        at[i] = (uint8_t)value;
    }
    return at + size;
}

/* The number that `size` bytes are, 8 at most. */
static inline uint64_t get_be(const uint8_t *at, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value = value << 8 | at[i];
    }
    return value;
}
