/* Happy path: one function's row; by hand, one row more in its table and in the audit. Failure:
 * nothing but the connection's, and a time that is none. */
#include "server/pg/store_resend.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "server/pg/operation.h"

static const struct pg_statement look = {
    .sql = "select place, version, within_ms, before_ms, clock_ms from resend_look($1::text)"};

static void on_looked(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_resend_cb cb = c->cb.resend;
    struct store_resend resend = {.place = ""};
    struct pg_rows rows;
    rc = store_rc(rc, results);
    pg_rows_init(&rows, results->step[0]);
    if (rc == 0 && rows.count == 1) {
        resend.place = pg_text(&rows, 0, 0);
        resend.version = pg_int8(&rows, 0, 1);
        resend.within_ms = pg_int8(&rows, 0, 2);
        resend.before_ms = pg_int8(&rows, 0, 3);
        resend.clock_ms = pg_int8(&rows, 0, 4);
        rc = store_rows_rc(&rows);
    }
    cb(c, rc, rc == 0 ? &resend : NULL);
}

int store_resend_look(struct store *s, struct store_call *c, const char *met, store_resend_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &look);
    pg_put_text(p, met);
    c->cb.resend = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_looked);
}

/* ---- by hand --------------------------------------------------------------------------------- */

static bool is_time(const char *text)
{
    struct tm utc = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M", &utc);
    if (rest != NULL && *rest == ':') {
        rest = strptime(rest, ":%S", &utc);
    }
    return rest != NULL && (*rest == '\0' || strcmp(rest, "Z") == 0);
}

int resend_by_hand(const char *conninfo, const char *since)
{
    if (!is_time(since)) {
        fprintf(stderr, "resend: --since is a time in UTC, like 2026-11-25T10:00\n");
        return ERR_FIELD;
    }
    PGconn *pq = PQconnectdb(conninfo);
    /* Nothing is written but for somebody: here it is the server's own work. */
    PGresult *begun = PQexec(pq, "begin; set local time zone 'UTC'; select scope_server()");
    PGresult *put = PQexecParams(pq,
                                 "with asked as (insert into resend (since, until)"
                                 " select $1::timestamptz, now() where $1::timestamptz < now()"
                                 " returning since) select audit_add(null,"
                                 " 'attune-server resend', 'resend.ask', null,"
                                 " jsonb_build_object('since', since)) from asked",
                                 1, NULL, &since, NULL, NULL, 0);
    PGresult *ended = PQexec(pq, "commit");
    int rc = PQresultStatus(begun) == PGRES_TUPLES_OK && PQresultStatus(put) == PGRES_TUPLES_OK &&
                     PQresultStatus(ended) == PGRES_COMMAND_OK
                 ? 0
                 : ERR_DATABASE;
    if (rc != 0) {
        fprintf(stderr, "resend: %s", PQerrorMessage(pq));
    } else if (strcmp(PQcmdTuples(put), "1") != 0) {
        fprintf(stderr, "resend: --since is yet to come; the database's clock is meant, in UTC\n");
        rc = ERR_FIELD;
    }
    PQclear(begun);
    PQclear(put);
    PQclear(ended);
    PQfinish(pq);
    return rc;
}
