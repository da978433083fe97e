/* listen.h - hints that something changed: a connection of its own that listens.
 *
 * LISTEN first, then all are woken: what was committed before is found by the scan that follows.
 * Equal hints that come together are one. Notifications get lost (a lost connection, a crash, a
 * pooler): so everything is woken every poll_ms too, whether the connection is up or not, and each
 * time something is asked on it, so that a dead server is noticed. */
#pragma once

#include "server/pg/conn.h"

enum { PG_CHANNELS_MAX = 4 };

/* The channels whose bits wakers wait for: bit i is channel i. */
struct pg_channels {
    const char *names[PG_CHANNELS_MAX];
    const struct pg_statement *listen[PG_CHANNELS_MAX];
    unsigned bits[PG_CHANNELS_MAX];
    unsigned count;
};

struct pg_listen;
typedef void (*pg_wake_cb)(struct pg_listen *l, unsigned bits);
typedef void (*pg_listen_close_cb)(struct pg_listen *l);

struct pg_listen {
    struct pg_connection_options options;
    struct pg_connection connection;
    struct pg_call call;
    struct pg_channels channels;
    uv_timer_t poll;
    uint32_t poll_ms;
    unsigned gathered; /* Hints of this turn of the loop. */
    pg_wake_cb wake_cb;
    pg_listen_close_cb close_cb;
    unsigned open;
    bool closing;
};

void pg_listen_init(struct pg_listen *l, const struct pg_connection_options *options,
                    const struct pg_channels *channels, uint32_t poll_ms, pg_wake_cb wake_cb);
void pg_listen_start(struct pg_listen *l, uv_loop_t *loop);
void pg_listen_close(struct pg_listen *l, pg_listen_close_cb cb);
