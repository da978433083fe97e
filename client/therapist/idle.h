/* idle.h - when the screen locks itself. Pure: the time and what the person did come in, locked or
 * not comes out.
 *
 * Unlocking is the owner's to decide: the log-on asks for what proves who is there, then calls
 * idle_unlock. Times are milliseconds of a clock that never goes back. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { IDLE_SECONDS = 600, IDLE_SECONDS_MAX = 12 * 3600 };

struct idle {
    int64_t limit_ms;
    int64_t touched_ms;
    bool locked;
};

/* Cannot fail; not locked. */
void idle_init(struct idle *i, int64_t limit_ms, int64_t now_ms);

/* A key, a movement, a touch. Nothing while locked. */
void idle_touched(struct idle *i, int64_t now_ms);

/* True: it has just locked itself. */
bool idle_tick(struct idle *i, int64_t now_ms);

/* At once, because the person said so. */
void idle_lock(struct idle *i);
void idle_unlock(struct idle *i, int64_t now_ms);

/* When idle_tick may have something to say; INT64_MAX: never. */
int64_t idle_wake_ms(const struct idle *i);
