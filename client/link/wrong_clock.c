/* Happy path: nothing to say. Failure: a clock that is far off, in words. */
#include "client/link/wrong_clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <glib.h>

void wrong_clock_hint(char *why, size_t size)
{
    if (strstr(why, "expired") == NULL && strstr(why, "not yet valid") == NULL) {
        return;
    }
    GDateTime *now = g_date_time_new_now_utc();
    char *text = now == NULL ? NULL : g_date_time_format(now, "%Y-%m-%d %H:%M UTC");
    size_t len = strlen(why);
    (void)snprintf(why + len, size - len, "; is this machine's clock right? It says %s",
                   text != NULL ? text : "nothing"); /* Cut is fine. */
    g_free(text);
    g_clear_pointer(&now, g_date_time_unref);
}

void wrong_clock_said(int64_t ahead_ms, char *room, size_t size)
{
    room[0] = '\0';
    if (ahead_ms > WRONG_CLOCK_MS || ahead_ms < -WRONG_CLOCK_MS) {
        (void)snprintf(room, size, "%" PRId64 " s %s the server's",
                       (ahead_ms < 0 ? -ahead_ms : ahead_ms) / 1000,
                       ahead_ms > 0 ? "ahead of" : "behind");
    }
}
