/* wrong_clock.h - says so where this machine's clock may be what is wrong. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { WRONG_CLOCK_MS = 60 * 1000 }; /* Nearer to the server's than that is good. */

/* A certificate was judged by its dates: add what this machine's clock says to the reason. */
void wrong_clock_hint(char *why, size_t size);

/* "3600 s ahead of the server's", by the difference at Welcome; "" when the two agree. */
void wrong_clock_said(int64_t ahead_ms, char *room, size_t size);
