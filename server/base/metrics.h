/* metrics.h - numbers for Prometheus: counters and gauges, kept by whoever counts, listed by main.
 *
 * A metric has no labels and never a name or an id in it. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE };

struct metric {
    const char *name; /* "attune_ratings_stored_total". */
    const char *help;
    enum metric_kind kind;
    int64_t value;
};

/* Prometheus text format 0.0.4 into `room`; returns the bytes written; what does not fit is left
 * out whole. */
size_t metrics_write(const struct metric *metrics, size_t count, char *room, size_t room_size);
