/* fake_server.h - a server in the test's own process and loop, that says what the test tells it to.
 *
 * Listens on a loopback port of the kernel's choice; TLS by tls_session in the server's role. It
 * takes in requests and keeps them until the test answers. */
#pragma once

#include <stdbool.h>

#include <gio/gio.h>

#include "envelope.pb-c.h"
#include "proto/wire/frame.h"
#include "proto/wire/tls_session.h"

enum { FAKE_REQUESTS_MAX = 128 };

struct fake_server {
    GSocketListener *listener;
    char address[64]; /* For link_options. */
    SSL_CTX *context;
    bool silent;  /* Take bytes in and say nothing, not even TLS. */
    bool unasked; /* Do not answer Hello by itself. */
    uint32_t open_max, ping_s;

    GSocketConnection *connection; /* The one of now; NULL between two. */
    GSource *readable;
    struct tls_session tls;
    struct tls_room room;
    struct frame_reader reader;
    bool tls_begun;
    int ended;                                    /* What tls_session_feed said last, when not 0. */
    Attune__Request *requests[FAKE_REQUESTS_MAX]; /* All since the start, Hello and Ping too. */
    size_t request_count, accepted;
};

/* `context`: the server's, borrowed. */
void fake_server_init(struct fake_server *f, SSL_CTX *context);

void fake_server_say(struct fake_server *f, const Attune__ServerFrame *frame);
void fake_server_done(struct fake_server *f, uint64_t seq);
void fake_server_error(struct fake_server *f, uint64_t seq, int rc, uint32_t retry_after_ms);
void fake_server_push(struct fake_server *f, Attune__Push *push);
void fake_server_welcome(struct fake_server *f, uint64_t seq);

/* Send these bytes as they are, encrypted. */
void fake_server_bytes(struct fake_server *f, const void *bytes, size_t len);

/* End the connection: with close_notify, or like a machine that lost power. */
void fake_server_hang_up(struct fake_server *f, bool politely);
void fake_server_fini(struct fake_server *f);
