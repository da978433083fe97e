/* world.h - a net on loopback, its handler, and callers with TLS, all in one loop.
 *
 * The handler does what a frame's first byte says: 'g' greets, 'e' says the frame back, 'c' says
 * "bye" and closes, 'r' says "no" and returns ERR_MESSAGE, 'p' pauses; anything else is only noted.
 * Before a cut of net's own it says "!" and the code. Nothing here waits for time: world_run turns
 * the loop until a condition holds, and ends the test if it does not. */
#pragma once

#include "server/net/net.h"
#include "tests/support/test_pki.h"

enum { WORLD_SERVED_MAX = 8, WORLD_TEXT = 256 };

struct world;

/* The server's end of a connection; kept after it is gone, to be looked at. */
struct served {
    struct conn conn;
    struct world *world;
    unsigned ups, gones;
    size_t frames, last_len;
    int gone_rc;
};

struct world {
    uv_loop_t loop;
    struct net net;
    struct test_pki pki;
    SSL_CTX *client_context;
    struct served *served[WORLD_SERVED_MAX]; /* In the order they came. */
    size_t served_count;
    int up_rc;       /* What `up` returns. */
    unsigned closed; /* Calls of net_close's callback. */
};

/* Limits under which nobody is ever late. */
struct net_limits world_limits(void);

struct world *world_new(const struct net_limits *limits);
/* Closes the net, which must end, and frees everything. */
void world_free(struct world *w);
void world_close(struct world *w);

typedef bool (*world_condition)(void *of);
void world_run(struct world *w, world_condition condition, void *of);
/* Until every connection has been swept once more. */
void world_run_sweep(struct world *w);

/* A client of the same loop. */
struct caller {
    uv_tcp_t tcp;
    uv_connect_t connect;
    struct world *world;
    struct tls_session tls;
    struct tls_room room;
    struct frame_reader frames;
    char heard[WORLD_TEXT]; /* Frames, each followed by '|'. */
    size_t heard_frames, heard_bytes;
    int rc;         /* What its TLS came to. */
    bool connected; /* TCP is. */
    bool plain;     /* It never speaks TLS. */
    bool ended;     /* The server has shut its side or reset. */
    bool handle_closed;
};

struct caller *caller_new(struct world *w);
/* TCP alone. */
struct caller *caller_new_plain(struct world *w);
void caller_free(struct caller *c);

/* Until TLS is up on both sides. */
void caller_up(struct caller *c);
/* The same, and greeted. */
struct caller *caller_greeted(struct world *w);
void caller_say(struct caller *c, const char *text);
void caller_say_bytes(struct caller *c, const uint8_t *bytes, size_t len);
void caller_send_raw(struct caller *c, const uint8_t *bytes, size_t len);
void caller_stop_reading(struct caller *c);
void caller_go_on_reading(struct caller *c);

/* Conditions. */
bool caller_is_up(void *caller);
bool caller_has_ended(void *caller);
bool caller_has_heard(void *caller); /* A frame at least. */
bool served_is_gone(void *served);
