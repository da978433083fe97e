/* Happy path: the system's answer. Failure: there is none for a clock that every system has. */
#include "server/base/clock.h"

#include <time.h>

#include "proto/wire/must.h"

int64_t clock_now_ms(void)
{
    struct timespec now;
    int rc = clock_gettime(CLOCK_REALTIME, &now);
    must(rc == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
