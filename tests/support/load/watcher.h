/* watcher.h - one therapist of the load generator: watches, notes each alert, says that it has it.
 */
#pragma once

#include "proto/wire/backoff.h"
#include "proto/wire/limits.h"
#include "tests/support/load/field.h"

struct watcher {
    struct line line;
    struct field *field;
    struct backoff backoff;
    uint32_t index;
    uint64_t seq;
    int64_t due_us;
    bool welcome, opening;
    uint32_t fresh_count; /* Alerts to be acknowledged at the end of this turn. */
    uint8_t fresh[LIMIT_ALERTS_OPEN][LIMIT_ID_SIZE];
};

void watcher_start(struct watcher *w, struct field *f, uint32_t index);
void watcher_sweep(struct watcher *w, int64_t now_us);
void watcher_stop(struct watcher *w);
