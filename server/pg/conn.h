/* conn.h - one connection to PostgreSQL, for ever: it connects, is checked, runs one call at a
 * time, and connects again with jitter when it is lost.
 *
 * Nothing here blocks the loop, with one exception that is libpq's: PQconnectStart looks names up
 * itself. Give `hostaddr` or a unix socket's folder where the resolver can be slow.
 *
 * A call's verdict is 0 only when its pipeline's sync has come back and no warning stood
 * beside it: a commit whose wait for the synchronous standby was cancelled says OK and warns
 * (SQLSTATE 01000). Then, and whenever the connection is lost, whether the call happened is
 * unknown: ERR_DATABASE.
 *
 * A call that takes longer than call_ms_max loses its connection; the statement is not cancelled,
 * since a cancelled wait for the standby would look like success. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "proto/wire/backoff.h"
#include "server/pg/plan.h"

struct pg_conn;   /* libpq's connection and */
struct pg_result; /* result. */
struct pg_connection;
struct pg_call;
struct pg_watch;

/* Borrowed until the callback returns. */
struct pg_results {
    struct pg_result *step[PG_STEPS_MAX];
    struct pg_connection *connection; /* It ran there, in */
    uint64_t epoch;                   /* this life of it: see pg_pool_go_on. */
    char sqlstate[6];                 /* Of the first error; "" when the connection was lost. */
};

/* `rc` is 0, ERR_RATING_REFUSED (SQLSTATE class 22 or 23: as it is, it will never be taken),
 * ERR_RIGHT_ENDED (see scope_begin), ERR_DATABASE or ERR_CANCELED. The call is the caller's again.
 */
typedef void (*pg_call_cb)(struct pg_call *call, int rc, const struct pg_results *results);

struct pg_call {
    struct pg_call *next; /* The queue's. */
    struct pg_plan *plan; /* Taken; NULL once sent. */
    pg_call_cb cb;
    uint64_t since; /* When it was accepted, in the loop's ms. */
};

struct pg_connection_options {
    const char *conninfo;    /* libpq's; borrowed until close. */
    const char *application; /* application_name. */
    uint32_t connect_ms_max, call_ms_max;
    uint32_t reconnect_ms_min, reconnect_ms_max;
    int schema_number; /* The newest migration that it must have. */
};

struct pg_connection_events {
    void (*up)(struct pg_connection *c);   /* Checked and idle. */
    void (*down)(struct pg_connection *c); /* It was up. */
    void (*idle)(struct pg_connection *c); /* A call has ended; its verdict was given. */
    /* For each notification that came, and then once with NULL: that was all. Not needed by all. */
    void (*notified)(struct pg_connection *c, const char *channel);
    void (*closed)(struct pg_connection *c);
};

enum pg_stage { PG_NEW, PG_WAITING, PG_CONNECTING, PG_CHECKING, PG_UP, PG_MENDING, PG_CLOSING };

enum { PG_STATEMENTS_MAX = 160, PG_ANSWERS_MAX = 2 * (PG_STEPS_MAX + 4) };

/* The answers that a sent pipeline owes, in order; a prepare's step is -1, a hidden one's -2. */
struct pg_pipeline {
    struct {
        int step;
        const struct pg_statement *statement;
    } answers[PG_ANSWERS_MAX];
    unsigned count, at;
    int rc;
    bool keep_transaction;
    struct pg_results results;
};

struct pg_connection {
    const struct pg_connection_options *options; /* Borrowed. */
    const struct pg_connection_events *events;
    uv_loop_t *loop;
    struct pg_conn *pq;
    struct pg_watch *watch; /* On libpq's socket, while it is sure to be open. */
    uv_timer_t timer;       /* To connect again, to have connected, or the call's. */
    struct backoff backoff;
    enum pg_stage stage;
    struct pg_call *call; /* Under way. */
    struct pg_call own;   /* The check and the rollback. */
    struct pg_pipeline pipeline;
    const struct pg_statement *prepared[PG_STATEMENTS_MAX]; /* Named by place. */
    unsigned prepared_count;
    unsigned open;  /* Handles not yet closed. */
    uint64_t epoch; /* Counts its lives. */
    bool kept;      /* Inside a transaction, waiting for its caller. */
    bool doubtful;  /* The commit was not waited for. */
    bool broken;    /* To be dropped at the next turn of the loop. */
};

void pg_connection_init(struct pg_connection *c, const struct pg_connection_options *options,
                        const struct pg_connection_events *events);
void pg_connection_start(struct pg_connection *c, uv_loop_t *loop);

/* Up, and nothing under way or kept. */
bool pg_connection_is_idle(const struct pg_connection *c);
bool pg_connection_is_up(const struct pg_connection *c);

/* Idle, or kept by this caller. Takes the plan; the verdict comes from the loop, also when sending
 * failed. */
void pg_connection_run(struct pg_connection *c, struct pg_call *call);

/* From the loop: a call under way hears ERR_CANCELED from inside this. Then `closed`, later. */
void pg_connection_close(struct pg_connection *c);
