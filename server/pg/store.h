/* store.h - the database through named operations. Nobody outside server/pg sees SQL or libpq.
 *
 * Happy path: a caller embeds a `struct store_call`, fills it by calling one of the operations
 * below, and hears exactly one verdict, from the loop, never from inside the call. Verdict 0 means
 * durable: the pipeline's sync has come back, not only the statement's result. Refused at once
 * (nothing will be heard): ERR_BUSY, too many calls wait; ERR_DATABASE, no connection is up;
 * ERR_CLOSING. Verdicts that are not 0: ERR_DATABASE (connection lost, time-out, anything that may
 * be tried again: whether it happened is unknown), ERR_CANCELED (closing), and what an operation
 * states.
 *
 * Pointers in results are borrowed until the callback returns. Times are Unix milliseconds. All
 * operations of the server in one header, a part a kind: so it is longer than 500 lines. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "proto/wire/limits.h"
#include "server/base/rollup.h"
#include "server/pg/claim_rows.h"
#include "server/pg/heads.h"
#include "server/pg/listen.h"
#include "server/pg/pool.h"

enum { STORE_FINGERPRINT = 32 };

struct store_call;
struct store_resend;

/* ---- who asks -------------------------------------------------------------------------------- */

/* As sql/0011_scope.sql numbers them. */
enum store_scope {
    STORE_SCOPE_SERVER, /* The server itself: hello, feed, ingest. */
    STORE_SCOPE_THERAPIST,
    STORE_SCOPE_COVER,       /* A therapist in a colleague's place. */
    STORE_SCOPE_SUPERVISION, /* A supervisor reads. */
    STORE_SCOPE_BREAK_GLASS, /* A therapist reads one client of a colleague's. */
    STORE_SCOPE_ADMINISTRATOR,
};

/* What the row policies read. In each transaction the database sets it, and looks anew whether it
 * still holds: see scope_begin. All zero is the server. */
struct store_who {
    enum store_scope scope;
    int64_t practice_id;
    int64_t person;    /* A therapist's id, else 0. */
    int64_t subject;   /* Whose rows: the person's own, or a colleague's id. */
    int64_t client_id; /* When breaking glass: the one client. */
    const char *actor; /* For the audit: the device's label, and who is logged on. Borrowed. */
};

/* ---- life ------------------------------------------------------------------------------------ */

/* What changed somewhere: a hint, never the truth. Scan the tables. */
enum store_wake {
    STORE_WAKE_RATING = 1,
    STORE_WAKE_ROOM = 2,
    STORE_WAKE_ALERT = 4,
    STORE_WAKE_DEVICE = 8
};

struct store;
/* `wakes` is a set; all of them after a (re)connect and every poll interval, since hints get lost.
 */
typedef void (*store_wake_cb)(struct store *s, unsigned wakes);
/* Connections up of those wanted: for readiness. */
typedef void (*store_state_cb)(struct store *s, unsigned up, unsigned wanted);
typedef void (*store_close_cb)(struct store *s);

struct store {
    struct pg_pool pool;
    struct pg_listen listen;
    struct heads heads;
    store_wake_cb wake_cb;
    store_state_cb state_cb;
    store_close_cb close_cb;
    bool is_scoped; /* Each call begins with who asks. */
    unsigned closing;
    unsigned careful_batches; /* Still to be sent as if they held resends. */
    char refused_sqlstate[6]; /* Of the last batch that was refused, for the quarantine. */
};

struct store_options {
    const char *conninfo;    /* libpq's; borrowed until close. */
    const char *application; /* application_name. */
    unsigned connections;    /* In the pool, the listening one not counted. */
    unsigned calls_max;      /* Waiting or under way, above which an operation says ERR_BUSY. */
    unsigned call_ms_max; /* A call that takes longer: its connection is dropped, ERR_DATABASE. */
    unsigned poll_ms;     /* Wake all at least this often. */
    bool listen_rating, listen_room, listen_alert, listen_device;
    bool is_aggregator;                /* Its role has policies of its own, and calls say nobody. */
    const struct chain_key *audit_key; /* Copied; NULL: the audit's heads are not signed, */
    unsigned audit_head_ms;            /* otherwise at least this often. */
};

