/* Happy path: GDateTime does the calendar and the zones.
 * Failure: a text of another shape, or a date that does not exist. */
#include "client/cli/when.h"

#include <stdio.h>
#include <string.h>

#include "proto/wire/err.h"

/* Digits of a fixed width; -1 when there is anything else. */
static int number(const char *text, size_t width)
{
    int value = 0;
    for (size_t at = 0; at < width; at++) {
        if (!g_ascii_isdigit(text[at])) {
            return -1;
        }
        value = value * 10 + (text[at] - '0');
    }
    return value;
}

int when_parse(const char *text, GTimeZone *zone, int64_t *ret_ms)
{
    static const char shape[] = "0000-00-00T00:00:00";
    if (strlen(text) != sizeof shape - 1) {
        return ERR_FIELD;
    }
    for (size_t at = 0; at < sizeof shape - 1; at++) {
        if (shape[at] == '0' ? !g_ascii_isdigit(text[at]) : text[at] != shape[at]) {
            return ERR_FIELD;
        }
    }
    GDateTime *when =
        g_date_time_new(zone, number(text, 4), number(text + 5, 2), number(text + 8, 2),
                        number(text + 11, 2), number(text + 14, 2), number(text + 17, 2));
    if (when == NULL) {
        return ERR_FIELD;
    }
    *ret_ms = g_date_time_to_unix(when) * 1000;
    g_date_time_unref(when);
    return 0;
}

static void format(char text[WHEN_TEXT], int64_t ms, gboolean local, const char *pattern)
{
    text[0] = '\0';
    GDateTime *when = local ? g_date_time_new_from_unix_local(ms / 1000)
                            : g_date_time_new_from_unix_utc(ms / 1000);
    char *made = when != NULL ? g_date_time_format(when, pattern) : NULL;
    if (made != NULL) {
        g_strlcpy(text, made, WHEN_TEXT);
    }
    g_free(made);
    g_clear_pointer(&when, g_date_time_unref);
}

void when_rfc3339(char text[WHEN_TEXT], int64_t ms)
{
    char seconds[WHEN_TEXT];
    format(seconds, ms, FALSE, "%Y-%m-%dT%H:%M:%S");
    (void)snprintf(text, WHEN_TEXT, "%.30s.%03dZ", seconds, (int)(ms % 1000));
}

void when_local(char text[WHEN_TEXT], int64_t ms)
{
    text[0] = '\0';
    if (ms != 0) {
        format(text, ms, TRUE, "%Y-%m-%d %H:%M");
    }
}
