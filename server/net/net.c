/* Happy path: the listener accepts up to its limits, each connection goes to conn.c; what was said
 * in a turn goes out before the loop sleeps; a sweep four times a second finds who is too slow.
 * Failure: at a limit the next stranger is left at the door (libuv stops polling the listener until
 * it is accepted) and the kernel's backlog holds the others; the sweep lets them in later. */
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

enum { SWEEP_MS = 250, BACKLOG = 1024 };

static bool may_accept(struct net *n)
{
    uint64_t now = uv_now(n->loop);
    if (now - n->rate_since >= SWEEP_MS) {
        n->rate_since = now;
        n->rate_count = 0;
    }
    uint32_t share = n->limits.handshakes_per_second / (1000 / SWEEP_MS);
    return !n->stopped && n->counters.open < (int64_t)n->limits.connections_max &&
           n->counters.handshaking < (int64_t)n->limits.handshakes_max &&
           n->rate_count < (share > 0 ? share : 1);
}

/* Let in whoever is at the door. */
static void accept_one(struct net *n)
{
    struct conn *c = n->handler->make(n);
    n->waiting = false;
    n->rate_count++;
    must(c != NULL);
    n->counters.accepted++;
    conn_accept(c, n);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct net *n = listener->data;
    if (status < 0) {
        log_line(LOG_LEVEL_WARNING, "net", "accept: %s", uv_strerror(status));
        return;
    }
    n->waiting = true;
    if (may_accept(n)) {
        accept_one(n);
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
    /* uv_accept asks for the next one, which comes through on_connection in a later turn. */
    if (n->waiting && may_accept(n)) {
        accept_one(n);
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

void net_init(struct net *n, const struct net_limits *limits, const struct net_handler *handler)
{
    memset(n, 0, sizeof *n);
    n->limits = *limits;
    n->handler = handler;
}

/* The flag has to be set between socket and bind: libuv 1.44 has none for it. */
static int bind_shared(struct net *n, const struct sockaddr *where)
{
    int fd = socket(where->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -errno;
    }
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) {
        int rc = -errno;
        (void)close(fd);
        return rc;
    }
    int rc = uv_tcp_open(&n->listener, fd);
    if (rc != 0) {
        (void)close(fd);
        return rc;
    }
    return uv_tcp_bind(&n->listener, where, 0);
}

static int listen_on(struct net *n, const struct config_address *address)
{
    struct sockaddr_storage where = {0};
    bool six = strchr(address->host, ':') != NULL;
    int rc = six ? uv_ip6_addr(address->host, address->port, (struct sockaddr_in6 *)(void *)&where)
                 : uv_ip4_addr(address->host, address->port, (struct sockaddr_in *)(void *)&where);
    rc = rc != 0 ? rc : bind_shared(n, (const struct sockaddr *)&where);
    return rc != 0 ? rc : uv_listen((uv_stream_t *)&n->listener, BACKLOG, on_connection);
}

int net_start(struct net *n, uv_loop_t *loop, const struct config_address *address,
              SSL_CTX **context)
{
    n->loop = loop;
    n->context = *context;
    *context = NULL;
    int rc = uv_tcp_init(loop, &n->listener);
    must(rc == 0);
    rc = uv_prepare_init(loop, &n->flush);
    must(rc == 0);
    rc = uv_timer_init(loop, &n->sweep);
    must(rc == 0);
    n->listener.data = n->flush.data = n->sweep.data = n;
    n->handles = 3;
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
    int len = sizeof where;
    int rc = uv_tcp_getsockname(&n->listener, (struct sockaddr *)&where, &len);
    must(rc == 0);
    return ntohs(where.ss_family == AF_INET6
                     ? ((const struct sockaddr_in6 *)(const void *)&where)->sin6_port
                     : ((const struct sockaddr_in *)(const void *)&where)->sin_port);
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

void net_stop(struct net *n)
{
    if (!n->stopped) {
        n->stopped = true;
        uv_close((uv_handle_t *)&n->listener, on_handle_closed);
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
}