void store_init(struct store *s, const struct store_options *options, store_wake_cb wake_cb,
                store_state_cb state_cb);
/* Connects in the background and reconnects for ever, with jitter; refuses (and says so in the log)
 * a role that row-level security would skip, a read-only server, and a schema older than this
 * program. */
void store_start(struct store *s, uv_loop_t *loop);
bool store_ready(const struct store *s);
/* libpq's, as a number: 150020 is 15.20. */
int store_libpq_version(void);
/* What waits hears ERR_CANCELED; calls under way are waited for, a second at most. */
void store_close(struct store *s, store_close_cb cb);

/* ---- who is it ------------------------------------------------------------------------------- */

enum store_role { STORE_KIOSK = 1, STORE_THERAPIST = 2, STORE_ADMINISTRATOR = 3 };

struct store_device {
    enum store_role role;
    const char *label, *practice;
    const char *place;    /* A kiosk's room, a therapist's display name, else "". */
    int64_t room_id;      /* A kiosk's, else 0. */
    int64_t therapist_id; /* A therapist's, else 0. */
    int revoked;          /* 0, or why it may not: ERR_DEVICE_REVOKED, ERR_PERSON_REVOKED,
                             ERR_CERTIFICATE_REVOKED. */
    bool log_on_required; /* Staff say who is there before anything else. */
};
/* A certificate's number: big-endian, no leading zeros. */
struct store_serial {
    uint8_t size, bytes[LIMIT_SERIAL_BYTES];
};
/* rc ERR_DEVICE_UNKNOWN: no such row. */
typedef void (*store_device_cb)(struct store_call *c, int rc, const struct store_device *device);
int store_device_find(struct store *s, struct store_call *c, int64_t practice_id,
                      const uint8_t fingerprint[STORE_FINGERPRINT],
                      const struct store_serial *serial, store_device_cb cb);
struct store_revoked; /* store_revocation.h */
typedef void (*store_revoked_cb)(struct store_call *c, int rc, const struct store_revoked *revoked,
                                 size_t count, int64_t oldest);

/* ---- ratings in ------------------------------------------------------------------------------ */

enum store_talk { STORE_TALK_NONE, STORE_TALK_NOW, STORE_TALK_NEXT, STORE_TALK_RATHER_NOT };
/* As on the wire: what would have made it slightly better. 0: not answered. */
enum { STORE_BETTER_MAX = 5 };

struct store_rating {
    int64_t practice_id;
    uint8_t rating_id[STORE_ID], ticket_id[STORE_ID];
    int16_t scores[STORE_AREAS]; /* Tenths, or STORE_NOT_ANSWERED. */
    bool skipped;
    enum store_talk talk;
    enum store_tension tension;
    uint8_t better;
    int64_t made_at;
    const char *instrument;
    bool is_device_known; /* Else it is imported. */
    uint8_t device[STORE_FINGERPRINT];
};
enum store_fate {
    STORE_NEW,            /* It was inserted by this call. */
    STORE_AGAIN,          /* The same rating_id was there: a resend, as good as new. */
    STORE_TICKET_UNKNOWN, /* No such ticket in this practice: not stored. */
    STORE_GONE,           /* Of what has gone for good: not stored, and as good as stored. */
    STORE_TICKET_USED,    /* Another rating has the ticket: not stored. */
};
/* One transaction for all rows: insert from arrays, one rating_batch row (also when nothing is
 * new), one audit row, one NOTIFY. rc ERR_RATING_REFUSED: SQLSTATE class 22 or 23, nothing of this
 * call is stored: split it. On 0 `fates` has `count` entries in the rows' order. `rows` is borrowed
 * until the verdict. */
