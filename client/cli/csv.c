/* Happy path: read on the right, write on the left; a field never gets longer.
 * Failure: a quote within a bare field, or text after a closing quote. */
#include "client/cli/csv.h"

#include <string.h>

#include "proto/wire/err.h"

/* Take off one quoted field's quotes; the first character after it, or NULL. */
static char *quoted(char *from)
{
    char *to = from++;
    while (*from != '\0') {
        if (from[0] == '"' && from[1] == '"') {
            from++;
        } else if (from[0] == '"') {
            char *end = from + 1;
            *to = '\0';
            return end;
        }
        *to++ = *from++;
    }
    return NULL;
}

int csv_split(char *line, const char **fields, size_t max, size_t *ret_count)
{
    size_t count = 0;
    line[strcspn(line, "\n")] = '\0';
    size_t len = strlen(line);
    if (len > 0 && line[len - 1] == '\r') {
        line[len - 1] = '\0';
    }
    for (;;) {
        if (count == max) {
            return ERR_FIELD;
        }
        fields[count++] = line;
        char *end = *line == '"' ? quoted(line) : line + strcspn(line, ",\"");
        if (end == NULL || (*end != ',' && *end != '\0')) {
            return ERR_FIELD;
        }
        if (*end == '\0') {
            *ret_count = count;
            return 0;
        }
        *end = '\0';
        line = end + 1;
    }
}
