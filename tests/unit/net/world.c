/* Happy path: the net listens on a free port, callers connect, the loop turns until what a test
 * waits for has come. Failure: a condition that never holds ends the test. */
#include "tests/unit/net/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"

enum { TURNS_MAX = 100000, NEVER_MS = 1 << 30 };

/* ---- the server's end ------------------------------------------------------------------------ */

static void say(struct conn *c, const char *text, size_t len)
{
    uint8_t *room = conn_room(c, FRAME_HEAD + len);
    if (room != NULL) {
        frame_head(room, len);
        memcpy(room + FRAME_HEAD, text, len);
    }
}

static struct conn *on_make(struct net *n)
{
    struct world *w = container_of(n, struct world, net);
    struct served *s = calloc(1, sizeof *s);
    must(s != NULL && w->served_count < WORLD_SERVED_MAX);
    s->world = w;
    w->served[w->served_count++] = s;
    return &s->conn;
}

static int on_up(struct conn *c)
{
    struct served *s = container_of(c, struct served, conn);
    s->ups++;
    return s->world->up_rc;
}

static int on_served_frame(struct conn *c, const uint8_t *body, size_t len)
{
    struct served *s = container_of(c, struct served, conn);
    must(s->gones == 0);
    s->frames++;
    s->last_len = len;
    switch (body[0]) {
    case 'g':
        conn_greeted(c, LIMIT_FRAME_BODY);
        break;
    case 'e':
        say(c, (const char *)body, len);
        break;
    case 'p':
        conn_pause(c);
        break;
    case 'c':
        say(c, "bye", 3);
        conn_close(c, ERR_REPLACED);
        conn_close(c, ERR_INTERNAL); /* Without effect. */
        break;
    case 'r':
        say(c, "no", 2);
        return ERR_MESSAGE;
    default:
        break;
    }
    return 0;
}

static void on_last_words(struct conn *c, int rc)
{
    char text[8];
    int n = snprintf(text, sizeof text, "!%d", -rc);
    say(c, text, (size_t)n);
}

static void on_gone(struct conn *c, int rc)
{
    struct served *s = container_of(c, struct served, conn);
    s->gones++;
    s->gone_rc = rc;
}

static const struct net_handler handler = {on_make, on_up, on_served_frame, on_last_words, on_gone};

/* ---- the world ------------------------------------------------------------------------------- */

struct net_limits world_limits(void)
{
    return (struct net_limits){
        .connections_max = WORLD_SERVED_MAX,
        .handshakes_max = WORLD_SERVED_MAX,
        .handshakes_per_second = 100000,
        .handshake_ms = NEVER_MS,
        .greeting_ms = NEVER_MS,
        .frame_ms = NEVER_MS,
        .silence_ms = NEVER_MS,
        .unsent_ms = NEVER_MS,
        .unsent_max = 1 << 20,
    };
}

struct world *world_new(const struct net_limits *limits)
{
    struct world *w = calloc(1, sizeof *w);
    must(w != NULL && uv_loop_init(&w->loop) == 0);
    test_pki_init(&w->pki);
    test_pki_issue_usual(&w->pki);
    w->client_context = test_pki_context(&w->pki, TLS_CLIENT, "device", "ca");
    SSL_CTX *context = test_pki_context(&w->pki, TLS_SERVER, "server", "ca");
    const struct config_address address = {.host = "127.0.0.1"};
    net_init(&w->net, limits, &handler);
    must(net_start(&w->net, &w->loop, &address, &context) == 0 && context == NULL);
    return w;
}

static void on_net_closed(struct net *n)
{
    container_of(n, struct world, net)->closed++;
}

static bool is_closed(void *world)
{
    return ((struct world *)world)->closed > 0;
}

void world_close(struct world *w)
{
    net_close(&w->net, on_net_closed);
    world_run(w, is_closed, w);
}

void world_free(struct world *w)
{
    if (w->closed == 0) {
        world_close(w);
    }
    must(w->closed == 1);
    for (size_t i = 0; i < w->served_count; i++) {
        must(w->served[i]->gones == 1);
        free(w->served[i]);
    }
    must(uv_run(&w->loop, UV_RUN_DEFAULT) == 0 && uv_loop_close(&w->loop) == 0);
    SSL_CTX_free(w->client_context);
    test_pki_fini(&w->pki);
    free(w);
}

void world_run(struct world *w, world_condition condition, void *of)
{
    for (unsigned turn = 0; !condition(of); turn++) {
        must(turn < TURNS_MAX);
        (void)uv_run(&w->loop, UV_RUN_ONCE); /* Whether handles are left is not asked. */
    }
}

struct sweep_watch {
    const uv_timer_t *sweep;
    uint64_t due;
};

static bool has_swept(void *watch)
{
    struct sweep_watch *s = watch;
    uint64_t before = s->due;
    s->due = uv_timer_get_due_in(s->sweep);
    return s->due > before; /* It grows only when the timer goes off and is set anew. */
}

void world_run_sweep(struct world *w)
{
    struct sweep_watch watch = {&w->net.sweep, uv_timer_get_due_in(&w->net.sweep)};
    world_run(w, has_swept, &watch);
}

/* ---- callers --------------------------------------------------------------------------------- */

struct sent {
    uv_write_t write;
    uint8_t bytes[];
};

static void on_sent(uv_write_t *write, int status)
{
    (void)status; /* The server may have cut it: that is what some tests are about. */
    free(container_of(write, struct sent, write));
}

