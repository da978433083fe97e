/* Happy path: accepted, handshake, up, frames in and out, closed.
 * Inwards: libuv reads into the loop's one input buffer, tls_session turns it into plaintext in the
 * loop's one plain buffer, frame_reader hands over whole frames where they lie. Between reads an
 * idle connection holds no buffer. Outwards: frames gather in `out`; at the end of the turn they
 * are one TLS write, tried at once; what the socket does not take is copied and left to libuv.
 * Failure: any error ends the one connection: what TLS still wants to say (an alert) goes out, then
 * the socket closes, then `gone` is heard, exactly once. A frame callback may close its own
 * connection: every step re-checks. */
#include "server/net/conn.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"
#include "server/base/log.h"

enum { OUT_FIRST = 512, USER_TIMEOUT_MS = 30000, LINGER_MS = 1000 };

/* Bytes that the socket did not take at once. */
struct unsent {
    uv_write_t write;
    struct conn *conn;
    uint32_t len;
    uint8_t bytes[];
};

static void on_handle_closed(uv_handle_t *handle)
{
    struct conn *c = container_of((uv_tcp_t *)(void *)handle, struct conn, tcp);
    struct net *n = c->net;
    int rc = c->rc;
    frame_reader_fini(&c->frames);
    if (c->tls_ready) {
        tls_session_fini(&c->tls);
    }
    free(c->out);
    n->handler->gone(c, rc); /* The memory is the owner's from here on. */
    net_handle_closed(n);
}

static void leave(struct conn *c)
{
    struct net *n = c->net;
    *(c->previous != NULL ? &c->previous->next : &n->all) = c->next;
    if (c->next != NULL) {
        c->next->previous = c->previous;
    }
    if (c->dirty) {
        struct conn **at = &n->dirty;
        while (*at != c) {
            at = &(*at)->next_dirty;
        }
        *at = c->next_dirty;
        c->dirty = false;
    }
    n->counters.open--;
}

static void stage(struct conn *c, enum conn_stage next)
{
    if (c->stage == CONN_HANDSHAKE) {
        c->net->counters.handshaking--;
    }
    if (c->stranger != NULL) {
        if (c->stranger->guest.address != NULL) {
            door_leave(&c->net->door, &c->stranger->guest);
        }
        free(c->stranger);
        c->stranger = NULL;
    }
    c->stage = (uint8_t)next;
    c->stage_since = uv_now(c->net->loop);
}

static bool ended(const struct conn *c)
{
    return c->stage >= CONN_LINGERING;
}

/* What libuv still holds is dropped with the socket. */
void conn_cut(struct conn *c, int rc)
{
    if (c->stage == CONN_CLOSING) {
        return;
    }
    c->rc = c->stage == CONN_LINGERING ? c->rc : rc;
    stage(c, CONN_CLOSING);
    leave(c);
    uv_close((uv_handle_t *)&c->tcp, on_handle_closed);
}

static void on_unsent_written(uv_write_t *write, int status)
{
    struct unsent *u = container_of(write, struct unsent, write);
    struct conn *c = u->conn;
    c->unsent -= u->len;
    c->unsent_since = uv_now(c->net->loop);
    free(u);
    if (status < 0) {
        conn_cut(c, ERR_CLOSED);
    }
}

static void keep_unsent(struct conn *c, const uint8_t *bytes, size_t len)
{
    struct unsent *u = malloc(sizeof *u + len);
    must(u != NULL);
    u->conn = c;
    u->len = (uint32_t)len;
    memcpy(u->bytes, bytes, len);
    if (c->unsent == 0) {
        c->unsent_since = uv_now(c->net->loop);
    }
    c->unsent += u->len;
    uv_buf_t buf = uv_buf_init((char *)u->bytes, u->len);
    if (uv_write(&u->write, (uv_stream_t *)&c->tcp, &buf, 1, on_unsent_written) != 0) {
        c->unsent -= u->len;
        free(u);
        conn_cut(c, ERR_CLOSED);
    }
}

static void on_tls_send(struct tls_session *t, const uint8_t *bytes, size_t len)
{
    struct conn *c = container_of(t, struct conn, tls);
    if (ended(c)) {
        return;
    }
    c->net->counters.bytes_out += (int64_t)len;
    size_t sent = 0;
    if (c->unsent == 0) {
        uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)len);
        int n = uv_try_write((uv_stream_t *)&c->tcp, &buf, 1);
        if (n < 0 && n != UV_EAGAIN) {
            conn_cut(c, ERR_CLOSED);
            return;
        }
        sent = n > 0 ? (size_t)n : 0;
    }
    if (sent < len) {
        keep_unsent(c, bytes + sent, len - sent);
    }
}