typedef void (*store_ratings_cb)(struct store_call *c, int rc, const enum store_fate *fates,
                                 size_t count);
int store_ratings_insert(struct store *s, struct store_call *c,
                         const struct store_rating *const *rows, size_t count, store_ratings_cb cb);

typedef void (*store_done_cb)(struct store_call *c, int rc);
/* Keep what the database refused, for a person. */
int store_rating_quarantine(struct store *s, struct store_call *c, const struct store_rating *row,
                            const uint8_t *record, size_t record_size, store_done_cb cb);

/* ---- sessions -------------------------------------------------------------------------------- */

enum store_session_state {
    STORE_SESSION_OPEN = 1,
    STORE_SESSION_INVITED,
    STORE_SESSION_PARKED,
    STORE_SESSION_CLOSED
};
enum store_outcome { STORE_OUTCOME_NONE, STORE_RATED, STORE_SKIPPED };

struct store_goal;
struct store_session {
    int64_t practice_id, therapist_id, client_id;
    uint8_t session_id[STORE_ID];
    const char *client_ref, *room;
    int64_t start, planned_end, closed; /* closed 0: not. */
    enum store_session_state state;
    enum store_outcome outcome;
    int16_t scores[STORE_AREAS];
    enum store_talk talk;
    unsigned colour, symbol;
    const char *instrument; /* When rated; else "". */
    bool covered;           /* Its answers wait for the other one's: no scores here. */
    bool is_second;         /* Of two who came together: */
    uint8_t together_with[STORE_ID];
    bool parked_other; /* In the answer to open: */
    uint8_t parked_session_id[STORE_ID];
    const struct store_goal *goals; /* The course's, in force; LIMIT_GOALS_IN_FORCE at most. */
    size_t goal_count;
    int64_t by; /* Of store_sessions_now: the key's. */
};
typedef void (*store_session_cb)(struct store_call *c, int rc, const struct store_session *session);
typedef void (*store_sessions_cb)(struct store_call *c, int rc,
                                  const struct store_session *sessions, size_t count);

struct store_session_open {
    int64_t practice_id, therapist_id;
    uint8_t session_id[STORE_ID], ticket_id[STORE_ID]; /* The server makes the ticket's. */
    const char *client_ref, *room, *actor;
    int64_t start, planned_end;
    unsigned colour, symbol;
    bool take_over, is_child, first_time;
    const uint8_t *together_with; /* The session that has the room; NULL: none. */
};
/* Session, ticket and lease in one transaction, and NOTIFY. The same session_id again: the session
 * as it is. rc ERR_CLIENT_UNKNOWN (no course of this therapist), ERR_ROOM_UNKNOWN, ERR_ROOM_TAKEN,
 * ERR_CONFLICT (the id is another's), ERR_SESSION_UNKNOWN (together_with is not the therapist's,
 * has not the room, or has its second already). take_over parks the session that holds the lease.
 */
int store_session_open(struct store *s, struct store_call *c, const struct store_session_open *open,
                       store_session_cb cb);
/* rc ERR_SESSION_UNKNOWN (or not this therapist's), ERR_SESSION_CLOSED, ERR_SESSION_PARKED.
 * Inviting twice is no error. */
int store_session_invite(struct store *s, struct store_call *c, int64_t practice_id,
                         int64_t therapist_id, const uint8_t session_id[STORE_ID],
                         const char *actor, store_session_cb cb);
/* Frees the lease. rc ERR_SESSION_UNKNOWN. Closing twice is no error. */
int store_session_close(struct store *s, struct store_call *c, int64_t practice_id,
                        int64_t therapist_id, const uint8_t session_id[STORE_ID], const char *actor,
                        store_session_cb cb);
/* Newest first, at most limit; `after` is the last id of the page before, or NULL: here and in the
 * two lists below an id that is not this therapist's is followed by nothing. */