void caller_send_raw(struct caller *c, const uint8_t *bytes, size_t len)
{
    struct sent *s = malloc(sizeof *s + len);
    must(s != NULL);
    memcpy(s->bytes, bytes, len);
    uv_buf_t buf = uv_buf_init((char *)s->bytes, (unsigned)len);
    must(uv_write(&s->write, (uv_stream_t *)&c->tcp, &buf, 1, on_sent) == 0);
}

static void on_tls_send(struct tls_session *t, const uint8_t *bytes, size_t len)
{
    caller_send_raw(container_of(t, struct caller, tls), bytes, len);
}

static int on_caller_frame(struct frame_reader *r, const uint8_t *body, size_t len)
{
    struct caller *c = container_of(r, struct caller, frames);
    size_t at = strlen(c->heard);
    c->heard_frames++;
    c->heard_bytes += len;
    if (at + len + 2 < sizeof c->heard) {
        memcpy(c->heard + at, body, len);
        memcpy(c->heard + at + len, "|", 2);
    }
    return 0;
}

static int on_tls_plain(struct tls_session *t, const uint8_t *bytes, size_t len)
{
    return frame_reader_feed(&container_of(t, struct caller, tls)->frames, bytes, len);
}

static void on_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
    (void)handle;
    (void)hint;
    *buf = uv_buf_init(malloc(4096), 4096);
    must(buf->base != NULL);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct caller *c = stream->data;
    if (n < 0) {
        c->ended = true;
        (void)uv_read_stop(stream); /* Always 0. */
    } else if (n > 0 && !c->plain && c->rc == 0) {
        c->rc = tls_session_feed(&c->tls, (const uint8_t *)buf->base, (size_t)n);
    }
    free(buf->base);
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct caller *c = container_of(connect, struct caller, connect);
    must(status == 0);
    c->connected = true;
    caller_go_on_reading(c);
    if (!c->plain) {
        must(tls_session_begin(&c->tls) == 0);
    }
}

static struct caller *call(struct world *w, bool plain)
{
    struct caller *c = calloc(1, sizeof *c);
    struct sockaddr_in where;
    must(c != NULL);
    c->world = w;
    c->plain = plain;
    frame_reader_init(&c->frames, LIMIT_FRAME_BODY, on_caller_frame);
    must(tls_session_init(&c->tls, TLS_CLIENT, w->client_context, &c->room, "localhost",
                          on_tls_send, on_tls_plain) == 0);
    must(uv_tcp_init(&w->loop, &c->tcp) == 0);
    c->tcp.data = c;
    must(uv_ip4_addr("127.0.0.1", net_port(&w->net), &where) == 0);
    must(uv_tcp_connect(&c->connect, &c->tcp, (const struct sockaddr *)&where, on_connected) == 0);
    return c;
}

struct caller *caller_new(struct world *w)
{
    return call(w, false);
}

static bool is_connected(void *caller)
{
    return ((struct caller *)caller)->connected;
}

struct caller *caller_new_plain(struct world *w)
{
    struct caller *c = call(w, true);
    world_run(w, is_connected, c);
    return c;
}

static void on_caller_closed(uv_handle_t *handle)
{
    ((struct caller *)handle->data)->handle_closed = true;
}

static bool is_handle_closed(void *caller)
{
    return ((struct caller *)caller)->handle_closed;
}

void caller_free(struct caller *c)
{
    uv_close((uv_handle_t *)&c->tcp, on_caller_closed);
    world_run(c->world, is_handle_closed, c);
    tls_session_fini(&c->tls);
    frame_reader_fini(&c->frames);
    free(c);
}

bool caller_is_up(void *caller)
{
    return ((struct caller *)caller)->tls.up;
}

bool caller_has_ended(void *caller)
{
    return ((struct caller *)caller)->ended;
}

bool caller_has_heard(void *caller)
{
    return ((struct caller *)caller)->heard_frames > 0;
}

bool served_is_gone(void *served)
{
    return ((struct served *)served)->gones > 0;
}

static bool is_served_up(void *served)
{
    return ((struct served *)served)->ups > 0;
}

void caller_up(struct caller *c)
{
    struct world *w = c->world;
    world_run(w, caller_is_up, c);
    world_run(w, is_served_up, w->served[w->served_count - 1]);
}

static bool is_open(void *served)
{
    return ((struct served *)served)->conn.stage == CONN_OPEN;
}

struct caller *caller_greeted(struct world *w)
{
    struct caller *c = caller_new(w);
    caller_up(c);
    caller_say(c, "g");
    world_run(w, is_open, w->served[w->served_count - 1]);
    return c;
}

void caller_say_bytes(struct caller *c, const uint8_t *bytes, size_t len)
{
    must(tls_session_write(&c->tls, bytes, len) == 0);
}

void caller_say(struct caller *c, const char *text)
{
    uint8_t frame[WORLD_TEXT];
    size_t len = strlen(text);
    must(len + FRAME_HEAD <= sizeof frame);
    frame_head(frame, len);
    memcpy(frame + FRAME_HEAD, text, len);
    caller_say_bytes(c, frame, FRAME_HEAD + len);
}

void caller_stop_reading(struct caller *c)
{
    (void)uv_read_stop((uv_stream_t *)&c->tcp); /* Always 0. */
}

void caller_go_on_reading(struct caller *c)
{
    must(uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read) == 0);
}
