/* Happy path: connect, shake hands, up; bytes in through the hub's one buffer, bytes out gathered
 * until the loop is about to sleep. Failure: the first error closes the line and `gone` tells it.
 * A foreign server (nginx) chooses no protocol, which tls_session refuses although the handshake
 * is good: such a line takes it all the same. */
#include "tests/support/load/line.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"

enum { OUT_FIRST = 1024 };

struct unsent {
    uv_write_t write;
    struct line *line;
    uint8_t bytes[];
};

static void on_unsent_written(uv_write_t *write, int status)
{
    struct unsent *u = container_of(write, struct unsent, write);
    struct line *l = u->line;
    free(u);
    if (status < 0) {
        line_close(l, ERR_CLOSED);
    }
}

static void keep_unsent(struct line *l, const uint8_t *bytes, size_t len)
{
    struct unsent *u = malloc(sizeof *u + len);
    must(u != NULL);
    u->line = l;
    memcpy(u->bytes, bytes, len);
    uv_buf_t buf = uv_buf_init((char *)u->bytes, (unsigned)len);
    if (uv_write(&u->write, (uv_stream_t *)&l->tcp, &buf, 1, on_unsent_written) != 0) {
        free(u);
        line_close(l, ERR_CLOSED);
    }
}

static void on_tls_send(struct tls_session *t, const uint8_t *bytes, size_t len)
{
    struct line *l = container_of(t, struct line, tls);
    if (l->stage == LINE_CLOSING) {
        return;
    }
    uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)len);
    int n = uv_try_write((uv_stream_t *)&l->tcp, &buf, 1);
    if (n < 0 && n != UV_EAGAIN) {
        line_close(l, ERR_CLOSED);
        return;
    }
    size_t sent = n > 0 ? (size_t)n : 0;
    if (sent < len) {
        keep_unsent(l, bytes + sent, len - sent);
    }
}

static int on_tls_plain(struct tls_session *t, const uint8_t *bytes, size_t len)
{
    struct line *l = container_of(t, struct line, tls);
    return l->hub->foreign ? 0 : frame_reader_feed(&l->frames, bytes, len);
}

static int on_frame(struct frame_reader *r, const uint8_t *body, size_t len)
{
    struct line *l = container_of(r, struct line, frames);
    int rc = l->handler->frame(l, body, len);
    return rc != 0 ? rc : l->stage == LINE_CLOSING ? ERR_CLOSING : 0;
}

static void heard(struct line *l, const uint8_t *bytes, size_t len)
{
    int rc = tls_session_feed(&l->tls, bytes, len);
    if (l->hub->foreign && rc == ERR_TLS && l->stage == LINE_SHAKING &&
        SSL_is_init_finished(l->tls.ssl)) {
        l->tls.up = true;
        l->tls.ended = false;
        rc = 0;
    }
    if (l->stage == LINE_CLOSING) {
        return;
    }
    if (rc != 0) {
        line_close(l, rc);
    } else if (l->stage == LINE_SHAKING && l->tls.up) {
        l->stage = LINE_UP;
        l->handler->up(l);
    }
}

static void on_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
    (void)hint;
    struct line_hub *h = ((struct line *)handle->data)->hub;
    *buf = uv_buf_init((char *)h->input, sizeof h->input);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct line *l = stream->data;
    if (n > 0) {
        heard(l, (const uint8_t *)buf->base, (size_t)n);
    } else if (n < 0) {
        line_close(l, n == UV_EOF ? ERR_CLOSED : ERR_UNREACHABLE);
    }
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct line *l = container_of(connect, struct line, connect);
    if (l->stage == LINE_CLOSING) {
        return;
    }
    if (status < 0 || uv_read_start((uv_stream_t *)&l->tcp, on_alloc, on_read) != 0) {
        line_close(l, ERR_UNREACHABLE);
        return;
    }
    (void)uv_tcp_nodelay(&l->tcp, 1); /* Slower without, nothing worse. */
    l->stage = LINE_SHAKING;
    int rc = tls_session_begin(&l->tls);
    if (rc != 0) {
        line_close(l, rc);
    }
}

static void on_closed(uv_handle_t *handle)
{
    struct line *l = handle->data;
    frame_reader_fini(&l->frames);
    if (l->tls_begun) {
        tls_session_fini(&l->tls);
    }
    free(l->out);
    l->out = NULL;
    l->out_len = l->out_room = 0;
    l->stage = LINE_SHUT;
    l->handler->gone(l, l->rc);
}