int store_sessions_list(struct store *s, struct store_call *c, int64_t practice_id,
                        int64_t therapist_id, const uint8_t *after, unsigned limit,
                        store_sessions_cb cb);
/* Of one client. rc ERR_CLIENT_UNKNOWN. */
int store_client_sessions_list(struct store *s, struct store_call *c, int64_t practice_id,
                               int64_t therapist_id, const char *client_ref, const uint8_t *after,
                               unsigned limit, store_sessions_cb cb);

/* A past session with a ticket of its own, made once; then the rating goes the usual way. rc
 * ERR_CLIENT_UNKNOWN, ERR_THERAPIST_UNKNOWN, ERR_ROOM_UNKNOWN. */
struct store_session_import {
    int64_t practice_id;
    uint8_t session_id[STORE_ID], ticket_id[STORE_ID];
    const char *client_ref, *therapist, *room, *actor;
    int64_t start, end;
};
int store_session_import(struct store *s, struct store_call *c,
                         const struct store_session_import *import, store_done_cb cb);

/* ---- what staff read ------------------------------------------------------------------------- */

struct store_stored_rating {
    uint8_t rating_id[STORE_ID], session_id[STORE_ID];
    int64_t session_start, made_at, received_at;
    bool skipped;
    int16_t scores[STORE_AREAS];
    enum store_talk talk;
    uint8_t better, tension; /* As on the wire. */
    const char *instrument;
};
typedef void (*store_stored_ratings_cb)(struct store_call *c, int rc,
                                        const struct store_stored_rating *ratings, size_t count);
/* Newest first. rc ERR_CLIENT_UNKNOWN: no course of this therapist with that client. */
int store_ratings_list(struct store *s, struct store_call *c, int64_t practice_id,
                       int64_t therapist_id, const char *client_ref, const uint8_t *after,
                       unsigned limit, store_stored_ratings_cb cb);

struct store_alert {
    int64_t practice_id, therapist_id, client_id;
    uint8_t alert_id[STORE_ID], session_id[STORE_ID], rating_id[STORE_ID];
    const char *rule, *client_ref, *what, *why, *now, *next_time;
    unsigned rule_version;
    enum store_tier tier;
    bool late, received, digest;
    int64_t session_start, created;
    int16_t scores[STORE_AREAS];
    int16_t usual[STORE_AREAS]; /* All STORE_NOT_ANSWERED: none yet. */
    enum store_talk talk;
    int64_t by; /* Of store_alerts_undelivered: the key's. */
};
typedef void (*store_alerts_cb)(struct store_call *c, int rc, const struct store_alert *alerts,
                                size_t count);
/* Newest first; client_ref "" is all of the therapist's, otherwise rc may be ERR_CLIENT_UNKNOWN. */
int store_alerts_list(struct store *s, struct store_call *c, int64_t practice_id,
                      int64_t therapist_id, const char *client_ref, const uint8_t *after,
                      unsigned limit, store_alerts_cb cb);
/* step as on the wire (1 is seen); reason "" is none. rc ERR_ALERT_UNKNOWN. */
int store_alert_acknowledge(struct store *s, struct store_call *c, int64_t practice_id,
                            int64_t therapist_id, const uint8_t alert_id[STORE_ID], int step,
                            const char *reason, const char *actor, store_done_cb cb);

struct store_rupture_move {
    int64_t at;
    const char *actor, *move, *step; /* step "": none. */
};
struct store_explanation {
    struct store_alert alert;
    const char *inputs, *rupture; /* rupture "": it belongs to none. */
    const struct store_rupture_move *moves;
    size_t move_count; /* LIMIT_RUPTURE_MOVES at most, oldest first. */
};
typedef void (*store_explanation_cb)(struct store_call *c, int rc,
                                     const struct store_explanation *explanation);
/* rc ERR_ALERT_UNKNOWN. */
int store_alert_explain(struct store *s, struct store_call *c, int64_t practice_id,
                        int64_t therapist_id, const uint8_t alert_id[STORE_ID],
                        store_explanation_cb cb);