static int on_frame(struct frame_reader *r, const uint8_t *body, size_t len)
{
    struct conn *c = container_of(r, struct conn, frames);
    c->net->counters.frames++;
    /* The next one's first byte comes now at the earliest. */
    c->frame_since = uv_now(c->net->loop);
    int rc = c->net->handler->frame(c, body, len);
    return rc != 0 ? rc : ended(c) ? ERR_CLOSING : 0;
}

static int went_up(struct conn *c)
{
    stage(c, CONN_GREETING);
    c->net->counters.handshakes++;
    return c->net->handler->up(c);
}

static int on_tls_plain(struct tls_session *t, const uint8_t *bytes, size_t len)
{
    struct conn *c = container_of(t, struct conn, tls);
    int rc = c->stage == CONN_HANDSHAKE ? went_up(c) : 0;
    return rc != 0 ? rc : frame_reader_feed(&c->frames, bytes, len);
}

/* Cut for what net itself found: the peer hears why, if TLS is up to say it. */
static void cut_off(struct conn *c, int rc)
{
    if (c->stage == CONN_GREETING || c->stage == CONN_OPEN) {
        c->net->handler->last_words(c, rc);
    }
    conn_close(c, rc);
}

static void heard(struct conn *c, const uint8_t *bytes, size_t len)
{
    if (ended(c)) {
        return; /* Read past. */
    }
    uint64_t now = uv_now(c->net->loop);
    bool was_inside = frame_reader_inside(&c->frames);
    c->net->counters.bytes_in += (int64_t)len;
    c->heard = now;
    int rc = tls_session_feed(&c->tls, bytes, len);
    if (ended(c)) {
        return;
    }
    if (rc == 0 && c->stage == CONN_HANDSHAKE && c->tls.up) {
        rc = went_up(c);
    }
    if (rc != 0) {
        c->net->counters.handshake_failures += c->stage == CONN_HANDSHAKE;
        if (rc == ERR_FRAME_SIZE) {
            cut_off(c, rc); /* The reader's own verdict: nobody has told the peer. */
        } else {
            conn_close(c, rc);
        }
        return;
    }
    if (frame_reader_inside(&c->frames) && !was_inside) {
        c->frame_since = now;
    }
}

static void on_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
    (void)hint;
    struct net *n = ((struct conn *)handle->data)->net;
    *buf = uv_buf_init((char *)n->input, sizeof n->input);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct conn *c = stream->data;
    if (n > 0) {
        heard(c, (const uint8_t *)buf->base, (size_t)n);
    } else if (n < 0) {
        c->net->counters.handshake_failures += c->stage == CONN_HANDSHAKE;
        conn_cut(c, ERR_CLOSED);
    }
}

static void set_socket_options(struct conn *c)
{
    uv_os_fd_t fd;
    unsigned timeout = USER_TIMEOUT_MS;
    (void)uv_tcp_nodelay(&c->tcp, 1); /* Slower without, nothing worse. */
    if (uv_fileno((uv_handle_t *)&c->tcp, &fd) == 0) {
        /* The protocol's pings notice a dead peer too; this one also when only we talk. */
        (void)setsockopt(fd, IPPROTO_TCP, 18 /* TCP_USER_TIMEOUT */, &timeout, sizeof timeout);
    }
}

void conn_begin(struct conn *c, struct net *n, struct net_stranger *stranger)
{
    memset(c, 0, sizeof *c);
    c->net = n;
    c->stranger = stranger;
    stranger->conn = c;
    int rc = uv_tcp_init(n->loop, &c->tcp);
    must(rc == 0);
    c->tcp.data = c;
    n->handles++;
    c->next = n->all;
    if (c->next != NULL) {
        c->next->previous = c;
    }
    n->all = c;
    n->counters.open++;
    n->counters.handshaking++;
    c->stage_since = c->heard = uv_now(n->loop);
    frame_reader_init(&c->frames, LIMIT_FRAME_GREETING, on_frame);
    rc = uv_tcp_open(&c->tcp, stranger->fd);
    if (rc == 0) {
        rc = tls_session_init(&c->tls, TLS_SERVER, n->context, &n->room, NULL, on_tls_send,
                              on_tls_plain);
        c->tls_ready = rc == 0;
    } else {
        (void)close(stranger->fd); /* It was not taken. */
    }
    if (rc != 0 || uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read) != 0) {
        conn_cut(c, ERR_CLOSED);
        return;
    }
    set_socket_options(c);
}

void conn_flush(struct conn *c)
{
    if (c->out_len == 0 || ended(c)) {
        return;
    }
    /* Taken off first: writing may abandon the connection, whose memory then goes later. */
    uint8_t *out = c->out;
    uint32_t len = c->out_len;
    c->out = NULL;
    c->out_len = c->out_room = 0;
    int rc = tls_session_write(&c->tls, out, len);
    free(out);
    if (rc != 0) {
        conn_cut(c, rc);
    }
}

