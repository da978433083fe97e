/* Happy path: strangers are accepted as they come and wait at the door; those whose turn it is go
 * to conn.c; what was said in a turn goes out before the loop sleeps; a sweep four times a second
 * finds who is too slow. Failure: above connections_max nobody is accepted until the sweep finds a
 * place, and the kernel's backlog holds them; whom the door turns away hears nothing: there is no
 * TLS yet to say it in. */
#include "server/net/net.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/failpoint.h"
#include "proto/wire/must.h"
#include "server/base/log.h"
#include "server/net/conn.h"

enum {
    SWEEP_MS = 250,
    BACKLOG = 1024,
    ACCEPTS_A_TURN = 64, /* Then those who are connected are heard again. */
    DOOR_MS = 10,
    HOLD_MS = 500, /* So long a handshake keeps its place in any case. */
};

static void on_callers(uv_poll_t *listener, int status, int events);
static void on_door_timer(uv_timer_t *timer);

/* ---- the door -------------------------------------------------------------------------------- */

/* Of IPv4 all of it, of IPv6 the network's half: whoever has one address of that has them all. */
static uint64_t whereabouts(const struct sockaddr_storage *where)
{
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)where;
    uint64_t network = 0;
    if (where->ss_family != AF_INET6) {
        struct sockaddr_in four = {0};
        memcpy(&four, where, sizeof four);
        return four.sin_addr.s_addr;
    }
    if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
        uint32_t four = 0;
        memcpy(&four, six->sin6_addr.s6_addr + 12, sizeof four);
        return four;
    }
    memcpy(&network, six->sin6_addr.s6_addr, sizeof network);
    return network;
}

static struct net_stranger *stranger_of(struct door_guest *g)
{
    return g == NULL ? NULL : container_of(g, struct net_stranger, guest);
}

/* It has left the door. */
static void turn_away(struct net *n, struct net_stranger *s)
{
    n->counters.turned_away++;
    if (s->conn != NULL) {
        conn_cut(s->conn, ERR_BUSY); /* Frees it. */
    } else {
        (void)close(s->fd);
        free(s);
    }
}

static void let_in(struct net *n)
{
    struct door_guest *gives_way, *g;
    uint64_t now = uv_now(n->loop);
    while (!n->stopped && n->counters.open < (int64_t)n->limits.connections_max &&
           (g = door_next(&n->door, now, &gives_way)) != NULL) {
        if (gives_way != NULL) {
            turn_away(n, stranger_of(gives_way));
        }
        struct conn *c = n->handler->make(n);
        must(c != NULL);
        conn_begin(c, n, stranger_of(g));
    }
    if (n->door.waiting > 0 && !uv_is_active((uv_handle_t *)&n->door_timer)) {
        int rc = uv_timer_start(&n->door_timer, on_door_timer, DOOR_MS, 0);
        must(rc == 0);
    }
}

static void on_door_timer(uv_timer_t *timer)
{
    let_in(container_of(timer, struct net, door_timer));
}

static void knock(struct net *n, int fd, const struct sockaddr_storage *where)
{
    struct net_stranger *s = calloc(1, sizeof *s);
    must(s != NULL);
    s->fd = fd;
    n->counters.accepted++;
    struct door_guest *away = door_knock(&n->door, &s->guest, whereabouts(where), uv_now(n->loop));
    if (away != NULL) {
        turn_away(n, stranger_of(away));
    }
}

static void listen_again(struct net *n, bool on)
{
    int rc = on ? uv_poll_start(&n->listener, UV_READABLE, on_callers) : uv_poll_stop(&n->listener);
    must(rc == 0);
    n->deaf = !on;
}

static void on_callers(uv_poll_t *listener, int status, int events)
{
    struct net *n = container_of(listener, struct net, listener);
    (void)events; /* There is one. */
    if (status < 0) {
        log_line(LOG_LEVEL_WARNING, "net", "accept: %s", uv_strerror(status));
        listen_again(n, false);
        return;
    }
    for (unsigned i = 0; i < ACCEPTS_A_TURN; i++) {
        if (n->counters.open >= (int64_t)n->limits.connections_max) {
            listen_again(n, false); /* The kernel's queue holds them. */
            break;
        }
        struct sockaddr_storage where = {0};
        socklen_t len = sizeof where;
        int fd = accept4(n->fd, (struct sockaddr *)&where, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            knock(n, fd, &where);
        } else if (errno == EAGAIN || errno == EINTR) {
            break;
        } else if (errno != ECONNABORTED) {
            log_line(LOG_LEVEL_WARNING, "net", "accept: %s", strerror(errno));
            listen_again(n, false);
            break;
        }
        let_in(n);
    }
}

static void on_sweep(uv_timer_t *timer)
{
    struct net *n = container_of(timer, struct net, sweep);
    struct conn *next;
    for (struct conn *c = n->all; c != NULL; c = next) {
        next = c->next;
        conn_sweep(c, uv_now(n->loop));
    }
    struct door_guest *late;
    while ((late = door_give_up(&n->door, uv_now(n->loop), n->limits.handshake_ms)) != NULL) {
        turn_away(n, stranger_of(late));
    }
    let_in(n);
    if (n->deaf && !n->stopped) {
        listen_again(n, true);
    }
}

