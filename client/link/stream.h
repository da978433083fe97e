/* stream.h - one encrypted connection: name, socket, TLS, bytes. What they mean is the link's
 * business.
 *
 * Opened and shut many times in its life. Callbacks come from the loop, never from inside a call.
 * Nothing blocks. Runs in the thread-default GMainContext of stream_open's caller. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gio/gio.h>
#include <openssl/ssl.h>

#include "proto/wire/tls_session.h"

enum { STREAM_WHY = 256 };

struct stream;

/* The handshake is done, seen from this end: bytes may be sent. The server may still refuse us. */
typedef void (*stream_up_cb)(struct stream *s);
/* Bytes have arrived, borrowed until this returns. Not 0: the connection ends for that reason. */
typedef int (*stream_bytes_cb)(struct stream *s, const uint8_t *bytes, size_t len);
/* s->broken says why, s->why in words where there is more to say. Shut it now or from the loop:
 * nothing more comes from it. */
typedef void (*stream_broken_cb)(struct stream *s);

struct stream {
    int broken; /* Not 0: this connection must end, for this reason. */
    char why[STREAM_WHY];

    /* The rest is the stream's own. */
    const char *address;
    char *host;
    SSL_CTX *context;
    stream_up_cb up_cb;
    stream_bytes_cb bytes_cb;
    stream_broken_cb broken_cb;
    GSocketClient *client;
    GCancellable *cancellable;
    GSocketConnection *connection;
    GSource *readable, *writable;
    GByteArray *plain;  /* To be encrypted. */
    GByteArray *cipher; /* To be written, from `written` on. */
    guint written;
    struct tls_session tls;
    struct tls_room *room;
    bool connecting, tls_begun, up, feeding, write_failed;
};

/* `address` ("host:port", "[::1]:port") and `context` are borrowed. Returns 0, or ERR_CONFIG: no
 * host or port in it, said in s->why. After 0 stream_fini is owed. */
int stream_init(struct stream *s, const char *address, SSL_CTX *context, stream_up_cb up_cb,
                stream_bytes_cb bytes_cb, stream_broken_cb broken_cb);

/* Begin to connect; the stream must be shut. */
void stream_open(struct stream *s);

/* Room for `len` bytes to be sent, valid until the next call; then stream_send. What is sent from
 * within bytes_cb goes out together after it. An error is seen in s->broken and told later. */
uint8_t *stream_put(struct stream *s, size_t len);
void stream_send(struct stream *s);

/* This connection is no good: broken_cb is not called for it. The first reason counts. */
void stream_break(struct stream *s, int rc);

/* End it, saying so to the peer if there is one. Returns false when a try to connect is still being
 * called off: broken_cb comes when it is over, then shut again. Not from within bytes_cb. */
bool stream_shut(struct stream *s);

/* Only when shut. */
void stream_fini(struct stream *s);
