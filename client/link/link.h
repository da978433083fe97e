/* link.h - one connection to the server that is always there or coming back.
 *
 * Connects, says Hello, hands each answer to the request that asked, hands pushes to the owner,
 * pings, notices a dead peer, and connects again after a while, for ever: until link_close, or
 * until the same device connects elsewhere (ERR_REPLACED). Nothing blocks; names are resolved in
 * the background.
 *
 * Runs in the thread-default GMainContext of link_start's caller. All callbacks come from that
 * loop, never from inside a call to the link. In every callback the link may be asked, and closed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <gio/gio.h>
#include <openssl/ssl.h>

#include "client/link/enrol.h"
#include "client/link/identity.h"
#include "client/link/pace.h"
#include "client/link/stream.h"
#include "envelope.pb-c.h"
#include "proto/wire/codec.h"
#include "proto/wire/frame.h"
#include "proto/wire/limits.h"

enum {
    LINK_ANSWER_MS = 10 * 1000, /* For an answer, when the asker names no time. */
    LINK_WHY = STREAM_WHY,
};

enum link_state {
    LINK_IDLE,
    LINK_CONNECTING, /* Up to Welcome. */
    LINK_UP,         /* Welcome was received: l->welcome. */
    LINK_WAITING,    /* Not connected: l->reason, l->why, link_retry_ms. */
    LINK_STOPPED,    /* Not connected and will not try: replaced by another connection. */
};

/* Who is at the device, as far as this connection knows. */
enum link_person {
    LINK_NOBODY, /* No token was given. */
    LINK_RESUMED,
    LINK_REFUSED, /* The token is good no more: it is forgotten. */
};

struct link;
struct link_request;

/* Connecting, up, lost, given up: look at the link. */
typedef void (*link_state_cb)(struct link *l, enum link_state state);

/* News. `push` is borrowed until this returns. Draining is the link's own and not handed on. */
typedef void (*link_push_cb)(struct link *l, const Attune__Push *push);

/* The verdict, once: 0 and the response; or the code of the server's Error and the response that
 * holds it; or ERR_CLOSED, ERR_TIMEOUT, ERR_CANCELED (the link is closing) without a response.
 * After ERR_CLOSED and ERR_TIMEOUT nobody knows whether it was done. `response` is borrowed until
 * this returns; the request is the asker's again before it is called. */
typedef void (*link_answer_cb)(struct link_request *r, int rc, const Attune__Response *response);

typedef void (*link_close_cb)(struct link *l);

/* Embedded in what the asker knows it by. */
struct link_request {
    struct link_request *next, *previous;
    uint64_t seq;
    int64_t deadline_ms;
    link_answer_cb cb;
};

/* All borrowed for the link's life. */
struct link_options {
    const char *address;       /* "host:port" or "[::1]:port". */
    const char *software;      /* "attune-kiosk": for Hello. */
    const char *language;      /* BCP 47. */
    SSL_CTX *context;          /* Of the role TLS_CLIENT. */
    struct identity *identity; /* Whose the context is, to be kept up to date; NULL: nobody does. */
};

/* A certificate that has expired is being renewed. */
struct link_recovery {
    struct enrol enrol;
    struct link *link;
};

struct link {
    struct link_options options;
    link_state_cb state_cb; /* May be NULL, as push_cb. */
    link_push_cb push_cb;
    link_close_cb close_cb;

    enum link_state state;
    int reason;               /* Why it is not up. */
    char why[LINK_WHY];       /* The same in words, with what the system said. */
    Attune__Welcome *welcome; /* Of this connection, or of the last one; NULL before the first. */
    int64_t clock_ahead_ms;   /* Our clock minus the server's, at Welcome. */
    enum link_person person;

    /* A kiosk's owner keeps these up to date; pings tell them. */
    uint32_t spool_depth;
    int64_t unsent_since_ms; /* link_now_ms(), since when it has not been empty; 0: it is. */

    /* The rest is the link's own. */
    struct link_request renew_ask, authority_ask;
    struct link_recovery *recovery; /* Ours; NULL: none is under way. */
    int64_t renew_due_ms;
    bool renewing, asking_authority;
    struct stream stream;
    struct pace pace;
    struct frame_reader reader;
    struct codec_arena *arena;
    GSource *clock;
    struct link_request *first, *last;
    struct link_request hello, ping, resume;
    uint8_t token[LIMIT_TOKEN_SIZE];
    bool has_token;
    uint64_t seq;
    uint32_t unanswered; /* What the server counts: asked and not answered, timed out or not. */
    int last_word;       /* What the server said about the connection before it ended it. */
    bool started, pinging, resuming, closing;
};

/* Fill memory. Returns 0 and link_close or link_fini is owed; or ERR_CONFIG with a sentence in
 * l->why: the address has no host or port. */
int link_init(struct link *l, const struct link_options *options, link_state_cb state_cb,
              link_push_cb push_cb);

/* Begin to connect. From here on link_close is owed. */
void link_start(struct link *l);

/* A log-on's token: each connection from now on says it before it is LINK_UP, and l->person says
 * what came of it. NULL: none any more. */
void link_token(struct link *l, const uint8_t *token);

/* Send a request; the link numbers it. `request` is borrowed for the call, `r` until the verdict:
 * it is not asked a second time before. `timeout_ms` 0: LINK_ANSWER_MS. Returns 0; ERR_CLOSED: not
 * up; ERR_BUSY: link_room is used up, wait for answers; ERR_FRAME_SIZE. On an error there is no
 * verdict. */
int link_ask(struct link *l, struct link_request *r, Attune__Request *request, uint32_t timeout_ms,
             link_answer_cb cb);

/* How many requests may be unanswered at a time on this connection; one more is kept for the ping.
 */
uint32_t link_room(const struct link *l);

/* A certificate or the authorities are being asked for: who is about to close may wait for it. */
bool link_renewing(const struct link *l);

/* The server knows this device no longer, or not yet (201, 202, 230, 231): no waiting mends it, a
 * person does. It tries on, seldom, for when somebody has. */
static inline bool link_shut_out(const struct link *l)
{
    return pace_shut_out(l->reason);
}

/* LINK_WAITING: milliseconds until the next try. Otherwise 0. */
int64_t link_retry_ms(const struct link *l);

/* End: says so to the server, gives every open request ERR_CANCELED, then `cb`, from the loop; in
 * there the memory is the caller's again. */
void link_close(struct link *l, link_close_cb cb);

/* Release a link that was never started. */
void link_fini(struct link *l);

/* Milliseconds of the clock that the link lives by. */
int64_t link_now_ms(void);
