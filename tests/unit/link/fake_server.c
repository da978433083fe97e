/* Small messages on loopback: writes go out at once and whole, which is checked. */
#include "fake_server.h"

#include <stdio.h>
#include <string.h>

#include "proto/wire/codec.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"

static void drop(struct fake_server *f)
{
    if (f->readable != NULL) {
        g_source_destroy(f->readable);
        g_source_unref(f->readable);
        f->readable = NULL;
    }
    if (f->tls_begun) {
        tls_session_fini(&f->tls);
        f->tls_begun = false;
    }
    frame_reader_fini(&f->reader);
    if (f->connection != NULL) {
        (void)g_io_stream_close(G_IO_STREAM(f->connection), NULL, NULL);
        g_clear_object(&f->connection);
    }
}

static void on_send(struct tls_session *t, const uint8_t *bytes, size_t len)
{
    struct fake_server *f = container_of(t, struct fake_server, tls);
    GSocket *socket = g_socket_connection_get_socket(f->connection);
    /* The client may be gone: then nobody misses it. */
    gssize n = g_socket_send_with_blocking(socket, (const char *)bytes, len, FALSE, NULL, NULL);
    must(n < 0 || n == (gssize)len);
}

static int on_frame(struct frame_reader *reader, const uint8_t *body, size_t len)
{
    struct fake_server *f = container_of(reader, struct fake_server, reader);
    must(f->request_count < FAKE_REQUESTS_MAX);
    Attune__Request *request = attune__request__unpack(NULL, len, body);
    must(request != NULL);
    f->requests[f->request_count++] = request;
    return 0;
}

static int on_plain(struct tls_session *t, const uint8_t *bytes, size_t len)
{
    struct fake_server *f = container_of(t, struct fake_server, tls);
    return frame_reader_feed(&f->reader, bytes, len);
}

static gboolean on_readable(GObject *stream, gpointer data)
{
    struct fake_server *f = data;
    uint8_t bytes[16 * 1024];
    size_t before = f->request_count;
    gssize n = g_pollable_input_stream_read_nonblocking(G_POLLABLE_INPUT_STREAM(stream), bytes,
                                                        sizeof bytes, NULL, NULL);
    if (n <= 0) {
        drop(f);
        return G_SOURCE_CONTINUE;
    }
    int rc = f->silent ? 0 : tls_session_feed(&f->tls, bytes, (size_t)n);
    if (rc != 0) {
        f->ended = rc;
        drop(f);
        return G_SOURCE_CONTINUE;
    }
    for (size_t at = before; at < f->request_count; at++) {
        if (f->requests[at]->body_case == ATTUNE__REQUEST__BODY_HELLO && !f->unasked) {
            fake_server_welcome(f, f->requests[at]->seq);
        }
    }
    return G_SOURCE_CONTINUE;
}

static void accept_next(struct fake_server *f);

static void on_accepted(GObject *listener, GAsyncResult *result, gpointer data)
{
    GSocketConnection *connection =
        g_socket_listener_accept_finish(G_SOCKET_LISTENER(listener), result, NULL, NULL);
    struct fake_server *f = data;
    if (connection == NULL) {
        return; /* The test is over: `f` may be gone. */
    }
    drop(f); /* One at a time: the new one counts. */
    f->connection = connection;
    f->accepted++;
    frame_reader_init(&f->reader, LIMIT_FRAME_BODY, on_frame);
    int rc = tls_session_init(&f->tls, TLS_SERVER, f->context, &f->room, NULL, on_send, on_plain);
    must(rc == 0);
    f->tls_begun = true;
    GInputStream *in = g_io_stream_get_input_stream(G_IO_STREAM(connection));
    f->readable = g_pollable_input_stream_create_source(G_POLLABLE_INPUT_STREAM(in), NULL);
    g_source_set_callback(f->readable, G_SOURCE_FUNC(on_readable), f, NULL);
    g_source_attach(f->readable, NULL);
    accept_next(f);
}

