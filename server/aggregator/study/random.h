/* random.h - numbers that look random and are the same on every machine. Pure.
 *
 * xoshiro256** 1.0 (Blackman and Vigna, 2018), its state filled by splitmix64 (Steele, Lea and
 * Flood, 2014). A stream is one seed and one index: client 7 gets the same numbers whoever asks for
 * them, and in whatever order, so that work can be cut into threads. Normal numbers come from the
 * inverse of the distribution by +, -, *, / and square roots alone, which IEEE 754 fixes to the
 * last bit; a C library's logarithm is not so fixed. Not for keys. */
#pragma once

#include <stdint.h>

struct random_stream {
    uint64_t state[4];
};

void random_init(struct random_stream *r, uint64_t seed, uint64_t index);

uint64_t random_bits(struct random_stream *r);

/* Above 0 and below 1, in steps of 2^-52. */
double random_uniform(struct random_stream *r);

/* Mean 0, standard deviation 1. One uniform number each. */
double random_normal(struct random_stream *r);

/* The value below which a share of `p`, 0 < p < 1, of all normal numbers lie. */
double random_normal_at(double p);
