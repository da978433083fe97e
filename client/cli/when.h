/* when.h - times as people and programs read them. */
#pragma once

#include <stdint.h>

#include <glib.h>

enum { WHEN_TEXT = 40 };

/* "2026-03-03T13:00:00" in that zone, to milliseconds of Unix time. A time that the clocks skipped
 * is taken an hour later, one that they passed twice is the first. Returns 0 or ERR_FIELD. */
int when_parse(const char *text, GTimeZone *zone, int64_t *ret_ms);

/* RFC 3339 in UTC with milliseconds: "2026-03-03T12:00:00.000Z". For programs. */
void when_rfc3339(char text[WHEN_TEXT], int64_t ms);

/* "2026-03-03 13:00" in the machine's zone; "" for 0. For people. */
void when_local(char text[WHEN_TEXT], int64_t ms);
