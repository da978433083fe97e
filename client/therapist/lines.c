/* Happy path: each line is looked at once; the few that a screen draws are kept. Failure: a number
 * that is none leaves what was. */
#include "client/therapist/lines.h"

#include <stdlib.h>
#include <string.h>

enum { SPREADS = 2, TENTHS_MAX = 400 };

void lines_init(struct lines *l)
{
    *l = (struct lines){.cut = -1, .area_low = -1, .spread = -1};
}

/* "name = 36.0" at the beginning of `line`; false: it is another line, or no number. */
static bool number_of(const char *line, const char *name, int16_t *ret_tenths)
{
    size_t len = strlen(name);
    if (strncmp(line, name, len) != 0) {
        return false;
    }
    const char *at = line + len;
    at += strspn(at, " \t");
    if (*at++ != '=') {
        return false;
    }
    at += strspn(at, " \t");
    char *end;
    long whole = strtol(at, &end, 10);
    long tenth = 0;
    if (end == at || whole < 0 || whole > TENTHS_MAX / 10) {
        return false;
    }
    if (*end == '.' && end[1] >= '0' && end[1] <= '9') {
        tenth = end[1] - '0';
    }
    *ret_tenths = (int16_t)(whole * 10 + tenth);
    return true;
}

void lines_read(struct lines *l, const char *file)
{
    for (const char *line = file; line != NULL && *line != '\0';) {
        int16_t tenths;
        if (number_of(line, "cut", &tenths)) {
            l->cut = tenths;
        } else if (number_of(line, "very_low.area", &tenths)) {
            l->area_low = tenths;
        } else if (number_of(line, "spread", &tenths)) {
            l->spread = (int16_t)(tenths * SPREADS);
        }
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
}
