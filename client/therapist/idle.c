/* Happy path: touched now and then, nothing happens; untouched for the limit, locked.
 * Failure: none. A clock that stood still and jumps (the machine slept) locks at the first look. */
#include "client/therapist/idle.h"

void idle_init(struct idle *i, int64_t limit_ms, int64_t now_ms)
{
    *i = (struct idle){.limit_ms = limit_ms, .touched_ms = now_ms};
}

void idle_touched(struct idle *i, int64_t now_ms)
{
    /* A touch after the limit comes too late: whoever it is, they have not been here. */
    if (!i->locked && now_ms - i->touched_ms < i->limit_ms) {
        i->touched_ms = now_ms;
    }
}

bool idle_tick(struct idle *i, int64_t now_ms)
{
    if (i->locked || now_ms - i->touched_ms < i->limit_ms) {
        return false;
    }
    i->locked = true;
    return true;
}

void idle_lock(struct idle *i)
{
    i->locked = true;
}

void idle_unlock(struct idle *i, int64_t now_ms)
{
    i->locked = false;
    i->touched_ms = now_ms;
}

int64_t idle_wake_ms(const struct idle *i)
{
    return i->locked ? INT64_MAX : i->touched_ms + i->limit_ms;
}
