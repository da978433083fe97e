/* Happy path: a pool and a listener are started together; hints go to the owner, so does the count
 * of connections that are up. Failure: connections come back by themselves; closing waits for both
 * parts. */
#include "server/pg/store.h"

#include <libpq-fe.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"
#include "server/pg/schema.h"

enum { CONNECT_MS_MAX = 5000, RECONNECT_MS_MIN = 100, RECONNECT_MS_MAX = 30 * 1000 };

static const struct pg_statement listen_rating = {.sql = "listen attune_rating", .once = true};
static const struct pg_statement listen_room = {.sql = "listen attune_room", .once = true};
static const struct pg_statement listen_alert = {.sql = "listen attune_alert", .once = true};

static const struct pg_statement listen_device = {.sql = "listen attune_device", .once = true};

static void add_channel(struct pg_channels *c, const char *name, const struct pg_statement *listen,
                        enum store_wake bit)
{
    c->names[c->count] = name;
    c->listen[c->count] = listen;
    c->bits[c->count] = bit;
    c->count++;
}

static void on_wake(struct pg_listen *l, unsigned bits)
{
    struct store *s = container_of(l, struct store, listen);
    s->wake_cb(s, bits);
}

static void on_state(struct pg_pool *p)
{
    struct store *s = container_of(p, struct store, pool);
    s->state_cb(s, p->up, p->wanted);
}

void store_init(struct store *s, const struct store_options *options, store_wake_cb wake_cb,
                store_state_cb state_cb)
{
    *s = (struct store){
        .wake_cb = wake_cb, .state_cb = state_cb, .is_scoped = !options->is_aggregator};
    const struct pg_connection_options connection = {
        .conninfo = options->conninfo,
        .application = options->application,
        .connect_ms_max = CONNECT_MS_MAX,
        .call_ms_max = options->call_ms_max,
        .reconnect_ms_min = RECONNECT_MS_MIN,
        .reconnect_ms_max = RECONNECT_MS_MAX,
        .schema_number = SCHEMA_NUMBER,
    };
    struct pg_channels channels = {0};
    if (options->listen_rating) {
        add_channel(&channels, "attune_rating", &listen_rating, STORE_WAKE_RATING);
    }
    if (options->listen_room) {
        add_channel(&channels, "attune_room", &listen_room, STORE_WAKE_ROOM);
    }
    if (options->listen_alert) {
        add_channel(&channels, "attune_alert", &listen_alert, STORE_WAKE_ALERT);
    }
    if (options->listen_device) {
        add_channel(&channels, "attune_device", &listen_device, STORE_WAKE_DEVICE);
    }
    pg_pool_init(&s->pool, &connection, options->connections, options->calls_max, on_state);
    heads_init(&s->heads, &s->pool, options->audit_key, options->audit_head_ms);
    pg_listen_init(&s->listen, &connection, &channels, options->poll_ms, on_wake);
}

void store_start(struct store *s, uv_loop_t *loop)
{
    pg_pool_start(&s->pool, loop);
    heads_start(&s->heads, loop);
    pg_listen_start(&s->listen, loop);
}

bool store_ready(const struct store *s)
{
    return pg_pool_ready(&s->pool);
}

static void on_part_closed(struct store *s)
{
    if (--s->closing == 0) {
        s->close_cb(s);
    }
}

static void on_pool_closed(struct pg_pool *p)
{
    on_part_closed(container_of(p, struct store, pool));
}

static void on_listen_closed(struct pg_listen *l)
{
    on_part_closed(container_of(l, struct store, listen));
}

/* The last heads are signed while there still are connections. */
static void on_heads_closed(struct heads *h)
{
    struct store *s = container_of(h, struct store, heads);
    pg_pool_close(&s->pool, on_pool_closed);
    pg_listen_close(&s->listen, on_listen_closed);
}

void store_close(struct store *s, store_close_cb cb)
{
    must(s->closing == 0);
    s->closing = 2;
    s->close_cb = cb;
    heads_close(&s->heads, on_heads_closed);
}

int store_libpq_version(void)
{
    return PQlibVersion();
}