static void on_flush(uv_prepare_t *prepare)
{
    struct net *n = container_of(prepare, struct net, flush);
    while (n->dirty != NULL) {
        struct conn *c = n->dirty;
        n->dirty = c->next_dirty;
        c->dirty = false;
        conn_flush(c);
        if (failpoint(FAILPOINT_server_within_acknowledgement) != 0) {
            conn_cut(c, ERR_INTERNAL);
        }
    }
}

static struct door_limits door_limits_of(const struct net_limits *l)
{
    return (struct door_limits){
        .inside_max = l->handshakes_max,
        .waiting_max = NET_DOOR_MAX,
        .per_second = l->handshakes_per_second,
        .hold_ms = HOLD_MS,
    };
}

void net_limits(struct net *n, const struct net_limits *limits)
{
    n->limits = *limits;
    n->door.limits = door_limits_of(limits);
}

void net_init(struct net *n, const struct net_limits *limits, const struct net_handler *handler)
{
    memset(n, 0, sizeof *n);
    n->fd = -1;
    n->limits = *limits;
    n->handler = handler;
}

/* By hand, so that strangers can be accepted without a handle of libuv's for each. */
static int open_listener(const struct sockaddr *where, socklen_t len, int *ret_fd)
{
    int fd = socket(where->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -errno;
    }
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, where, len) != 0 || listen(fd, BACKLOG) != 0) {
        int rc = -errno;
        (void)close(fd);
        return rc;
    }
    *ret_fd = fd;
    return 0;
}

static int listen_on(struct net *n, const struct config_address *address)
{
    struct sockaddr_storage where = {0};
    bool six = strchr(address->host, ':') != NULL;
    int rc = six ? uv_ip6_addr(address->host, address->port, (struct sockaddr_in6 *)(void *)&where)
                 : uv_ip4_addr(address->host, address->port, (struct sockaddr_in *)(void *)&where);
    socklen_t len = six ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    rc = rc != 0 ? rc : open_listener((const struct sockaddr *)&where, len, &n->fd);
    if (rc != 0) {
        return rc;
    }
    rc = uv_poll_init(n->loop, &n->listener, n->fd);
    must(rc == 0);
    n->listener.data = n;
    n->handles++;
    listen_again(n, true);
    return 0;
}

int net_start(struct net *n, uv_loop_t *loop, const struct config_address *address,
              SSL_CTX **context)
{
    n->loop = loop;
    n->context = *context;
    *context = NULL;
    int rc = uv_prepare_init(loop, &n->flush);
    must(rc == 0);
    rc = uv_timer_init(loop, &n->sweep);
    must(rc == 0);
    rc = uv_timer_init(loop, &n->door_timer);
    must(rc == 0);
    n->listener.data = n->flush.data = n->sweep.data = n->door_timer.data = n;
    n->handles = 3;
    const struct door_limits door = door_limits_of(&n->limits);
    door_init(&n->door, &door, uv_now(loop));
    n->listening = true;
    rc = uv_prepare_start(&n->flush, on_flush);
    must(rc == 0);
    rc = uv_timer_start(&n->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
    must(rc == 0);
    rc = listen_on(n, address);
    if (rc != 0) {
        log_line(LOG_LEVEL_ERROR, "net", "cannot listen on %s port %u: %s", address->host,
                 (unsigned)address->port, uv_strerror(rc));
        return ERR_CONFIG;
    }
    return 0;
}

uint16_t net_port(const struct net *n)
{
    struct sockaddr_storage where = {0};
    socklen_t len = sizeof where;
    must(n->fd >= 0);
    int rc = getsockname(n->fd, (struct sockaddr *)&where, &len);
    must(rc == 0);
    struct sockaddr_in6 address = {0}; /* The port is at the same place in both. */
    memcpy(&address, &where, sizeof address);
    return ntohs(address.sin6_port);
}

void net_context(struct net *n, SSL_CTX **context)
{
    SSL_CTX_free(n->context); /* Sessions hold references of their own. */
    n->context = *context;
    *context = NULL;
}

void net_handle_closed(struct net *n)
{
    must(n->handles > 0);
    if (--n->handles == 0 && n->closing) {
        SSL_CTX_free(n->context);
        n->context = NULL;
        n->close_cb(n);
    }
}

static void on_handle_closed(uv_handle_t *handle)
{
    net_handle_closed(handle->data);
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct net *n = handle->data;
    (void)close(n->fd);
    net_handle_closed(n);
}

void net_stop(struct net *n)
{
    if (n->stopped) {
        return;
    }
    n->stopped = true;
    if (n->fd >= 0) {
        uv_close((uv_handle_t *)&n->listener, on_listener_closed);
    }
    for (struct conn *c = n->all; c != NULL; c = c->next) {
        if (c->stranger != NULL) {
            door_leave(&n->door, &c->stranger->guest); /* It may finish. */
        }
    }
    struct door_guest *g;
    while ((g = door_clear(&n->door)) != NULL) {
        turn_away(n, stranger_of(g));
    }
}

void net_close(struct net *n, net_close_cb cb)
{
    must(n->listening && !n->closing);
    net_stop(n);
    n->closing = true;
    n->close_cb = cb;
    struct conn *next;
    for (struct conn *c = n->all; c != NULL; c = next) {
        next = c->next;
        conn_cut(c, ERR_CLOSING);
    }
    uv_close((uv_handle_t *)&n->flush, on_handle_closed);
    uv_close((uv_handle_t *)&n->sweep, on_handle_closed);
    uv_close((uv_handle_t *)&n->door_timer, on_handle_closed);
}