/* ---- goals ----------------------------------------------------------------------------------- */

enum store_goal_outcome {
    STORE_GOAL_IN_FORCE,
    STORE_GOAL_REACHED,
    STORE_GOAL_LET_GO,
    STORE_GOAL_REPLACED
};
struct store_goal {
    uint8_t goal_id[STORE_ID], session_id[STORE_ID];
    int64_t session_start, ended; /* ended 0: in force. */
    int area;                     /* 1 to STORE_AREAS. */
    enum store_goal_outcome outcome;
    const char *words;
    unsigned before_answers, after_answers; /* 0: nothing measured. */
    int16_t before, after;                  /* Tenths. */
};
struct store_put_goal {
    int64_t practice_id, therapist_id;
    uint8_t goal_id[STORE_ID], session_id[STORE_ID];
    int area;
    const char *words, *actor;
};
/* rc ERR_SESSION_UNKNOWN, ERR_CONFLICT. */
int store_goal_put(struct store *s, struct store_call *c, const struct store_put_goal *put,
                   store_done_cb cb);
/* Reached or let go. rc ERR_GOAL_UNKNOWN, ERR_CONFLICT (it had ended otherwise). */
int store_goal_end(struct store *s, struct store_call *c, int64_t practice_id, int64_t therapist_id,
                   const uint8_t goal_id[STORE_ID], enum store_goal_outcome outcome,
                   const char *actor, store_done_cb cb);
typedef void (*store_goals_cb)(struct store_call *c, int rc, const struct store_goal *goals,
                               size_t count);
/* Newest first. rc ERR_CLIENT_UNKNOWN. */
int store_goals_list(struct store *s, struct store_call *c, int64_t practice_id,
                     int64_t therapist_id, const char *client_ref, const uint8_t *after,
                     unsigned limit, store_goals_cb cb);

/* ---- whose is it ---------------------------------------------------------------------------- */

/* client_ref as it stands in the main database; "": no such session, or alert, of this therapist.
 */
typedef void (*store_name_cb)(struct store_call *c, int rc, const char *client_ref);
int store_client_of_session(struct store *s, struct store_call *c, int64_t practice_id,
                            int64_t therapist_id, const uint8_t session_id[STORE_ID],
                            store_name_cb cb);
int store_client_of_alert(struct store *s, struct store_call *c, int64_t practice_id,
                          int64_t therapist_id, const uint8_t alert_id[STORE_ID], store_name_cb cb);

/* ---- what a desk begins with ----------------------------------------------------------------- */

enum { STORE_TOTALS = LIMIT_CASELOAD_TOTALS };
struct store_client {
    const char *client_ref;
    unsigned sessions;
    int64_t last_start;           /* 0: none yet. */
    int16_t totals[STORE_TOTALS]; /* Oldest first; STORE_NOT_ANSWERED: no total. */
    size_t total_count;
    bool rupture_open;
    const char *step; /* "": none. */
};
typedef void (*store_clients_cb)(struct store_call *c, int rc, const struct store_client *clients,
                                 size_t count);
/* The therapist's own, by name, from the one after `after` ("": from the start). */
int store_caseload(struct store *s, struct store_call *c, int64_t practice_id, int64_t therapist_id,
                   const char *after, unsigned limit, store_clients_cb cb);

struct store_place {
    const char *room, *site;
    bool taken;
};
typedef void (*store_places_cb)(struct store_call *c, int rc, const struct store_place *places,
                                size_t count);
int store_places(struct store *s, struct store_call *c, int64_t practice_id, const char *after,
                 unsigned limit, store_places_cb cb);

/* ---- a practice's rules ---------------------------------------------------------------------- */

/* A new version, in force at once. */
int store_rules_put(struct store *s, struct store_call *c, int64_t practice_id,
                    const int32_t *numbers, size_t count, const char *actor, store_done_cb cb);
