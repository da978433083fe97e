/* score.h - a score as people write it, "7.5", and as it is held, tenths: 75. Pure. */
#pragma once

#include <stdint.h>

enum { SCORE_TEXT = 8 };

/* 0 to 10 in steps of 0.1: "0", "7", "7.5", "10", "10.0". Nothing else: no sign, space, comma,
 * exponent, second decimal. Returns 0 or ERR_FIELD. */
int score_parse(const char *text, uint32_t *ret_tenths);

/* "7.5"; always with one decimal. */
void score_print(char text[SCORE_TEXT], uint32_t tenths);
