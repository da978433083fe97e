/* Happy path: up, LISTEN, wake all; then each turn of the loop that brought notifications wakes
 * their bits. Failure: whatever is lost, the poll timer wakes all again; a LISTEN or a keep-alive
 * that fails drops the connection, and the next one begins from the start. */
#include "server/pg/listen.h"

#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"

static const struct pg_statement keep_alive = {.sql = "select 1", .once = true};

static struct pg_listen *listen_of(struct pg_connection *c)
{
    return container_of(c, struct pg_listen, connection);
}

static unsigned all_bits(const struct pg_listen *l)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < l->channels.count; i++) {
        bits |= l->channels.bits[i];
    }
    return bits;
}

static void wake(struct pg_listen *l, unsigned bits)
{
    if (bits != 0 && !l->closing) {
        l->wake_cb(l, bits);
    }
}

static void on_listening(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct pg_listen *l = container_of(call, struct pg_listen, call);
    (void)results;
    if (rc == 0) {
        wake(l, all_bits(l));
    }
}

/* Nothing was asked of it: that the answer came is all. */
static void on_kept_alive(struct pg_call *call, int rc, const struct pg_results *results)
{
    (void)call;
    (void)rc; /* A failure has dropped the connection. */
    (void)results;
}

static void run(struct pg_listen *l, struct pg_plan *plan, pg_call_cb cb)
{
    l->call = (struct pg_call){.plan = plan, .cb = cb};
    pg_connection_run(&l->connection, &l->call);
}

static void on_up(struct pg_connection *c)
{
    struct pg_listen *l = listen_of(c);
    struct pg_plan *plan = pg_plan_new();
    for (unsigned i = 0; i < l->channels.count; i++) {
        (void)pg_plan_add(plan, l->channels.listen[i]); /* No parameters. */
    }
    run(l, plan, on_listening);
}

static void on_down(struct pg_connection *c)
{
    listen_of(c)->gathered = 0; /* All are woken when it is back. */
}

static void on_idle(struct pg_connection *c)
{
    (void)c;
}

static void on_notified(struct pg_connection *c, const char *channel)
{
    struct pg_listen *l = listen_of(c);
    if (channel == NULL) {
        unsigned bits = l->gathered;
        l->gathered = 0;
        wake(l, bits);
        return;
    }
    for (unsigned i = 0; i < l->channels.count; i++) {
        if (strcmp(l->channels.names[i], channel) == 0) {
            l->gathered |= l->channels.bits[i];
        }
    }
}

static void on_poll(uv_timer_t *timer)
{
    struct pg_listen *l = container_of(timer, struct pg_listen, poll);
    if (pg_connection_is_idle(&l->connection)) {
        struct pg_plan *plan = pg_plan_new();
        (void)pg_plan_add(plan, &keep_alive); /* No parameters. */
        run(l, plan, on_kept_alive);
    }
    wake(l, all_bits(l));
}

static void on_part_closed(struct pg_listen *l)
{
    if (--l->open == 0) {
        l->close_cb(l);
    }
}

static void on_connection_closed(struct pg_connection *c)
{
    on_part_closed(listen_of(c));
}

static void on_poll_closed(uv_handle_t *handle)
{
    on_part_closed(container_of((uv_timer_t *)handle, struct pg_listen, poll));
}

static const struct pg_connection_events listen_events = {.up = on_up,
                                                          .down = on_down,
                                                          .idle = on_idle,
                                                          .notified = on_notified,
                                                          .closed = on_connection_closed};

void pg_listen_init(struct pg_listen *l, const struct pg_connection_options *options,
                    const struct pg_channels *channels, uint32_t poll_ms, pg_wake_cb wake_cb)
{
    must(channels->count <= PG_CHANNELS_MAX && poll_ms > 0);
    *l = (struct pg_listen){
        .options = *options, .channels = *channels, .poll_ms = poll_ms, .wake_cb = wake_cb};
    pg_connection_init(&l->connection, &l->options, &listen_events);
}

void pg_listen_start(struct pg_listen *l, uv_loop_t *loop)
{
    l->open = 1;
    int rc = uv_timer_init(loop, &l->poll);
    must(rc == 0);
    rc = uv_timer_start(&l->poll, on_poll, l->poll_ms, l->poll_ms);
    must(rc == 0);
    if (l->channels.count > 0) {
        l->open++;
        pg_connection_start(&l->connection, loop);
    }
}

void pg_listen_close(struct pg_listen *l, pg_listen_close_cb cb)
{
    must(l->open > 0 && !l->closing);
    l->closing = true;
    l->close_cb = cb;
    uv_close((uv_handle_t *)&l->poll, on_poll_closed);
    if (l->channels.count > 0) {
        pg_connection_close(&l->connection);
    }
}
