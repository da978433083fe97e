/* Happy path: accept, read until the empty line, answer, close.
 * Failure: a slow or talkative client is cut after 2 s or 2 KiB; one too many is closed at once. */
#include "server/base/health.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/base/http.h"
#include "server/base/log.h"

enum { CLIENT_MS_MAX = 2000, HEAD_MAX = 256 };

struct health_client {
    struct health_client *next;
    struct health *health;
    uv_tcp_t tcp;
    uv_timer_t timer;
    uv_write_t write;
    unsigned handles;
    bool closing, answered;
    size_t len;
    char request[HTTP_REQUEST_MAX];
    char answer[HEAD_MAX + HEALTH_ANSWER_MAX];
};

static void maybe_closed(struct health *h)
{
    if (h->closing && h->open == 0) {
        h->close_cb(h);
    }
}

static void on_client_handle_closed(uv_handle_t *handle)
{
    struct health_client *c = handle->data;
    if (--c->handles > 0) {
        return;
    }
    struct health *h = c->health;
    struct health_client **at = &h->clients;
    while (*at != c) {
        at = &(*at)->next;
    }
    *at = c->next;
    free(c);
    h->open--;
    maybe_closed(h);
}

static void client_close(struct health_client *c)
{
    if (!c->closing) {
        c->closing = true;
        uv_close((uv_handle_t *)&c->tcp, on_client_handle_closed);
        uv_close((uv_handle_t *)&c->timer, on_client_handle_closed);
    }
}

static void on_timeout(uv_timer_t *timer)
{
    client_close(timer->data);
}

static void on_answered(uv_write_t *write, int status)
{
    (void)status; /* Either way it is over. */
    client_close(container_of(write, struct health_client, write));
}

static int body_for(struct health *h, enum http_path path, char *room, size_t room_size,
                    size_t *ret_len)
{
    bool ready = false;
    const char *why = "";
    h->ask_cb(h, &ready, &why);
    if (path == HTTP_METRICS) {
        *ret_len = metrics_write(h->metrics, h->metric_count, room, room_size);
        return 200;
    }
    bool good = path == HTTP_HEALTHZ || ready;
    *ret_len = (size_t)snprintf(room, room_size, "%s\n", good ? "ok" : why);
    return good ? 200 : 503;
}

static void answer(struct health_client *c, enum http_verdict verdict, enum http_path path)
{
    char body[HEALTH_ANSWER_MAX] = "";
    size_t body_len = 0;
    int status = verdict == HTTP_BAD_METHOD ? 405 : verdict == HTTP_TOO_LONG ? 431 : 400;
    if (verdict == HTTP_GET) {
        status =
            path == HTTP_NOT_FOUND ? 404 : body_for(c->health, path, body, sizeof body, &body_len);
    }
    size_t head = http_head(status, body_len, c->answer, HEAD_MAX);
    memcpy(c->answer + head, body, body_len);
    uv_buf_t buf = uv_buf_init(c->answer, (unsigned)(head + body_len));
    c->answered = true;
    if (uv_write(&c->write, (uv_stream_t *)&c->tcp, &buf, 1, on_answered) != 0) {
        client_close(c);
    }
}

static void on_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
    (void)hint;
    struct health_client *c = handle->data;
    *buf = uv_buf_init(c->request + c->len, (unsigned)(sizeof c->request - c->len));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    (void)buf;
    struct health_client *c = stream->data;
    if (n < 0) {
        client_close(c);
        return;
    }
    c->len += (size_t)n;
    enum http_path path = HTTP_NOT_FOUND;
    enum http_verdict verdict = http_judge(c->request, c->len, &path);
    if (verdict != HTTP_MORE && !c->answered) {
        (void)uv_read_stop(stream); /* Always 0. */
        answer(c, verdict, path);
    }
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct health *h = listener->data;
    if (status < 0) {
        return;
    }
    struct health_client *c = calloc(1, sizeof *c);
    must(c != NULL);
    c->health = h;
    c->handles = 2;
    c->tcp.data = c->timer.data = c;
    int rc = uv_tcp_init(listener->loop, &c->tcp);
    must(rc == 0);
    rc = uv_timer_init(listener->loop, &c->timer);
    must(rc == 0);
    c->next = h->clients;
    h->clients = c;
    h->open++;
    bool good = uv_accept(listener, (uv_stream_t *)&c->tcp) == 0 && !h->closing &&
                h->open <= HEALTH_CONNECTIONS_MAX + 1 &&
                uv_timer_start(&c->timer, on_timeout, CLIENT_MS_MAX, 0) == 0 &&
                uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read) == 0;
    if (!good) {
        client_close(c);
    }
}

void health_init(struct health *h, struct metric *metrics, size_t metric_count,
                 health_ask_cb ask_cb)
{
    *h = (struct health){.metrics = metrics, .metric_count = metric_count, .ask_cb = ask_cb};
}

static bool is_loopback(const struct config_address *a)
{
    return strncmp(a->host, "127.", 4) == 0 || strcmp(a->host, "::1") == 0;
}

int health_start(struct health *h, uv_loop_t *loop, const struct config_address *address)
{
    struct sockaddr_storage where = {0};
    int rc = uv_tcp_init(loop, &h->listener);
    must(rc == 0);
    h->open = 1;
    h->listening = true;
    h->listener.data = h;
    if (!is_loopback(address)) {
        log_line(LOG_LEVEL_ERROR, "health", "health must be a loopback address");
        return ERR_CONFIG;
    }
    bool six = strchr(address->host, ':') != NULL;
    rc = six ? uv_ip6_addr(address->host, address->port, (struct sockaddr_in6 *)(void *)&where)
             : uv_ip4_addr(address->host, address->port, (struct sockaddr_in *)(void *)&where);
    must(rc == 0);
    rc = uv_tcp_bind(&h->listener, (const struct sockaddr *)&where, 0);
    rc = rc != 0 ? rc
                 : uv_listen((uv_stream_t *)&h->listener, HEALTH_CONNECTIONS_MAX, on_connection);
    if (rc != 0) {
        log_line(LOG_LEVEL_ERROR, "health", "cannot listen on %s port %u: %s", address->host,
                 (unsigned)address->port, uv_strerror(rc));
        return ERR_CONFIG;
    }
    return 0;
}

uint16_t health_port(const struct health *h)
{
    struct sockaddr_storage where = {0};
    int len = sizeof where;
    int rc = uv_tcp_getsockname(&h->listener, (struct sockaddr *)&where, &len);
    must(rc == 0);
    return ntohs(where.ss_family == AF_INET6
                     ? ((const struct sockaddr_in6 *)(const void *)&where)->sin6_port
                     : ((const struct sockaddr_in *)(const void *)&where)->sin_port);
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct health *h = handle->data;
    h->open--;
    maybe_closed(h);
}

void health_close(struct health *h, health_close_cb cb)
{
    must(h->listening && !h->closing);
    h->closing = true;
    h->close_cb = cb;
    for (struct health_client *c = h->clients; c != NULL; c = c->next) {
        client_close(c);
    }
    uv_close((uv_handle_t *)&h->listener, on_listener_closed);
}
