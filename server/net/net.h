/* net.h - strangers' sockets: accept, TLS, frames, time-outs, and nothing that a frame means.
 *
 * The only folder that holds a stranger's socket. One `struct net` a loop; connections are the
 * owner's memory, made on request and given back when they are gone. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "proto/wire/frame.h"
#include "proto/wire/tls_session.h"
#include "proto/wire/config.h"
#include "server/net/door.h"

struct net;
struct conn;

struct net_limits {
    uint32_t connections_max;
    uint32_t handshakes_max;        /* Under way at a time; above it they wait at the door. */
    uint32_t handshakes_per_second; /* New ones. */
    uint32_t handshake_ms; /* From the door until TLS is up; and at the door the same again. */
    uint32_t greeting_ms;  /* From then until conn_greeted: Hello and its answer. */
    uint32_t frame_ms;     /* From a frame's first byte to its last. */
    uint32_t silence_ms;   /* Without a byte from the peer. */
    uint32_t unsent_ms;    /* With bytes that the peer does not take. */
    uint32_t unsent_max;   /* Bytes waiting to be sent to one peer. */
    uint32_t enrol_ms;     /* The same on attune-enrol/1: all that is said there. */
};

enum { NET_DOOR_MAX = 1024 }; /* Strangers at the door. */

struct net_counters {
    int64_t accepted, turned_away, open, handshaking, handshakes, handshake_failures, frames,
        bytes_in, bytes_out, cut_slow;
};

struct net_handler {
    /* A stranger has called: memory for the connection; never NULL. */
    struct conn *(*make)(struct net *n);
    /* TLS is up and the peer's certificate is ours. Return 0 or an err code to hang up. */
    int (*up)(struct conn *c);
    /* One frame. `body` is borrowed. Return 0, or an err code: what was sent goes out, then it is
     * cut. */
    int (*frame)(struct conn *c, const uint8_t *body, size_t len);
    /* The peer is about to be cut for its bytes or its slowness (ERR_FRAME_SIZE, ERR_FRAME_SLOW,
     * ERR_SILENT); TLS is up. Say why with conn_room; it goes out. */
    void (*last_words)(struct conn *c, int rc);
    /* Exactly once for each one made; the memory is the owner's again. `rc` says why. */
    void (*gone)(struct conn *c, int rc);
};

/* Lingering: all is said, the peer's last bytes are read past, so that the kernel does not answer
 * them with a reset that would destroy our last words on their way. */
enum conn_stage { CONN_HANDSHAKE, CONN_GREETING, CONN_OPEN, CONN_LINGERING, CONN_CLOSING };

struct net_stranger;

struct conn {
    uv_tcp_t tcp;
    struct net *net;
    struct net_stranger *stranger; /* Ours while it shakes hands, else NULL. */
    struct conn *next, *previous;  /* All connections. */
    struct conn *next_dirty;       /* Those with something to say in this turn. */
    struct tls_session tls;
    struct frame_reader frames;
    uint8_t *out; /* Plaintext gathered in this turn. */
    uint32_t out_len, out_room;
    uint32_t unsent; /* Bytes with the loop that the peer has not taken. */
    uint64_t stage_since, heard, frame_since, unsent_since; /* Loop's time in ms. */
    int rc;
    uint8_t stage;
    bool dirty, paused, tls_ready;
};

struct net_chunk;

struct net {
    uv_loop_t *loop;
    uv_poll_t listener;
    uv_prepare_t flush;
    uv_timer_t sweep, door_timer;
    struct door door;
    int fd; /* That listens. */
    struct net_limits limits;
    struct net_counters counters;
    const struct net_handler *handler;
    SSL_CTX *context; /* Ours; swapped by net_context. */
    struct conn *all, *dirty;
    unsigned handles; /* Not yet closed, connections counted as one each. */
    bool deaf;        /* Nobody is accepted until the sweep. */
    bool listening, stopped, closing;
    void (*close_cb)(struct net *n);
    struct tls_room room;
    uint8_t input[16 * 1024]; /* One read of any connection: also what bounds a peer's share of a
                                 turn. */
};

typedef void (*net_close_cb)(struct net *n);

void net_init(struct net *n, const struct net_limits *limits, const struct net_handler *handler);

/* Binds with SO_REUSEPORT and listens. `*context` is taken. Returns 0 or ERR_CONFIG (said in the
 * log); close is owed. */
int net_start(struct net *n, uv_loop_t *loop, const struct config_address *address,
              SSL_CTX **context);
uint16_t net_port(const struct net *n);

/* New connections use this context from now on. Taken. */
void net_context(struct net *n, SSL_CTX **context);

/* From now on these limits. */
void net_limits(struct net *n, const struct net_limits *limits);

/* Accept nobody new; whoever is at the door is sent away. */
void net_stop(struct net *n);

/* Cut everybody, then `cb`. */
void net_close(struct net *n, net_close_cb cb);

/* Queue one frame (prefix and body) for the end of this turn; all of a turn's frames go out in one
 * TLS write. Returns memory for `len` bytes to be filled before the turn ends or conn_* is called
 * again, or NULL: closing, or the peer does not read (then it is cut). */
uint8_t *conn_room(struct conn *c, size_t len);

/* Where the peer is, for counting what comes from there: of IPv4 the address, of IPv6 its /64,
 * since whoever has one address has them all. "" when the socket is gone. */
enum { NET_ADDRESS = 64 };
void conn_address(const struct conn *c, char ret_address[NET_ADDRESS]);

/* Hello was answered: the greeting's clock stops, frames may be larger. */
void conn_greeted(struct conn *c, uint32_t body_max);

/* Stop and go on reading from this peer: the answer to a full queue. */
void conn_pause(struct conn *c);
void conn_resume(struct conn *c);

/* Send what is queued, say goodbye, and be gone with `rc`. May be called in any callback, again
 * without effect. */
void conn_close(struct conn *c, int rc);
