/* refusals.h - what was refused, counted until it is written into the audit. Pure.
 *
 * A row for each code that somebody was answered, with how often: so that a flood of refused
 * requests is a row a minute and not a disk full. Bounded: those for whom there is no place are
 * counted together. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REFUSALS_MAX = 128, REFUSALS_ACTOR = 160 };

struct refusal {
    int64_t practice_id; /* 0: not known. */
    unsigned code;       /* As in PROTOCOL.md, section 10. */
    uint32_t count;
    char actor[REFUSALS_ACTOR]; /* Cut if need be. */
};

struct refusals {
    struct refusal list[REFUSALS_MAX];
    size_t count;
};

/* Is this code a refusal, of bytes, of a right or of something that is not theirs? What the world
 * does (4xx, 5xx) is none, nor is an order of things that is not so (305, 311). */
bool refusals_is_one(unsigned code);

/* The last place is everybody else's: then practice and actor are theirs no more. */
void refusals_note(struct refusals *r, int64_t practice_id, const char *actor, unsigned code,
                   uint32_t count);
