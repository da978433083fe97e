/* csv.h - one line of a table of comma-separated values into its fields (RFC 4180). Pure. */
#pragma once

#include <stddef.h>

/* Cut `line` in place: fields end with NUL, quotes are taken off, doubled quotes become one, a line
 * end
 * (\n, \r\n) goes. Returns 0 and the fields, which point into `line`; or ERR_FIELD: more than `max`
 * fields, a quote that is not closed, or one where none may be. A quoted field cannot hold a line
 * end here. */
int csv_split(char *line, const char **fields, size_t max, size_t *ret_count);