void conn_sweep(struct conn *c, uint64_t now)
{
    const struct net_limits *l = &c->net->limits;
    bool late = false;
    int rc = ERR_SILENT;
    if (c->stage == CONN_LINGERING) {
        if (now - c->stage_since >= LINGER_MS) {
            conn_cut(c, c->rc);
        }
        return;
    }
    if (c->stage == CONN_HANDSHAKE) {
        late = now - c->stage_since >= l->handshake_ms;
        c->net->counters.handshake_failures += late;
    } else if (c->stage == CONN_GREETING) {
        late =
            now - c->stage_since >= (c->tls.protocol == TLS_ENROL ? l->enrol_ms : l->greeting_ms);
    } else if (c->stage == CONN_OPEN) {
        late = !c->paused && now - c->heard >= l->silence_ms;
    }
    if (!late && !c->paused && frame_reader_inside(&c->frames)) {
        late = now - c->frame_since >= l->frame_ms;
        rc = ERR_FRAME_SLOW;
    }
    if (!late && c->unsent > 0) {
        late = now - c->unsent_since >= l->unsent_ms;
        rc = ERR_SILENT;
    }
    if (late) {
        c->net->counters.cut_slow++;
        cut_off(c, rc);
    }
}

uint8_t *conn_room(struct conn *c, size_t len)
{
    if (ended(c)) {
        return NULL;
    }
    if (c->unsent + c->out_len + len > c->net->limits.unsent_max) {
        c->net->counters.cut_slow++;
        conn_cut(c, ERR_SILENT);
        return NULL;
    }
    if (c->out_len + len > c->out_room) {
        size_t room = c->out_room == 0 ? OUT_FIRST : c->out_room;
        while (room < c->out_len + len) {
            room *= 2;
        }
        c->out = realloc(c->out, room);
        must(c->out != NULL);
        c->out_room = (uint32_t)room;
    }
    uint8_t *at = c->out + c->out_len;
    c->out_len += (uint32_t)len;
    if (!c->dirty) {
        c->dirty = true;
        c->next_dirty = c->net->dirty;
        c->net->dirty = c;
    }
    return at;
}

void conn_address(const struct conn *c, char ret_address[NET_ADDRESS])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}; /* ::ffff:a.b.c.d */
    struct sockaddr_storage where = {0};
    int len = sizeof where;
    ret_address[0] = '\0';
    if (uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&where, &len) != 0) {
        return;
    }
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)&where;
    if (where.ss_family == AF_INET6 && memcmp(&six->sin6_addr, mapped, sizeof mapped) == 0) {
        (void)uv_inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, ret_address, NET_ADDRESS);
    } else if (where.ss_family == AF_INET6) {
        memset(six->sin6_addr.s6_addr + 8, 0, 8);
        (void)uv_ip6_name(six, ret_address, NET_ADDRESS - 3); /* It fits. */
        memcpy(ret_address + strlen(ret_address), "/64", 4);
    } else {
        (void)uv_ip4_name((struct sockaddr_in *)(void *)&where, ret_address, NET_ADDRESS);
    }
}

void conn_greeted(struct conn *c, uint32_t body_max)
{
    if (c->stage == CONN_GREETING) {
        stage(c, CONN_OPEN);
        frame_reader_limit(&c->frames, body_max);
    }
}

void conn_pause(struct conn *c)
{
    if (!c->paused && !ended(c)) {
        c->paused = true;
        (void)uv_read_stop((uv_stream_t *)&c->tcp); /* Always 0. */
    }
}

void conn_resume(struct conn *c)
{
    if (c->paused && !ended(c)) {
        c->paused = false;
        c->heard = c->frame_since = uv_now(c->net->loop); /* The silence was ours. */
        if (uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read) != 0) {
            conn_cut(c, ERR_CLOSED);
        }
    }
}

static void on_shut_down(uv_shutdown_t *request, int status)
{
    (void)status; /* Written or not, the sweep ends it. */
    free(request);
}

void conn_close(struct conn *c, int rc)
{
    if (ended(c)) {
        return;
    }
    if (c->tls_ready && c->tls.up) {
        conn_flush(c);
        if (!ended(c)) {
            tls_session_end(&c->tls);
        }
    }
    conn_resume(c); /* Its last bytes are to be read past. */
    if (ended(c)) {
        return; /* The socket failed meanwhile. */
    }
    stage(c, CONN_LINGERING);
    c->rc = rc;
    uv_shutdown_t *request = malloc(sizeof *request);
    must(request != NULL);
    if (uv_shutdown(request, (uv_stream_t *)&c->tcp, on_shut_down) != 0) {
        free(request);
        conn_cut(c, rc);
    }
}
