/* tls_pair.h - a client and a server end with the network between them in two arrays. */
#pragma once

#include "proto/wire/tls_session.h"
#include "tests/support/test_pki.h"

enum { TLS_PAIR_WIRE = 160 * 1024 };

struct tls_end {
    struct tls_session tls;
    struct tls_room *room;
    int rc;       /* What its last call returned; sticky when not 0. */
    int stop;     /* What its plain callback returns. */
    size_t sends; /* Calls of the send callback. */
    uint8_t sent[TLS_PAIR_WIRE];
    size_t sent_len; /* On the wire, not yet delivered. */
    uint8_t plain[TLS_PAIR_WIRE];
    size_t plain_len;
    struct tls_end *echo; /* Whatever arrives here is written to there, from the callback. */
};

struct tls_pair {
    struct tls_end client, server;
    struct tls_room client_room, server_room;
};

/* On the heap; `server_name` as in tls_session_init. `server_room` NULL: its own. */
struct tls_pair *tls_pair_new(SSL_CTX *client, SSL_CTX *server, const char *server_name,
                              struct tls_room *server_room);
void tls_pair_free(struct tls_pair *pair);

/* The client's first flight, then bytes to and fro until nobody says anything. Each flight is cut
 * after `cut` bytes; 0: not cut. */
void tls_pair_shake(struct tls_pair *pair, size_t cut);

/* Deliver what `from` has sent, in pieces of `step` bytes; 0: in one. A failed end takes nothing.
 */
void tls_deliver(struct tls_end *from, struct tls_end *to, size_t step);

/* Until both have nothing to say. */
void tls_pair_settle(struct tls_pair *pair);

void tls_say(struct tls_end *end, const char *text);

/* The usual keys and certificates, and two contexts that are good for each other: a test's
 * `*state`, as cmocka's fixtures. */
struct tls_world {
    struct test_pki pki;
    SSL_CTX *client, *server;
};
int tls_world_set_up(void **state);
int tls_world_tear_down(void **state);
