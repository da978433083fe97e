/* Happy path: measure every column, then write row after row.
 * Failure: none; a last row that is not full ends early. */
#include "client/cli/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"

enum { GAP = 2 };

size_t table_width(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++) {
        width += ((uint8_t)*text & 0xc0) != 0x80 ? 1 : 0;
    }
    return width;
}

static char *clean_copy(const char *text)
{
    char *copy = strdup(text != NULL ? text : "");
    must(copy != NULL);
    for (char *c = copy; *c != '\0'; c++) {
        if ((uint8_t)*c < 0x20 || *c == 0x7f) {
            *c = '?';
        }
    }
    return copy;
}

void table_init(struct table *t, const char *const *headings, size_t columns)
{
    must(columns > 0);
    *t = (struct table){.columns = columns};
    for (size_t at = 0; at < columns; at++) {
        table_add(t, headings[at]);
    }
}

void table_add(struct table *t, const char *text)
{
    if (t->count == t->room) {
        t->room = t->room == 0 ? 64 : t->room * 2;
        char **cells = realloc(t->cells, t->room * sizeof *cells);
        must(cells != NULL);
        t->cells = cells;
    }
    t->cells[t->count++] = clean_copy(text);
}

static size_t column_width(const struct table *t, size_t column)
{
    size_t widest = 0;
    for (size_t at = column; at < t->count; at += t->columns) {
        size_t width = table_width(t->cells[at]);
        widest = width > widest ? width : widest;
    }
    return widest;
}

char *table_text(const struct table *t)
{
    size_t size = 1;
    size_t *widths = calloc(t->columns, sizeof *widths);
    must(widths != NULL);
    for (size_t column = 0; column < t->columns; column++) {
        widths[column] = column_width(t, column);
    }
    for (size_t at = 0; at < t->count; at++) {
        size += strlen(t->cells[at]) + widths[at % t->columns] + GAP;
    }
    char *text = malloc(size), *end = text;
    must(text != NULL);
    for (size_t at = 0; at < t->count; at++) {
        size_t len = strlen(t->cells[at]), column = at % t->columns;
        bool last = column + 1 == t->columns || at + 1 == t->count;
        size_t fill = last ? 0 : widths[column] - table_width(t->cells[at]) + GAP;
        memcpy(end, t->cells[at], len);
        memset(end + len, ' ', fill);
        end += len + fill;
        while (last && end > text && end[-1] == ' ') {
            end--;
        }
        if (last) {
            *end++ = '\n';
        }
    }
    *end = '\0';
    free(widths);
    return text;
}

void table_fini(struct table *t)
{
    for (size_t at = 0; at < t->count; at++) {
        free(t->cells[at]);
    }
    free(t->cells);
    *t = (struct table){0};
}
