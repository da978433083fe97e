/* health.h - /healthz, /readyz and /metrics on loopback, for both programs.
 *
 * Loopback only, at most 16 connections at a time, 2 s each. It says nothing about any client,
 * device or practice. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "proto/wire/config.h"
#include "server/base/metrics.h"

struct health;
/* Fresh values before they are shown: set *ret_ready and a word why not ("database away"; static),
 * and bring gauges up to date. */
typedef void (*health_ask_cb)(struct health *h, bool *ret_ready, const char **ret_why);
typedef void (*health_close_cb)(struct health *h);

enum { HEALTH_CONNECTIONS_MAX = 16, HEALTH_ANSWER_MAX = 16 * 1024 };

struct health {
    uv_tcp_t listener;
    struct metric *metrics; /* Borrowed. */
    size_t metric_count;
    health_ask_cb ask_cb;
    health_close_cb close_cb;
    unsigned open; /* Connections and the listener: handles not yet closed. */
    bool listening, closing;
    struct health_client *clients;
};

void health_init(struct health *h, struct metric *metrics, size_t metric_count,
                 health_ask_cb ask_cb);
/* Returns 0, ERR_CONFIG (not a loopback address, or the port is taken) after which close is still
 * owed. */
int health_start(struct health *h, uv_loop_t *loop, const struct config_address *address);
/* The port that was bound. */
uint16_t health_port(const struct health *h);
void health_close(struct health *h, health_close_cb cb);