static void accept_next(struct fake_server *f)
{
    g_socket_listener_accept_async(f->listener, NULL, on_accepted, f);
}

void fake_server_init(struct fake_server *f, SSL_CTX *context)
{
    memset(f, 0, sizeof *f);
    f->context = context;
    f->listener = g_socket_listener_new();
    GInetAddress *loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    GSocketAddress *wish = g_inet_socket_address_new(loopback, 0), *got = NULL;
    gboolean done = g_socket_listener_add_address(f->listener, wish, G_SOCKET_TYPE_STREAM,
                                                  G_SOCKET_PROTOCOL_TCP, NULL, &got, NULL);
    must(done);
    (void)snprintf(f->address, sizeof f->address, "127.0.0.1:%u",
                   (unsigned)g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(got)));
    g_object_unref(got);
    g_object_unref(wish);
    g_object_unref(loopback);
    accept_next(f);
}

void fake_server_bytes(struct fake_server *f, const void *bytes, size_t len)
{
    must(f->connection != NULL && f->tls.up);
    must(tls_session_write(&f->tls, bytes, len) == 0);
}

void fake_server_say(struct fake_server *f, const Attune__ServerFrame *frame)
{
    size_t size = codec_frame_size(&frame->base);
    uint8_t *bytes = g_malloc(size);
    codec_frame_pack(&frame->base, bytes);
    fake_server_bytes(f, bytes, size);
    g_free(bytes);
}

static void respond(struct fake_server *f, Attune__Response *response)
{
    Attune__ServerFrame frame;
    attune__server_frame__init(&frame);
    frame.body_case = ATTUNE__SERVER_FRAME__BODY_RESPONSE;
    frame.response = response;
    fake_server_say(f, &frame);
}

void fake_server_done(struct fake_server *f, uint64_t seq)
{
    Attune__Done done;
    Attune__Response response;
    attune__done__init(&done);
    attune__response__init(&response);
    response.seq = seq;
    response.body_case = ATTUNE__RESPONSE__BODY_DONE;
    response.done = &done;
    respond(f, &response);
}

void fake_server_error(struct fake_server *f, uint64_t seq, int rc, uint32_t retry_after_ms)
{
    char text[] = "the server's own sentence";
    Attune__Error error;
    Attune__Response response;
    attune__error__init(&error);
    error.code = (uint32_t)-rc;
    error.text = text;
    error.retry_after_ms = retry_after_ms;
    attune__response__init(&response);
    response.seq = seq;
    response.body_case = ATTUNE__RESPONSE__BODY_ERROR;
    response.error = &error;
    respond(f, &response);
}

void fake_server_welcome(struct fake_server *f, uint64_t seq)
{
    char practice[] = "Test";
    Attune__Welcome welcome;
    Attune__Response response;
    attune__welcome__init(&welcome);
    welcome.role = ATTUNE__ROLE__ROLE_KIOSK;
    welcome.practice = practice;
    welcome.open_max = f->open_max;
    welcome.ping_s = f->ping_s;
    attune__response__init(&response);
    response.seq = seq;
    response.body_case = ATTUNE__RESPONSE__BODY_WELCOME;
    response.welcome = &welcome;
    respond(f, &response);
}

void fake_server_push(struct fake_server *f, Attune__Push *push)
{
    Attune__ServerFrame frame;
    attune__server_frame__init(&frame);
    frame.body_case = ATTUNE__SERVER_FRAME__BODY_PUSH;
    frame.push = push;
    fake_server_say(f, &frame);
}

void fake_server_hang_up(struct fake_server *f, bool politely)
{
    must(f->connection != NULL);
    if (politely) {
        tls_session_end(&f->tls);
    }
    drop(f);
}

void fake_server_fini(struct fake_server *f)
{
    drop(f);
    g_socket_listener_close(f->listener);
    g_object_unref(f->listener);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    for (size_t at = 0; at < f->request_count; at++) {
        attune__request__free_unpacked(f->requests[at], NULL);
    }
}
