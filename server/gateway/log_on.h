/* log_on.h - for how long a person who logged on is taken to be there. Pure: the loop's clock comes
 * in.
 *
 *     begin ─> GOOD ── idle_ms without a request that a person makes ──> IDLE
 *                └──── ends_ms, whatever is done ──────────────────────> ENDED
 *
 * The database keeps when a log-on was last used, so that any server can take its token; it is told
 * of use only so often (log_on_used says when), and what it knows is never later than the truth. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_on_state { LOG_ON_NONE, LOG_ON_GOOD, LOG_ON_IDLE, LOG_ON_ENDED };

struct log_on {
    bool on;
    int64_t idle_ms, used_ms, told_ms, ends_ms; /* Of the loop's clock, but idle_ms. */
};

/* Nobody is there. */
void log_on_init(struct log_on *l);

/* Somebody is: for `left_ms` at most, and for `idle_left_ms` of `idle_ms` if nothing is done. */
void log_on_begin(struct log_on *l, int64_t now_ms, int64_t idle_ms, int64_t idle_left_ms,
                  int64_t left_ms);

/* Whoever was there is not, from the moment on that a limit is reached. */
enum log_on_state log_on_look(const struct log_on *l, int64_t now_ms);

/* A person did something. True: the database is to be told, and is taken to have been. */
bool log_on_used(struct log_on *l, int64_t now_ms);

/* How long an account is closed to a device after each wrong password in a row from there, in
 * milliseconds; the last holds for all further ones. A right one from elsewhere is not hindered. */
enum { LOG_ON_DELAYS = 11 };
extern const int32_t log_on_delays_ms[LOG_ON_DELAYS];