/* version 0 and no numbers: the defaults. */
typedef void (*store_rules_cb)(struct store_call *c, int rc, int32_t version,
                               const int32_t *numbers, size_t count);
int store_rules_get(struct store *s, struct store_call *c, int64_t practice_id, store_rules_cb cb);

/* ---- a practice's own wordings --------------------------------------------------------------- */

struct store_instrument {
    const char *name, *language, *file;
    bool is_child, in_force;
};
/* In force from now on for its audience and language. `is_shipped`: the practice's own steps back
 * and nothing is kept. rc ERR_CONFLICT: the name has another text; ERR_INSTRUMENT: five languages
 * have their own already. */
int store_instrument_put(struct store *s, struct store_call *c, int64_t practice_id,
                         const struct store_instrument *put, bool is_shipped, const char *actor,
                         store_done_cb cb);
typedef void (*store_instruments_cb)(struct store_call *c, int rc,
                                     const struct store_instrument *list, size_t count);
/* Those in force and the newest, 100 of them, by name, without their files; or the one of that
 * name, with it: none or one. */
int store_instruments_list(struct store *s, struct store_call *c, int64_t practice_id,
                           store_instruments_cb cb);
int store_instrument_get(struct store *s, struct store_call *c, int64_t practice_id,
                         const char *name, store_instruments_cb cb);

/* Ids that are not this therapist's are passed over in silence: they cannot be told from received
 * ones. */
int store_alerts_receive(struct store *s, struct store_call *c, int64_t practice_id,
                         int64_t therapist_id, const uint8_t (*alert_ids)[STORE_ID], size_t count,
                         store_done_cb cb);

/* ---- feed: what connected devices should know now -------------------------------------------- */

struct store_room_key {
    int64_t practice_id, room_id;
};
struct store_room_now {
    int64_t practice_id, room_id;
    uint8_t ticket_id[STORE_ID];
    const char *therapist; /* Display name. */
    int64_t session_start;
    unsigned colour, symbol;
    bool invited, is_child, first_time, ask_tension, ask_better;
    const char *instruments; /* The practice's own for that audience, STORE_FILE_END after each. */
};
enum { STORE_FILE_END = '\f' }; /* It is in no file. */
/* One row for each ticket not used yet of the rooms' leases; two where two came together, the one
 * that has the room first. `ask_tension_at`: the place of that setting in rule_settings.numbers,
 * from 1. */
typedef void (*store_rooms_cb)(struct store_call *c, int rc, const struct store_room_now *rooms,
                               size_t count);
int store_rooms_now(struct store *s, struct store_call *c, const struct store_room_key *rooms,
                    size_t count, unsigned ask_tension_at, store_rooms_cb cb);

struct store_therapist_key {
    int64_t practice_id, therapist_id;
    int64_t by; /* Who covers the therapist, and is told while that is so; 0: the therapist. */
};
/* Each therapist's sessions of the last 24 hours, imported ones left out, at most 20 each, newest
 * first. */
int store_sessions_now(struct store *s, struct store_call *c,
                       const struct store_therapist_key *therapists, size_t count,
                       store_sessions_cb cb);
/* Each therapist's alerts that are not yet received, oldest first, at most `limit` each. */
int store_alerts_undelivered(struct store *s, struct store_call *c,
                             const struct store_therapist_key *therapists, size_t count,
                             unsigned limit, store_alerts_cb cb);

/* ---- the practice ---------------------------------------------------------------------------- */

/* Upserts by name. rc ERR_SITE_UNKNOWN, ERR_ROOM_UNKNOWN, ERR_THERAPIST_UNKNOWN, ERR_CONFLICT as
 * they apply. */
int store_put_site(struct store *s, struct store_call *c, int64_t practice_id, const char *name,
                   const char *actor, store_done_cb cb);
int store_put_room(struct store *s, struct store_call *c, int64_t practice_id, const char *site,
                   const char *name, const char *actor, store_done_cb cb);
