/* Happy path: GIO resolves and connects in the background, the TLS pump shakes hands over the
 * socket's pollable streams; bytes to be sent are encrypted and written at once, the rest when the
 * socket has room. Failure: the first reason is kept in `broken` and told at the end of the loop's
 * callback in which it was seen. A write that fails is not the end yet: the peer's reason may still
 * be there to be read. */
#include "client/link/stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"
#include "client/link/wrong_clock.h"

enum { READ_SIZE = 16 * 1024, READS_A_TURN = 16 };

static void clear_source(GSource **source)
{
    if (*source != NULL) {
        g_source_destroy(*source);
        g_source_unref(*source);
        *source = NULL;
    }
}

static void keep_source(GSource **place, GSource *source, GSourceFunc callback, struct stream *s)
{
    g_source_set_callback(source, callback, s, NULL);
    g_source_attach(source, g_main_context_get_thread_default());
    *place = source;
}

__attribute__((format(printf, 3, 4))) static void fail(struct stream *s, int rc, const char *format,
                                                       ...)
{
    if (s->broken != 0) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    g_vsnprintf(s->why, sizeof s->why, format, arguments);
    va_end(arguments);
    s->broken = rc;
}

static void fail_tls(struct stream *s, int rc)
{
    if (rc == ERR_TLS || rc == ERR_CERTIFICATE) {
        fail(s, rc, "%s (%s)", err_text(rc), tls_session_why(&s->tls));
        wrong_clock_hint(s->why, sizeof s->why);
    }
    stream_break(s, rc);
}

static gboolean on_writable(GObject *object, gpointer data);

/* Write what is encrypted, as far as the socket takes it. */
static void flush(struct stream *s)
{
    GPollableOutputStream *out =
        G_POLLABLE_OUTPUT_STREAM(g_io_stream_get_output_stream(G_IO_STREAM(s->connection)));
    while (!s->write_failed && s->written < s->cipher->len) {
        GError *error = NULL;
        gssize n = g_pollable_output_stream_write_nonblocking(
            out, s->cipher->data + s->written, s->cipher->len - s->written, NULL, &error);
        if (n >= 0) {
            s->written += (guint)n;
            continue;
        }
        bool full = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
        g_error_free(error); /* The reading side hears the same, and perhaps more. */
        s->write_failed = !full;
        if (full && s->writable == NULL) {
            keep_source(&s->writable, g_pollable_output_stream_create_source(out, NULL),
                        G_SOURCE_FUNC(on_writable), s);
        }
        if (full) {
            return;
        }
    }
    g_byte_array_set_size(s->cipher, 0);
    s->written = 0;
    clear_source(&s->writable);
}

static gboolean on_writable(GObject *object, gpointer data)
{
    (void)object;
    flush(data); /* Destroys this source when all is written. */
    return G_SOURCE_CONTINUE;
}

static void on_tls_send(struct tls_session *t, const uint8_t *bytes, size_t len)
{
    struct stream *s = container_of(t, struct stream, tls);
    g_byte_array_append(s->cipher, bytes, (guint)len);
}

static int on_tls_plain(struct tls_session *t, const uint8_t *bytes, size_t len)
{
    struct stream *s = container_of(t, struct stream, tls);
    return s->bytes_cb(s, bytes, len);
}

static void take_in(struct stream *s, const uint8_t *bytes, size_t len)
{
    s->feeding = true;
    int rc = tls_session_feed(&s->tls, bytes, len);
    s->feeding = false;
    if (rc != 0) {
        fail_tls(s, rc);
        flush(s); /* The alert that says why. */
        return;
    }
    if (s->tls.up && !s->up) {
        s->up = true;
        s->up_cb(s);
    }
    stream_send(s);
}

static void tell_if_broken(struct stream *s)
{
    if (s->broken != 0) {
        clear_source(&s->readable);
        s->broken_cb(s); /* Last touch. */
    }
}

static gboolean on_readable(GObject *object, gpointer data)
{
    struct stream *s = data;
    uint8_t bytes[READ_SIZE];
    for (int turn = 0; turn < READS_A_TURN && s->broken == 0; turn++) {
        GError *error = NULL;
        gssize n = g_pollable_input_stream_read_nonblocking(G_POLLABLE_INPUT_STREAM(object), bytes,
                                                            sizeof bytes, NULL, &error);
        if (n > 0) {
            take_in(s, bytes, (size_t)n);
            continue;
        }
        if (n < 0 && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
            g_error_free(error);
            break;
        }
        if (n < 0) {
            fail(s, ERR_CLOSED, "%s (%s)", err_text(ERR_CLOSED), error->message);
        }
        g_clear_error(&error);
        stream_break(s, ERR_CLOSED);
    }
    tell_if_broken(s);
    return G_SOURCE_CONTINUE; /* If it was destroyed, this does not matter. */
}

static void set_socket(GSocket *socket)
{
    /* Best effort: without them it is slower to send and slower to notice a dead peer. */
    (void)g_socket_set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
    (void)g_socket_set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, LIMIT_SILENCE_S * 1000, NULL);
}

