/* peer.h - one device's connection: who it is, what it may say, what is under way for it.
 *
 * Made on accept, freed when its connection is gone and nothing is under way for it any more: what
 * is under way outlives the connection and finds `gone` set. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "envelope.pb-c.h"
#include "server/gateway/feed/watch_feed.h"
#include "server/gateway/permit.h"
#include "server/gateway/seen.h"
#include "server/net/net.h"
#include "server/pg/store.h"

struct gateway;
struct peer;
struct staff;

/* A request under way. Embed it; the peer outlives it. */
struct pending {
    struct peer *peer;
    uint64_t seq;
};

/* Compared byte by byte: no padding. */
struct peer_room {
    bool told, invited;
    uint8_t tickets;
    uint8_t ticket_ids[2][STORE_ID];
};

struct peer {
    struct conn conn;
    struct gateway *gateway;
    LIST_ENTRY(peer) known;    /* In the gateway's table of devices. */
    LIST_ENTRY(peer) of_role;  /* In its list of kiosks or of those who watch. */
    LIST_ENTRY(peer) of_staff; /* In its list of staff's. */
    LIST_ENTRY(peer) by_key;   /* From Hello on, where revocation finds it. */
    LIST_ENTRY(peer) by_serial;
    uint64_t last_seq;
    uint64_t
        closed_seq;    /* What was asked up to it is answered with nothing of a client any more, */
    int closed_rc;     /* but with this. */
    uint64_t news_era; /* Pushes of an earlier one are not sent any more. */
    int64_t practice_id, room_id, therapist_id;
    char *device_label;  /* Ours; NULL before Welcome. */
    const char *label;   /* For the audit: the device's, and who is logged on. NULL as above. */
    struct staff *staff; /* Ours; NULL for a kiosk, and before Welcome. */
    struct {             /* Whose rows it sees, when not its own: */
        int64_t subject, client_id;
        uint64_t asked; /* The last ActFor's number: an earlier one that is granted late is not. */
        uint8_t kind;   /* Attune__ActKind. */
    } acting;
    struct watch_feed *watch; /* Ours; a therapist's, once it watches. */
    struct seen *seen;        /* Ours; NULL before Welcome. */
    uint32_t open_requests;
    uint32_t pushes_waiting, pushes_asked; /* In naming: they keep their order. */
    uint8_t state;                         /* enum permit_state. */
    uint8_t role;                          /* Attune__Role. */
    bool gone;                             /* The connection has ended. */
    bool enrolling;                        /* On attune-enrol/1, counted. */
    uint8_t asked;                         /* Requests there. */
    bool held;                             /* Reading is paused, the queue being full. */
    int64_t looks_told;     /* Up to when, in Unix milliseconds; feed_anew begins again. */
    int64_t clock_ahead_ms; /* Its clock minus ours, at Hello. */
    int64_t resend_version; /* Of the wish to send again that it was told. */
    struct peer_room room;  /* What a kiosk was told last. */
    uint8_t fingerprint[STORE_FINGERPRINT];
    struct store_serial serial; /* Of its certificate. */
    int revoked;                /* 0, or why it was cut. */
    bool spared;                /* Revoked, and given until the next look. */
};

LIST_HEAD(peer_list, peer);

struct peer *peer_new(struct gateway *g);

/* Its connection is gone: leaves all lists; freed now or with its last request. */
void peer_gone(struct peer *p);

/* Whose rows its requests are about: a therapist's id. */
int64_t peer_subject(const struct peer *p);
/* Whose news it is told besides its own: of whom it covers. 0: nobody's. */
int64_t peer_covers(const struct peer *p);
/* Who asks, for a call made for it. Borrows the label, which outlives its requests. */
struct store_who peer_self(const struct peer *p); /* About one's own rows, whatever it sees. */
struct store_who peer_who(const struct peer *p);

/* A request begins; pending_end is owed. */
void pending_begin(struct peer *p, struct pending *pending, uint64_t seq);
/* It is over, answered or not. May free the peer. */
void pending_end(struct pending *pending);

/* What was asked up to `seq`, and news that is on its way, is for nobody who is here now: nothing
 * of a client is sent for it from here on. Questions are answered `rc`; news is to be told anew. */
void peer_close_up(struct peer *p, uint64_t seq, int rc);

/* The frame as it is, unless it may be heard no more; for naming, which all that is said goes
 * through. `as_of`: from peer_as_of, when it was said. */
uint64_t peer_as_of(const struct peer *p, const Attune__ServerFrame *frame);
void peer_send(struct peer *p, const Attune__ServerFrame *frame, uint64_t as_of);

/* Say something. Nothing is said to one that is gone. A message larger than a frame is our own
 * fault. */
void peer_answer(struct peer *p, uint64_t seq, Attune__Response *response);
void peer_push(struct peer *p, Attune__Push *push);
/* A push, packed, for later. free() it. */
struct kept_push {
    size_t len;
    uint8_t frame[];
};
struct kept_push *peer_keep(Attune__Push *push);
void peer_push_kept(struct peer *p, const struct kept_push *kept);
/* `detail` may be NULL: the code's own text is said. `retry_ms` 0: do not try again. */
void peer_error(struct peer *p, uint64_t seq, int rc, const char *detail, uint32_t retry_ms);
void peer_done(struct peer *p, uint64_t seq);

/* An error of the world gets a time to come back after, one of the request does not. */
void peer_fail(struct peer *p, uint64_t seq, int rc);
