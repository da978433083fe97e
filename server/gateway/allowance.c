/* Happy path: time adds to what is saved, each one takes a whole. Failure: none; what is saved is
 * bounded. */
#include "server/gateway/allowance.h"

#include "proto/wire/must.h"

enum { WHOLE = 1000 };

void allowance_init(struct allowance *p, uint32_t per_second, uint64_t now_ms)
{
    *p = (struct allowance){per_second, now_ms, per_second > 0 ? WHOLE : 0};
}

bool allowance_take(struct allowance *p, uint64_t now_ms)
{
    must(now_ms >= p->at_ms);
    uint64_t most = (uint64_t)p->per_second * ALLOWANCE_TURN_MS + WHOLE;
    uint64_t waited_ms = now_ms - p->at_ms < WHOLE ? now_ms - p->at_ms : WHOLE;
    p->thousandth += waited_ms * p->per_second;
    p->thousandth = p->thousandth < most ? p->thousandth : most;
    p->at_ms = now_ms;
    if (p->thousandth < WHOLE) {
        return false;
    }
    p->thousandth -= WHOLE;
    return true;
}