static void begin_tls(struct stream *s)
{
    int rc = tls_session_init(&s->tls, TLS_CLIENT, s->context, s->room, s->host, on_tls_send,
                              on_tls_plain);
    if (rc != 0) {
        stream_break(s, rc);
        return;
    }
    s->tls_begun = true;
    rc = tls_session_begin(&s->tls);
    flush(s);
    if (rc != 0) {
        fail_tls(s, rc);
        return;
    }
    GInputStream *in = g_io_stream_get_input_stream(G_IO_STREAM(s->connection));
    keep_source(&s->readable,
                g_pollable_input_stream_create_source(G_POLLABLE_INPUT_STREAM(in), NULL),
                G_SOURCE_FUNC(on_readable), s);
}

static void on_connected(GObject *client, GAsyncResult *result, gpointer data)
{
    struct stream *s = data;
    GError *error = NULL;
    s->connection = g_socket_client_connect_to_host_finish(G_SOCKET_CLIENT(client), result, &error);
    s->connecting = false;
    if (s->connection == NULL) {
        fail(s, ERR_UNREACHABLE, "%s (%s)", err_text(ERR_UNREACHABLE), error->message);
        g_error_free(error);
    } else if (s->broken == 0) {
        set_socket(g_socket_connection_get_socket(s->connection));
        begin_tls(s);
    }
    tell_if_broken(s);
}

int stream_init(struct stream *s, const char *address, SSL_CTX *context, stream_up_cb up_cb,
                stream_bytes_cb bytes_cb, stream_broken_cb broken_cb)
{
    *s = (struct stream){.address = address,
                         .context = context,
                         .up_cb = up_cb,
                         .bytes_cb = bytes_cb,
                         .broken_cb = broken_cb};
    GSocketConnectable *parsed = g_network_address_parse(address, 0, NULL);
    if (parsed == NULL || g_network_address_get_port(G_NETWORK_ADDRESS(parsed)) == 0) {
        g_clear_object(&parsed);
        g_snprintf(s->why, sizeof s->why,
                   "the server's address must be \"host:port\" or \"[::1]:port\", not \"%.100s\"",
                   address);
        return ERR_CONFIG;
    }
    s->host = g_strdup(g_network_address_get_hostname(G_NETWORK_ADDRESS(parsed)));
    g_object_unref(parsed);
    s->plain = g_byte_array_new();
    s->cipher = g_byte_array_new();
    s->room = g_new(struct tls_room, 1);
    s->client = g_socket_client_new();
    g_socket_client_set_enable_proxy(s->client, FALSE);
    return 0;
}

void stream_open(struct stream *s)
{
    must(!s->connecting && s->connection == NULL);
    s->broken = 0;
    s->why[0] = '\0';
    s->up = s->write_failed = false;
    g_clear_object(&s->cancellable);
    s->cancellable = g_cancellable_new();
    s->connecting = true;
    g_socket_client_connect_to_host_async(s->client, s->address, 0, s->cancellable, on_connected,
                                          s);
}

uint8_t *stream_put(struct stream *s, size_t len)
{
    guint at = s->plain->len;
    g_byte_array_set_size(s->plain, at + (guint)len);
    return s->plain->data + at;
}

void stream_send(struct stream *s)
{
    if (s->feeding || !s->up || s->broken != 0) {
        return;
    }
    if (s->plain->len > 0) {
        int rc = tls_session_write(&s->tls, s->plain->data, s->plain->len);
        g_byte_array_set_size(s->plain, 0);
        if (rc != 0) {
            fail_tls(s, rc);
        }
    }
    flush(s);
}

void stream_break(struct stream *s, int rc)
{
    if (s->broken == 0) {
        s->broken = rc;
    }
}

bool stream_shut(struct stream *s)
{
    must(!s->feeding);
    if (s->connecting) {
        stream_break(s, ERR_CANCELED);
        g_cancellable_cancel(s->cancellable);
        return false;
    }
    if (s->tls_begun) {
        if (s->up && !s->tls.ended) {
            tls_session_end(&s->tls);
            flush(s);
        }
        tls_session_fini(&s->tls);
        s->tls_begun = s->up = false;
    }
    clear_source(&s->readable);
    clear_source(&s->writable);
    if (s->connection != NULL) {
        /* On a socket without linger close does not wait. */
        (void)g_io_stream_close(G_IO_STREAM(s->connection), NULL, NULL);
        g_clear_object(&s->connection);
    }
    g_byte_array_set_size(s->plain, 0);
    g_byte_array_set_size(s->cipher, 0);
    s->written = 0;
    return true;
}

void stream_fini(struct stream *s)
{
    must(!s->connecting && s->connection == NULL);
    g_clear_object(&s->cancellable);
    g_clear_object(&s->client);
    if (s->plain != NULL) {
        g_byte_array_unref(s->plain);
        g_byte_array_unref(s->cipher);
    }
    g_free(s->room);
    g_free(s->host);
}
