/* Happy path: connect by PQconnectPoll, check, up; a call's plan goes into libpq at once, the
 * socket's events bring its answers, the sync its verdict. Failure: whatever goes wrong, the
 * connection is dropped, a call under way hears ERR_DATABASE, and after a delay with jitter it is
 * made anew. A plan that failed inside a transaction of its own is rolled back.
 *
 * libpq may close its socket inside PQconnectPoll, PQfinish and any call that reads; libuv aborts,
 * or goes silent, when it still watches such a number. So the watch ends before the first two, and
 * at once when any of the others fails. */
#include "server/pg/conn.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/base/log.h"
#include "server/pg/pipeline.h"
#include "server/pg/rows.h"
#include "server/pg/schema.h"

static const char TAG[] = "database";

struct pg_watch {
    uv_poll_t poll;
    struct pg_connection *connection;
    int fd, events;
};

static const struct pg_statement rollback = {.sql = "rollback", .once = true};

static void on_timer(uv_timer_t *timer);
static void on_poll(uv_poll_t *poll, int status, int events);

static uint32_t random_bits(void)
{
    uint32_t bits = 0;
    ssize_t n = getrandom(&bits, sizeof bits, GRND_NONBLOCK);
    (void)n; /* Early in boot there may be none: then without jitter. */
    return bits;
}

static void on_handle_closed(struct pg_connection *c)
{
    if (--c->open == 0) {
        c->events->closed(c);
    }
}

static void on_watch_closed(uv_handle_t *handle)
{
    struct pg_watch *w = handle->data;
    struct pg_connection *c = w->connection;
    free(w);
    on_handle_closed(c);
}

/* While libpq's socket is sure to be open, or at once after it may have been closed. */
static void unwatch(struct pg_connection *c)
{
    if (c->watch != NULL) {
        int rc = uv_poll_stop(&c->watch->poll);
        must(rc == 0);
        uv_close((uv_handle_t *)&c->watch->poll, on_watch_closed);
        c->watch = NULL;
    }
}

/* Returns 0 or ERR_DATABASE. */
static int watch(struct pg_connection *c, int events)
{
    if (c->watch == NULL) {
        struct pg_watch *w = malloc(sizeof *w);
        must(w != NULL);
        *w = (struct pg_watch){.connection = c, .fd = PQsocket(c->pq)};
        if (w->fd < 0 || uv_poll_init(c->loop, &w->poll, w->fd) != 0) {
            free(w);
            return ERR_DATABASE;
        }
        w->poll.data = w;
        c->watch = w;
        c->open++;
    }
    if (c->watch->events == events) {
        return 0; /* libuv would take the socket out and put it back. */
    }
    c->watch->events = events;
    return uv_poll_start(&c->watch->poll, events, on_poll) == 0 ? 0 : ERR_DATABASE;
}

static void set_timer(struct pg_connection *c, uint64_t ms)
{
    int rc = uv_timer_start(&c->timer, on_timer, ms, 0);
    must(rc == 0);
}

static void stop_timer(struct pg_connection *c)
{
    int rc = uv_timer_stop(&c->timer);
    must(rc == 0);
}

/* Last touch of the call; the results are ours until it returns. */
static void tell(struct pg_connection *c, struct pg_call *call, int rc)
{
    struct pg_results results = c->pipeline.results;
    memset(&c->pipeline.results, 0, sizeof c->pipeline.results);
    results.connection = c;
    results.epoch = c->epoch;
    call->cb(call, rc, &results);
    pg_results_clear(&results);
}

static void disconnect(struct pg_connection *c)
{
    unwatch(c);
    PQfinish(c->pq); /* NULL is fine. */
    c->pq = NULL;
    c->prepared_count = 0;
    c->kept = c->doubtful = c->broken = false;
}

/* Also the way out of every failure. `why` is for the log, and has no value of any row. */
static void drop(struct pg_connection *c, const char *why)
{
    bool was_up = c->stage == PG_UP || c->stage == PG_MENDING;
    struct pg_call *call = c->call;
    disconnect(c);
    c->call = NULL;
    c->stage = PG_WAITING;
    uint32_t delay = backoff_next(&c->backoff, random_bits());
    set_timer(c, delay);
    log_line(LOG_LEVEL_WARNING, TAG, "%s; next try in %u ms", why, (unsigned)delay);
    if (was_up) {
        c->events->down(c);
    }
    if (call == NULL || call == &c->own) {
        pg_results_clear(&c->pipeline.results);
        return;
    }
    tell(c, call, ERR_DATABASE);
}

/* From inside somebody's call: nobody may be told before the next turn of the loop. */
static void drop_later(struct pg_connection *c)
{
    unwatch(c);
    c->broken = true;
    set_timer(c, 0);
}