int store_put_therapist(struct store *s, struct store_call *c, int64_t practice_id,
                        const char *code, const char *display_name, const char *site,
                        const char *language, const char *actor, store_done_cb cb);
int store_put_client(struct store *s, struct store_call *c, int64_t practice_id,
                     const char *client_ref, const char *therapist, const char *actor,
                     store_done_cb cb);
struct store_put_device {
    int64_t practice_id;
    uint8_t fingerprint[STORE_FINGERPRINT];
    enum store_role role;
    const char *label, *room, *therapist, *actor;
};
int store_put_device(struct store *s, struct store_call *c, const struct store_put_device *device,
                     store_done_cb cb);

enum store_kind {
    STORE_SITES = 1,
    STORE_ROOMS,
    STORE_THERAPISTS,
    STORE_CLIENTS,
    STORE_DEVICES,
    STORE_RETENTION,
    STORE_HOLDS,
    STORE_CERTIFICATES
};
struct store_item {
    const char *name, *detail;
};
typedef void (*store_items_cb)(struct store_call *c, int rc, const struct store_item *items,
                               size_t count);
/* By name, name > after, at most limit. */
int store_practice_list(struct store *s, struct store_call *c, int64_t practice_id,
                        enum store_kind kind, const char *after, unsigned limit, store_items_cb cb);

/* ---- the audit: store_audit.h ---------------------------------------------------------------- */

struct chain_row;
struct store_audit_head;
struct store_certificate;
typedef void (*store_certificates_cb)(struct store_call *c, int rc,
                                      const struct store_certificate *list, size_t count);
struct store_audit_entry;
typedef void (*store_audit_rows_cb)(struct store_call *c, int rc, const struct chain_row *rows,
                                    size_t count);
typedef void (*store_audit_heads_cb)(struct store_call *c, int rc,
                                     const struct store_audit_head *heads, size_t count);
typedef void (*store_audit_who_cb)(struct store_call *c, int rc,
                                   const struct store_audit_entry *entries, size_t count);

/* ---- how long things are kept: store_retention.h ----------------------------------------------
 */

struct store_retention;
typedef void (*store_retention_cb)(struct store_call *c, int rc,
                                   const struct store_retention *retention);

/* ---- a client becomes nobody: store_erasure.h ------------------------------------------------ */

struct store_erased;
typedef void (*store_erase_cb)(struct store_call *c, int rc, const uint32_t *counts);
typedef void (*store_erased_cb)(struct store_call *c, int rc, const struct store_erased *erased,
                                size_t count);
typedef void (*store_erased_again_cb)(struct store_call *c, int rc, unsigned erased,
                                      unsigned waiting);

/* ---- roll-ups -------------------------------------------------------------------------------- */

/* Adds sessions that no roll-up has counted yet to theirs, at most sessions_max. `counted` as many
 * as that: there may be more. */
typedef void (*store_counted_cb)(struct store_call *c, int rc, unsigned counted);
int store_rollup_sessions(struct store *s, struct store_call *c, unsigned sessions_max,
                          store_counted_cb cb);

/* Puts ruptures on their practices' lists: see rupture_escalate in sql/. The numbers are the places
 * of the two rules among a practice's settings, from 1. */
int store_ruptures_escalate(struct store *s, struct store_call *c, unsigned unrepaired_at,
                            unsigned unacknowledged_at, store_counted_cb cb);

struct store_escalation {
    const char *therapist, *site; /* Code and name; never the client. */
    int64_t opened, escalated;
    const char *state, *step; /* step "": none. */
    uint8_t opened_rating[STORE_ID];
};
typedef void (*store_escalations_cb)(struct store_call *c, int rc,
                                     const struct store_escalation *rows, size_t count);
/* Newest first, those that are still open or unrepaired. */
int store_escalations_list(struct store *s, struct store_call *c, int64_t practice_id,
                           const uint8_t *after, unsigned limit, store_escalations_cb cb);

