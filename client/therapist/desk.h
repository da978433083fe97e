/* desk.h - what a therapist's client knows: alerts, sessions, and what the server must still be
 * told.
 *
 * Pure: what the server says comes in, with the time; what is to be done comes out of desk_next.
 * The server pushes an alert on every connection until it is told that the alert is here, so one
 * comes twice whenever a connection ends in between. The desk shows each once and reports each
 * until the report was answered:
 *
 *     pushed ─> SHOW ─ desk_shown ─> to report ─ REPORT ─> reported ─ answered ─> known
 *                                        ^                    │                     │
 *                                        └──lost or refused───┘    pushed again ────┘
 *
 * Reported only after it was shown: a client that dies in between gets the alert once more, never
 * not at all. Contents stay with the caller; the desk keeps ids and states. Times are milliseconds
 * of a clock that never goes back. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wire/limits.h"
#include "staff.pb-c.h"

enum {
    DESK_ALERTS_MAX = 1000,  /* Remembered; the oldest that the server knows of make room. */
    DESK_SESSIONS_MAX = 500, /* Remembered; the one that has not changed for longest makes room. */
    DESK_REPORT_MAX = 64,    /* Alerts in one ReceiveAlerts. */
    DESK_PAUSE_MS = 1000,    /* After a refused report when the server says no time. */
    DESK_PAUSE_MS_MAX = 60 * 1000,
};

enum desk_verdict {
    DESK_SHOW,  /* New: show it. For an alert, then call desk_shown. */
    DESK_KNOWN, /* Shown before: nothing to do. */
    DESK_FULL,  /* No room until reports are answered: do not show; the server brings it again. */
};

enum desk_do {
    DESK_WATCH, /* Send Watch, first thing on a connection; desk_watched is owed. */
    DESK_LIST, /* Send ListSessions, then desk_session(…, DESK_LISTED) for each and desk_listed. */
    DESK_REPORT, /* Send ReceiveAlerts with these ids; desk_reported is owed. */
};

struct desk_action {
    enum desk_do kind;
    size_t count; /* REPORT: 1 … DESK_REPORT_MAX. */
    uint8_t ids[DESK_REPORT_MAX][LIMIT_ID_SIZE];
};

/* Where a session was heard of. */
enum desk_source { DESK_NEWS, DESK_LISTED };

enum desk_alert_state {
    DESK_ALERT_NEW,       /* Handed out, not yet shown. */
    DESK_ALERT_TO_REPORT, /* Shown; the server does not know. */
    DESK_ALERT_REPORTED,  /* Told, not answered. */
    DESK_ALERT_KNOWN,     /* The server knows. */
};

struct desk_alert {
    uint8_t id[LIMIT_ID_SIZE];
    uint64_t since; /* Smaller is older. */
    enum desk_alert_state state;
};

struct desk_session {
    uint8_t id[LIMIT_ID_SIZE];
    uint64_t since;
    Attune__SessionState state;
    Attune__SessionOutcome outcome;
    bool has_scores; /* Of two who came together they come later than the outcome. */
};

/* 60 kB, fixed. Not a stack object. */
struct desk {
    struct desk_alert alerts[DESK_ALERTS_MAX];
    size_t alert_count;
    struct desk_session sessions[DESK_SESSIONS_MAX];
    size_t session_count;
    uint64_t counter;
    int64_t pause_until_ms; /* For reports, and for Watch and ListSessions alike. */
    uint32_t refusals;      /* In a row. */
    bool connected, watch_asked, watched, list_asked, listed, listed_once, reporting;
};

/* Cannot fail; nothing to release. */
void desk_init(struct desk *d);

void desk_connected(struct desk *d);
/* Every answer that was owed will not come. */
void desk_lost(struct desk *d);

/* The answers: 0 or an err code, and the server's retry_after_ms (0: none). An answer after
 * desk_lost is ignored. */
void desk_watched(struct desk *d, int rc, uint32_t retry_after_ms, int64_t now_ms);
void desk_listed(struct desk *d, int rc, uint32_t retry_after_ms, int64_t now_ms);
void desk_reported(struct desk *d, int rc, uint32_t retry_after_ms, int64_t now_ms);

/* An alert was pushed. */
enum desk_verdict desk_alert(struct desk *d, const uint8_t id[LIMIT_ID_SIZE]);

/* It is before the therapist's eyes (written and flushed, drawn): from now on it may be reported.
 */
void desk_shown(struct desk *d, const uint8_t id[LIMIT_ID_SIZE]);

/* A session is as told. SHOW: its state, its outcome or that it has scores is news to the
 * therapist. The first list of all is what the day began with: its sessions are remembered and not
 * shown. Closed and rated are final: what is older than that and comes late is KNOWN. */
enum desk_verdict desk_session(struct desk *d, const Attune__Session *session,
                               enum desk_source source);

/* The next thing to do; false: nothing until an event, or until desk_wake_ms. */
bool desk_next(struct desk *d, int64_t now_ms, struct desk_action *ret_action);

/* When desk_next may have something although no event came; INT64_MAX: never. */
int64_t desk_wake_ms(const struct desk *d);

size_t desk_count(const struct desk *d, enum desk_alert_state state);