static void flush_one(struct line *l)
{
    uint8_t *out = l->out;
    uint32_t len = l->out_len;
    if (len == 0 || l->stage != LINE_UP) {
        return;
    }
    l->out_len = 0;
    int rc = tls_session_write(&l->tls, out, len);
    if (rc != 0) {
        line_close(l, rc);
    }
}

static void on_flush(uv_prepare_t *prepare)
{
    struct line_hub *h = container_of(prepare, struct line_hub, flush);
    while (h->dirty != NULL) {
        struct line *l = h->dirty;
        h->dirty = l->next_dirty;
        l->dirty = false;
        flush_one(l);
    }
}

void line_hub_init(struct line_hub *h, uv_loop_t *loop, SSL_CTX *context)
{
    h->loop = loop;
    h->context = context;
    h->dirty = NULL;
    int rc = uv_prepare_init(loop, &h->flush);
    must(rc == 0);
    rc = uv_prepare_start(&h->flush, on_flush);
    must(rc == 0);
}

void line_hub_close(struct line_hub *h)
{
    uv_close((uv_handle_t *)&h->flush, NULL);
}

void line_init(struct line *l, struct line_hub *hub, const struct line_handler *handler)
{
    *l = (struct line){.hub = hub, .handler = handler};
}

/* Its own certificate instead of the context's; a foreign server is offered no protocol. */
static int dress(struct line *l, const struct line_identity *identity)
{
    int rc = tls_session_init(&l->tls, TLS_CLIENT, l->hub->context, &l->hub->room, NULL,
                              on_tls_send, on_tls_plain);
    l->tls_begun = rc == 0;
    if (rc == 0 && (SSL_use_certificate(l->tls.ssl, identity->certificate) != 1 ||
                    SSL_use_PrivateKey(l->tls.ssl, identity->key) != 1)) {
        rc = ERR_CERTIFICATE;
    }
    if (rc == 0 && l->hub->foreign) {
        (void)SSL_set_alpn_protos(l->tls.ssl, NULL, 0); /* 0 is success there. */
    }
    return rc;
}

void line_open(struct line *l, const struct sockaddr_in *where,
               const struct line_identity *identity)
{
    must(l->stage == LINE_SHUT);
    int rc = uv_tcp_init(l->hub->loop, &l->tcp);
    must(rc == 0);
    l->tcp.data = l;
    l->rc = 0;
    l->stage = LINE_CONNECTING;
    l->tls_begun = false;
    frame_reader_init(&l->frames, LIMIT_FRAME_BODY, on_frame);
    rc = dress(l, identity);
    if (rc == 0 &&
        uv_tcp_connect(&l->connect, &l->tcp, (const struct sockaddr *)where, on_connected) != 0) {
        rc = ERR_UNREACHABLE;
    }
    if (rc != 0) {
        line_close(l, rc);
    }
}

uint8_t *line_room(struct line *l, size_t len)
{
    must(l->stage == LINE_UP);
    if (l->out_room - l->out_len < len) {
        size_t room = l->out_room > 0 ? l->out_room : OUT_FIRST;
        while (room - l->out_len < len) {
            room *= 2;
        }
        l->out = realloc(l->out, room);
        must(l->out != NULL);
        l->out_room = (uint32_t)room;
    }
    if (!l->dirty) {
        l->dirty = true;
        l->next_dirty = l->hub->dirty;
        l->hub->dirty = l;
    }
    uint8_t *at = l->out + l->out_len;
    l->out_len += (uint32_t)len;
    return at;
}

void line_end(struct line *l)
{
    must(l->stage == LINE_UP);
    tls_session_end(&l->tls);
}

static void leave_dirty(struct line *l)
{
    struct line **at = &l->hub->dirty;
    while (l->dirty && *at != l) {
        at = &(*at)->next_dirty;
    }
    if (l->dirty) {
        *at = l->next_dirty;
        l->dirty = false;
    }
}

void line_close(struct line *l, int rc)
{
    if (l->stage == LINE_CLOSING || l->stage == LINE_SHUT) {
        return;
    }
    leave_dirty(l);
    l->stage = LINE_CLOSING;
    l->rc = rc;
    uv_close((uv_handle_t *)&l->tcp, on_closed);
}
