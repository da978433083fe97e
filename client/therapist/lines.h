/* lines.h - the lines by which a practice's ratings are judged, as far as a screen draws them.
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lines {
    int16_t cut;      /* Tenths of a total; -1: not told. */
    int16_t area_low; /* Tenths of an area: at or below it it is low. */
    int16_t spread;   /* Usual is give or take so much, in tenths. */
};

/* Nothing known. */
void lines_init(struct lines *l);

/* From the answer to GetRules: `name = number` lines, `#` begins a remark. What is not in it, or
 * makes no sense, stays as it was. */
void lines_read(struct lines *l, const char *file);
