/* notices.h - the alerts that a therapist's screen holds: which one it shows, and what is to be
 * said to the server about each.
 *
 * Pure: alerts, sessions, choices and the time come in. An acknowledgement waits a few seconds, so
 * that it can be undone, and is sent at once when the window closes:
 *
 *     OPEN ─ acknowledge ─> HELD ─ time is up, or flush ─> SENT ─ acknowledge ─> HELD …
 *       ^                    │
 *       └────── undo ────────┘        (an undone second step goes back to SENT with the first)
 *
 * Whether an alert appears at once, as a badge, or after its session is the therapist's choice.
 * Texts stay with the caller. Times are milliseconds of a clock that never goes back. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wire/limits.h"
#include "staff.pb-c.h"

enum {
    NOTICES_MAX = 200, /* The oldest that is settled makes room. */
    NOTICE_UNDO_MS = 8000,
    NOTICE_NONE = -1,
};

enum notice_mode {
    NOTICE_POPUP, /* At once, in the window. */
    NOTICE_BADGE, /* A number beside the client's name; the rest when the client is opened. */
    NOTICE_AFTER, /* At once, but not before its session is over. */
};

enum notice_state {
    NOTICE_OPEN,
    NOTICE_HELD, /* A step was chosen and can be undone. */
    NOTICE_SENT,
    NOTICE_PUT_AWAY, /* Not shown any more. */
};

struct notice {
    uint8_t alert_id[LIMIT_ID_SIZE], session_id[LIMIT_ID_SIZE];
    char client_ref[LIMIT_NAME_BYTES + 1];
    Attune__Tier tier;
    enum notice_state state;
    bool session_over;
    bool covered; /* Of two who came together, and the other one is not done yet. */
    bool shown;   /* Before the therapist's eyes, at least once. */
    Attune__Step step, step_before;
    char reason[LIMIT_NAME_BYTES + 1];
    int64_t due_ms; /* HELD: when it is sent. */
    uint64_t since; /* Smaller is older. */
};

/* 50 kB, fixed. Not a stack object. */
struct notices {
    struct notice all[NOTICES_MAX];
    size_t count;
    enum notice_mode mode;
    uint64_t counter;
};

/* Cannot fail; nothing to release. */
void notices_init(struct notices *n, enum notice_mode mode);

/* Its place, from 0; the same for one that is here already. NOTICE_NONE: no room, or not an alert
 * to be shown (amber and patterns are listed, never shown). `over`: its session has ended. */
int notices_add(struct notices *n, const Attune__Alert *alert, bool over);

/* The session was closed or parked. True: something may appear now. */
bool notices_session_over(struct notices *n, const uint8_t *session_id);

/* Covered, or not any more. True: that is new. */
bool notices_cover(struct notices *n, int at, bool covered);

/* May it be before the therapist's eyes, as a banner or as a number? */
bool notices_may_show(const struct notices *n, int at);

/* What the banner shows while the page of `client_ref` is open ("": none): a red one that waits
 * for a step first, then one whose step can be undone, then good news; of those the newest. */
int notices_banner(const struct notices *n, const char *client_ref);
/* How many more of them wait. */
size_t notices_waiting(const struct notices *n, const char *client_ref);

/* The number beside a client's name: red ones that wait for a step. */
size_t notices_badge(const struct notices *n, const char *client_ref);

/* A step was chosen; `reason` is copied. */
void notices_acknowledge(struct notices *n, int at, Attune__Step step, const char *reason,
                         int64_t now_ms);
/* True: it was still time. */
bool notices_undo(struct notices *n, int at);
void notices_put_away(struct notices *n, int at);
/* The server knows of a step that was chosen elsewhere or earlier. */
void notices_settled(struct notices *n, const char *client_ref, Attune__Step step);

/* The next one to be sent, now SENT; NOTICE_NONE: none is due. */
int notices_due(struct notices *n, int64_t now_ms);
/* The window closes: all that are held are due. */
void notices_flush(struct notices *n);
/* How many can be undone. */
size_t notices_held(const struct notices *n);
/* When notices_due may have one; INT64_MAX: never. */
int64_t notices_wake_ms(const struct notices *n);

/* "Talk about it now"; static. */
const char *notice_step_word(Attune__Step step);
/* The step whose word the server uses ("opens next session"); STEP_UNSPECIFIED: none. */
Attune__Step notice_step_of(const char *word);
