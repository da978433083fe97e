/* line.h - one connection of the load generator: socket, TLS, frames; thousands on one loop.
 *
 * What is said in one turn of the loop goes out as one TLS write. Callbacks come from the loop,
 * never from inside a call, but for `frame`, which may call line_room and line_close. A line can be
 * opened again once `gone` was heard. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <uv.h>

#include "proto/wire/frame.h"
#include "proto/wire/tls_session.h"

struct line;

/* What all lines of a loop share. */
struct line_hub {
    uv_loop_t *loop;
    SSL_CTX *context; /* Borrowed; each line brings its own certificate. */
    bool foreign;     /* The server is another program: no ALPN, no frames. */
    struct line *dirty;
    uv_prepare_t flush;
    struct tls_room room;
    uint8_t input[64 * 1024];
};

/* Borrowed for as long as the line is open. */
struct line_identity {
    X509 *certificate;
    EVP_PKEY *key;
};

struct line_handler {
    void (*up)(struct line *l); /* The handshake is done, seen from here. */
    int (*frame)(struct line *l, const uint8_t *body, size_t len);
    void (*gone)(struct line *l, int rc); /* Closed; `rc` says why. */
};

enum line_stage { LINE_SHUT, LINE_CONNECTING, LINE_SHAKING, LINE_UP, LINE_CLOSING };

struct line {
    struct line_hub *hub;
    const struct line_handler *handler;
    uv_tcp_t tcp;
    uv_connect_t connect;
    struct tls_session tls;
    struct frame_reader frames;
    struct line *next_dirty;
    uint8_t *out; /* To be said in this turn. */
    uint32_t out_len, out_room;
    enum line_stage stage;
    int rc;
    bool dirty, tls_begun;
};

/* `context` is borrowed until line_hub_close. */
void line_hub_init(struct line_hub *h, uv_loop_t *loop, SSL_CTX *context);
void line_hub_close(struct line_hub *h);

void line_init(struct line *l, struct line_hub *hub, const struct line_handler *handler);
/* Begin to connect; `gone` is owed. Only when shut. */
void line_open(struct line *l, const struct sockaddr_in *where,
               const struct line_identity *identity);
/* Room for `len` bytes that go out at the end of the turn; needs LINE_UP. */
uint8_t *line_room(struct line *l, size_t len);
/* Say close_notify and go on reading until the peer has closed too. */
void line_end(struct line *l);
/* Close it now; `gone` comes later. More than once does no harm. */
void line_close(struct line *l, int rc);
