/* clock.h - the time of day of this machine. */
#pragma once

#include <stdint.h>

/* Unix time in milliseconds. */
int64_t clock_now_ms(void);
