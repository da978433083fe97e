/* outbox.h - which of a kiosk's saved records go to the server now, and what becomes of them.
 *
 * A record is known by its rating's id; its bytes lie in the spool and are none of the outbox's
 * business. Events come in (added, connected, answered, lost) with the time; what is to be done
 * comes out of outbox_next, one action at a time, until it says that there is nothing. Pure: no
 * loop, clock or file: the kiosk, the command line, the load generator and the simulator run this
 * same code.
 *
 *     added ─> waiting ─SEND─> in flight ─stored─> MARK_SENT ─a day─> DROP
 *                 ^  ^             │ │ └─refused for good─> REFUSE
 *                 │  └─────lost────┘ └─busy, anything else─┐
 *                 └────────── after a pause ───────────────┘
 *
 * A record that is kept goes back to waiting when the server asks for it again (outbox_resend,
 * MARK_UNSENT).
 *
 * A record leaves in three ways only: the server has it and a day has passed, the server refused it
 * for good and the user is told, or the shell found its file torn. All others are sent again for
 * ever.
 *
 * Times are milliseconds of a clock that never goes back. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wire/limits.h"

enum {
    OUTBOX_RECORDS_MAX = 10 * 1000,
    OUTBOX_KEPT_MAX = 2 * 1000, /* Sent ones; above that the oldest is dropped before its day. */
    OUTBOX_KEEP_MS = 24 * 3600 * 1000, /* A server that lost its last seconds may ask again. */
    OUTBOX_PAUSE_MS = 1000,            /* When the server says "later" but not when. */
    OUTBOX_PAUSE_MS_MAX = 60 * 1000,
};

enum outbox_state {
    OUTBOX_WAITING,   /* To be sent, in the order of arrival. */
    OUTBOX_PAUSED,    /* Answered with an error that may pass: waits for its time. */
    OUTBOX_IN_FLIGHT, /* Sent, not answered. */
    OUTBOX_STORED,    /* Durable at the server; MARK_SENT is still to be handed out. */
    OUTBOX_REFUSED,   /* REFUSE is still to be handed out. */
    OUTBOX_KEPT,      /* Marked as sent; dropped after OUTBOX_KEEP_MS. */
    OUTBOX_ASKED,     /* Was kept and is to go again; MARK_UNSENT is still to be handed out. */
    OUTBOX_STATES,
};

enum outbox_do {
    OUTBOX_SEND,        /* Send this record; outbox_answer or outbox_lost is owed. */
    OUTBOX_MARK_SENT,   /* Note on disk that the server has it. */
    OUTBOX_MARK_UNSENT, /* Note on disk that the server may have lost it. */
    OUTBOX_REFUSE,      /* Set it aside and tell the user why: `rc`. The outbox has forgotten it. */
    OUTBOX_DROP,        /* Remove it from the disk. The outbox has forgotten it. */
};

struct outbox_action {
    enum outbox_do kind;
    uint8_t id[LIMIT_ID_SIZE];
    int rc;      /* REFUSE: why. Otherwise 0. */
    bool resent; /* SEND: it was sent before and may be there already. */
};

struct outbox_record;

struct outbox_list {
    uint16_t first, last;
    uint32_t count;
};

struct outbox {
    struct outbox_record *records; /* Grows with the records, to OUTBOX_RECORDS_MAX. */
    uint32_t room;
    uint16_t unused;       /* The head of the list of free records. */
    uint16_t buckets[256]; /* By the id's first byte: ids are random. */
    struct outbox_list lists[OUTBOX_STATES];
    uint32_t in_flight_max;
    uint32_t busy_tries;
    int64_t busy_until_ms;
    bool connected;
};

/* Fill memory. outbox_fini is owed once something was added. */
void outbox_init(struct outbox *o);
void outbox_fini(struct outbox *o);

/* A record that is saved and not acknowledged. ERR_CONFLICT: it is here already. ERR_BUSY: the
 * outbox is full; the record stays on disk and is found at the next start. */
int outbox_add(struct outbox *o, const uint8_t id[LIMIT_ID_SIZE]);

/* A record that was marked as sent `age_ms` ago, found on disk at the start. Oldest first: one that
 * comes out of turn is dropped late, never early. Errors as above. */
int outbox_add_sent(struct outbox *o, const uint8_t id[LIMIT_ID_SIZE], int64_t age_ms,
                    int64_t now_ms);

/* Welcome was received: up to `in_flight_max` records (cut to 1 … LIMIT_OPEN_REQUESTS) may be
 * unanswered. */
void outbox_connected(struct outbox *o, uint32_t in_flight_max);

/* The connection is gone: what was in flight goes again, first, on the next one. When that is, is
 * the link's business. */
void outbox_lost(struct outbox *o);

/* The answer for one record: 0 when it is durable, else an err code; `retry_after_ms` as the server
 * said, 0 if it did not. ERR_BUSY, ERR_DATABASE and ERR_CLOSING hold back everything, other errors
 * this record alone. An answer nobody waits for is ignored, but for a 0, which is always good news.
 */
void outbox_answer(struct outbox *o, const uint8_t id[LIMIT_ID_SIZE], int rc,
                   uint32_t retry_after_ms, int64_t now_ms);

/* The server may have lost what it acknowledged from `since_ms` to just before `until_ms`: what of
 * it is still kept goes again. Returns how many. */
uint32_t outbox_resend(struct outbox *o, int64_t since_ms, int64_t until_ms);

/* Its file is gone or was set aside: know it no more. Unknown ids do nothing. */
void outbox_forget(struct outbox *o, const uint8_t id[LIMIT_ID_SIZE]);

/* The next thing to do. False: nothing until an event, or until outbox_wake_ms. */
bool outbox_next(struct outbox *o, int64_t now_ms, struct outbox_action *ret_action);

/* When outbox_next may have something although no event came; INT64_MAX: never. */
int64_t outbox_wake_ms(const struct outbox *o);

/* Is this answer the last word on a record? FIELD, TICKET_UNKNOWN, TICKET_USED, RATING_REFUSED. */
bool outbox_refuses(int rc);

uint32_t outbox_count(const struct outbox *o, enum outbox_state state);

/* Records that the server does not have yet, as far as is known. */
uint32_t outbox_unsent(const struct outbox *o);
