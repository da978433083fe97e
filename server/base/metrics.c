/* Happy path: three lines a metric. Failure: the room is too small; the metric that would be cut is
 * left out. */
#include "server/base/metrics.h"

#include <inttypes.h>
#include <stdio.h>

size_t metrics_write(const struct metric *metrics, size_t count, char *room, size_t room_size)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        const struct metric *m = &metrics[i];
        const char *kind = m->kind == METRIC_COUNTER ? "counter" : "gauge";
        int n =
            snprintf(room + len, room_size - len, "# HELP %s %s\n# TYPE %s %s\n%s %" PRId64 "\n",
                     m->name, m->help, m->name, kind, m->name, m->value);
        if (n < 0 || (size_t)n >= room_size - len) {
            break;
        }
        len += (size_t)n;
    }
    return len;
}