/* Returns 0 or ERR_DATABASE. */
static int flush(struct pg_connection *c)
{
    int left = PQflush(c->pq);
    if (left < 0 || PQstatus(c->pq) == CONNECTION_BAD || PQsocket(c->pq) != c->watch->fd) {
        return ERR_DATABASE;
    }
    return watch(c, left > 0 ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

static void run(struct pg_connection *c, struct pg_call *call)
{
    c->call = call;
    c->kept = false;
    int rc = pg_pipeline_send(c, call->plan);
    pg_plan_free(call->plan);
    call->plan = NULL;
    if (rc != 0 || flush(c) != 0) {
        drop_later(c);
        return;
    }
    set_timer(c, c->options->call_ms_max);
}

static void run_own(struct pg_connection *c, const struct pg_statement *statement,
                    enum pg_stage stage)
{
    c->stage = stage;
    c->own = (struct pg_call){.plan = pg_plan_new()};
    (void)pg_plan_add(c->own.plan, statement); /* It has no parameters. */
    run(c, &c->own);
}

/* Happy path of a new connection: the check came back. */
static void on_checked(struct pg_connection *c)
{
    struct pg_pipeline *p = &c->pipeline;
    const char *objection =
        p->rc == 0 ? schema_objection(p->results.step[0], c->options->schema_number)
        : strcmp(p->results.sqlstate, "42P01") == 0 || strcmp(p->results.sqlstate, "42501") == 0
            ? "there is no schema: run `attune-server migrate`"
            : "the connection's check failed";
    pg_results_clear(&p->results);
    if (objection != NULL) {
        drop(c, objection);
        return;
    }
    c->stage = PG_UP;
    log_line(LOG_LEVEL_INFO, TAG, "connected");
    c->events->up(c);
}

/* What can only be a fault of the connection or the server, or would stay wrong on this connection.
 */
static bool should_drop(const char *sqlstate)
{
    static const char *const kept[] = {"22", "23", "40", "42", "53", "55", "P0", "AT"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (strncmp(sqlstate, kept[i], 2) == 0) {
            return false;
        }
    }
    return true;
}

/* A call's sync came: the verdict, then the next call. */
static void on_call_done(struct pg_connection *c)
{
    struct pg_pipeline *p = &c->pipeline;
    struct pg_call *call = c->call;
    PGTransactionStatusType transaction = PQtransactionStatus(c->pq);
    if (c->doubtful) {
        drop(c, "a commit did not wait for the standby: not acknowledged");
        return;
    }
    if (p->rc != 0) {
        if (p->rc != ERR_RATING_REFUSED &&
            p->rc != ERR_RIGHT_ENDED) { /* That is for the operation to explain. */
            log_line(LOG_LEVEL_WARNING, TAG, "a call failed, SQLSTATE %s", p->results.sqlstate);
        }
        if (should_drop(p->results.sqlstate)) {
            drop(c, "the server failed");
            return;
        }
    } else {
        backoff_reset(&c->backoff);
    }
    c->call = NULL;
    c->kept = p->rc == 0 && transaction == PQTRANS_INTRANS && p->keep_transaction;
    int rc = p->rc;
    bool mend = transaction != PQTRANS_IDLE && !c->kept;
    if (mend) {
        c->stage = PG_MENDING; /* Not to be used by what the verdict leads to. */
    }
    tell(c, call, rc);
    if (mend && c->stage == PG_MENDING) {
        run_own(c, &rollback, PG_MENDING);
    } else if (pg_connection_is_idle(c)) {
        c->events->idle(c);
    }
}

static void on_mended(struct pg_connection *c)
{
    int rc = c->pipeline.rc;
    pg_results_clear(&c->pipeline.results);
    if (rc != 0) {
        drop(c, "a rollback failed");
        return;
    }
    c->stage = PG_UP;
    c->events->idle(c);
}

static void on_done(struct pg_connection *c)
{
    stop_timer(c);
    if (c->call != &c->own) {
        on_call_done(c);
        return;
    }
    c->call = NULL;
    if (c->stage == PG_CHECKING) {
        on_checked(c);
    } else {
        on_mended(c);
    }
}

/* A warning beside a call is a doubt about its commit: "canceling wait for synchronous replication"
 * has SQLSTATE 01000, and its text may be translated. Others of that class would be ours to remove.
 */
static void on_notice(void *argument, const PGresult *notice)
{
    struct pg_connection *c = argument;
    const char *sqlstate = PQresultErrorField(notice, PG_DIAG_SQLSTATE);
    if (c->call != NULL && c->call != &c->own && sqlstate != NULL &&
        strcmp(sqlstate, "01000") == 0) {
        c->doubtful = true;
    }
}

static void on_connected(struct pg_connection *c)
{
    (void)PQsetNoticeReceiver(c->pq, on_notice, c); /* Returns the former one. */
    if (PQsetnonblocking(c->pq, 1) != 0 || PQenterPipelineMode(c->pq) != 1 ||
        watch(c, UV_READABLE) != 0) {
        drop(c, "the connection cannot be set up");
        return;
    }
    c->epoch++;
    run_own(c, &schema_check, PG_CHECKING);
}

/* What the server says before it knows us has no values of rows in it. */
static void drop_refused(struct pg_connection *c)
{
    char why[300];
    size_t len = strcspn(PQerrorMessage(c->pq), "\n");
    (void)snprintf(why, sizeof why, "cannot connect: %.*s", (int)(len < 250 ? len : 250),
                   PQerrorMessage(c->pq));
    drop(c, why);
}

static void go_on_connecting(struct pg_connection *c)
{
    unwatch(c); /* PQconnectPoll may close the socket and open another, even of the same number. */
    switch (PQconnectPoll(c->pq)) {
    case PGRES_POLLING_READING:
        if (watch(c, UV_READABLE) == 0) {
            return;
        }
        break;
    case PGRES_POLLING_WRITING:
        if (watch(c, UV_WRITABLE) == 0) {
            return;
        }
        break;
    case PGRES_POLLING_OK:
        on_connected(c);
        return;
    default:
        break;
    }
    drop_refused(c);
}

static void take_notifications(struct pg_connection *c)
{
    for (;;) {
        PGnotify *n = PQnotifies(c->pq);
        if (n == NULL) {
            return;
        }
        if (c->events->notified != NULL) {
            c->events->notified(c, n->relname);
        }
        PQfreemem(n);
    }
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct pg_connection *c = container_of(poll, struct pg_watch, poll)->connection;
    if (c->stage == PG_CONNECTING) {
        go_on_connecting(c);
        return;
    }
    if (status < 0 || ((events & UV_READABLE) != 0 && PQconsumeInput(c->pq) == 0) ||
        flush(c) != 0) {
        drop(c, "the connection was lost");
        return;
    }
    take_notifications(c);
    if (c->call != NULL) {
        enum pg_progress progress = pg_pipeline_read(c);
        if (progress == PG_PROGRESS_BROKEN) {
            drop(c, "the connection was lost within a call");
            return;
        }
        if (progress == PG_PROGRESS_DONE) {
            on_done(c);
        }
    }
    if (c->stage == PG_UP && c->events->notified != NULL) {
        c->events->notified(c, NULL);
    }
}

/* What stands before `dbname` may be overridden by the conninfo in it; what stands after may not.
 */
static void start_connecting(struct pg_connection *c)
{
    const char *const keywords[] = {"target_session_attrs",
                                    "keepalives_idle",
                                    "keepalives_interval",
                                    "keepalives_count",
                                    "tcp_user_timeout",
                                    "fallback_application_name",
                                    "dbname",
                                    "client_encoding",
                                    NULL};
    const char *const values[] = {
        "read-write",         "10",   "5", "3", "15000", c->options->application,
        c->options->conninfo, "UTF8", NULL};
    c->stage = PG_CONNECTING;
    c->pq = PQconnectStartParams(keywords, values, 1);
    must(c->pq != NULL); /* Out of memory. */
    set_timer(c, c->options->connect_ms_max);
    if (PQstatus(c->pq) == CONNECTION_BAD || watch(c, UV_WRITABLE) != 0) {
        drop_refused(c);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct pg_connection *c = container_of(timer, struct pg_connection, timer);
    if (c->stage == PG_WAITING) {
        start_connecting(c);
    } else if (c->broken) {
        drop(c, "the connection was lost while sending");
    } else if (c->stage == PG_CONNECTING) {
        drop(c, "no connection in time");
    } else {
        drop(c, "no answer in time");
    }
}

static void on_timer_closed(uv_handle_t *handle)
{
    on_handle_closed(container_of((uv_timer_t *)handle, struct pg_connection, timer));
}

void pg_connection_init(struct pg_connection *c, const struct pg_connection_options *options,
                        const struct pg_connection_events *events)
{
    *c = (struct pg_connection){.options = options, .events = events};
    backoff_init(&c->backoff, options->reconnect_ms_min, options->reconnect_ms_max);
}

void pg_connection_start(struct pg_connection *c, uv_loop_t *loop)
{
    must(c->stage == PG_NEW);
    c->loop = loop;
    int rc = uv_timer_init(loop, &c->timer);
    must(rc == 0);
    c->open++;
    c->stage = PG_WAITING;
    set_timer(c, 0);
}

bool pg_connection_is_up(const struct pg_connection *c)
{
    return (c->stage == PG_UP || c->stage == PG_MENDING) && !c->broken;
}

bool pg_connection_is_idle(const struct pg_connection *c)
{
    return c->stage == PG_UP && c->call == NULL && !c->kept && !c->broken;
}

void pg_connection_run(struct pg_connection *c, struct pg_call *call)
{
    must(c->stage == PG_UP && c->call == NULL && !c->broken);
    run(c, call);
}

void pg_connection_close(struct pg_connection *c)
{
    must(c->stage != PG_NEW && c->stage != PG_CLOSING);
    struct pg_call *call = c->call;
    c->call = NULL;
    disconnect(c);
    c->stage = PG_CLOSING;
    uv_close((uv_handle_t *)&c->timer, on_timer_closed);
    if (call != NULL && call != &c->own) {
        tell(c, call, ERR_CANCELED);
    } else {
        pg_results_clear(&c->pipeline.results);
    }
}
