/* table.h - rows of text in aligned columns, for people. Pure: it makes one string.
 *
 * Columns are as wide as their widest cell, counted in characters, two spaces between them; the
 * last one is not filled. Text that could move a terminal's cursor is shown as "?". */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct table {
    char **cells;
    size_t count, room, columns;
};

/* `headings` are copied; `columns` of them. table_fini is owed. */
void table_init(struct table *t, const char *const *headings, size_t columns);

/* The next cell, from left to right, row by row. NULL is "". Copied. */
void table_add(struct table *t, const char *text);

/* The whole text; the caller's, to be released with free. */
char *table_text(const struct table *t);
void table_fini(struct table *t);

/* Characters in UTF-8 text; a broken sequence counts by its bytes. */
size_t table_width(const char *text);