/* The cells of the `weeks` finished weeks before the one under way, in the practice's time zone, as
 * report_make takes them; `first_day` is the Monday of the oldest, days since 1970-01-01. The cells
 * may be changed, and are gone when the callback returns. */
typedef void (*store_report_cb)(struct store_call *c, int rc, struct rollup_cell *cells,
                                size_t count, int64_t first_day);
int store_report(struct store *s, struct store_call *c, int64_t practice_id, unsigned weeks,
                 store_report_cb cb);

/* ---- who is at the device: store_log_on.h ---------------------------------------------------- */

struct store_try;
struct store_resumed;
struct store_account;
struct store_ended;
typedef void (*store_try_cb)(struct store_call *c, int rc, const struct store_try *tried);
typedef void (*store_resumed_cb)(struct store_call *c, int rc, const struct store_resumed *resumed);
typedef void (*store_accounts_cb)(struct store_call *c, int rc,
                                  const struct store_account *accounts, size_t count);
typedef void (*store_ended_cb)(struct store_call *c, int rc, const struct store_ended *ended,
                               size_t count);
/* ---- enrolment: store_enrol.h; its callbacks, for the call itself ------------------------------
 */

struct store_enrolled;
struct store_device_item;
typedef void (*store_code_cb)(struct store_call *c, int rc, const char *label, int64_t expires);
typedef void (*store_enrol_cb)(struct store_call *c, int rc, const struct store_enrolled *enrolled,
                               unsigned retry_s);
typedef void (*store_kept_cb)(struct store_call *c, int rc, const uint8_t *certificate, size_t len);
typedef void (*store_device_items_cb)(struct store_call *c, int rc,
                                      const struct store_device_item *items, size_t count);

/* ---- rights: store_right.h ------------------------------------------------------------------- */

struct store_acting;
struct store_right;
struct store_look;
typedef void (*store_acting_cb)(struct store_call *c, int rc, const struct store_acting *acting);
typedef void (*store_rights_cb)(struct store_call *c, int rc, const struct store_right *rights,
                                size_t count);
typedef void (*store_looks_cb)(struct store_call *c, int rc, const struct store_look *looks,
                               size_t count);

/* ---- the call itself ------------------------------------------------------------------------- */

/* Embed it and find yourself with container_of. The fields are the store's while a call is under
 * way; `who` is the caller's, set before and kept. */
struct store_call {
    struct pg_call pg;
    struct store_who who;
    union {
        store_device_cb device;
        store_revoked_cb revoked;
        store_ratings_cb ratings;
        store_done_cb done;
        store_session_cb session;
        store_sessions_cb sessions;
        store_stored_ratings_cb stored_ratings;
        store_alerts_cb alerts;
        store_rooms_cb rooms;
        store_items_cb items;
        store_explanation_cb explanation;
        store_rules_cb rules;
        store_instruments_cb instruments;
        store_counted_cb counted;
        store_goals_cb goals;
        store_clients_cb clients;
        store_places_cb places;
        store_escalations_cb escalations;
        store_report_cb report;
        store_acting_cb acting;
        store_rights_cb rights;
        store_looks_cb looks;
        store_retention_cb retention;
        store_audit_rows_cb audit_rows;
        store_audit_heads_cb audit_heads;
        store_certificates_cb certificates;
        store_audit_who_cb audit_who;
        store_name_cb name;
        store_try_cb tried;
        store_resumed_cb resumed;
        store_accounts_cb accounts;
        store_ended_cb ended;
        store_erase_cb erase;
        store_erased_cb erased;
        store_erased_again_cb erased_again;
        store_code_cb code;
        store_enrol_cb enrol;
        store_kept_cb kept;
        store_device_items_cb device_items;
        void (*resend)(struct store_call *c, int rc, const struct store_resend *resend);
    } cb;
    struct store *store;
    void *kept; /* The operation's own. */
};
