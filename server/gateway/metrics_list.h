/* metrics_list.h - what attune-server counts, by name, for /metrics. */
#pragma once

#include "server/base/metrics.h"
#include "server/gateway/gateway.h"

enum { GATEWAY_METRICS = 43 };

/* Fill `metrics` with the current values; returns how many. */
size_t gateway_metrics(const struct gateway *g, int64_t certificate_expires_in_s,
                       struct metric metrics[GATEWAY_METRICS]);
