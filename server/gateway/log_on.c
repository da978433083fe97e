/* Happy path: begun, used, used, ended. Failure: there is none; a clock that stands still locks
 * nobody out and lets nobody stay longer than the database's own limits. */
#include "server/gateway/log_on.h"

enum { TELL_PART = 10 }; /* The database hears of use ten times in an idle time. */

const int32_t log_on_delays_ms[LOG_ON_DELAYS] = {1000,  2000,   4000,   8000,   16000, 32000,
                                                 64000, 128000, 256000, 512000, 900000};

void log_on_init(struct log_on *l)
{
    *l = (struct log_on){.on = false};
}

void log_on_begin(struct log_on *l, int64_t now_ms, int64_t idle_ms, int64_t idle_left_ms,
                  int64_t left_ms)
{
    int64_t used = now_ms - idle_ms + idle_left_ms;
    *l = (struct log_on){.on = true,
                         .idle_ms = idle_ms,
                         .used_ms = used,
                         .told_ms = used,
                         .ends_ms = now_ms + left_ms};
}

enum log_on_state log_on_look(const struct log_on *l, int64_t now_ms)
{
    if (!l->on) {
        return LOG_ON_NONE;
    }
    if (now_ms >= l->ends_ms) {
        return LOG_ON_ENDED;
    }
    return now_ms - l->used_ms >= l->idle_ms ? LOG_ON_IDLE : LOG_ON_GOOD;
}

bool log_on_used(struct log_on *l, int64_t now_ms)
{
    if (log_on_look(l, now_ms) != LOG_ON_GOOD) {
        return false;
    }
    l->used_ms = now_ms;
    if (now_ms - l->told_ms < l->idle_ms / TELL_PART) {
        return false;
    }
    l->told_ms = now_ms;
    return true;
}
