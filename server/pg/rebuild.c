/* Happy path: for each practice, in one transaction: its lock, its roll-ups kept aside, made anew,
 * compared, committed. Failure: said; the practices before it are done, this one is as it was. */
#include "server/pg/rebuild.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/wire/err.h"

static const char practices[] = "select practice_id, name from practice order by name";

static const char lock[] = "select pg_advisory_xact_lock($1::bigint)";
static const char keep[] = "create temporary table kept on commit drop as"
                           " select * from rollup_week where practice_id = $1::bigint";
static const char make[] = "select rollup_rebuild($1::bigint)";
/* The lock comes before what is kept aside, so that both are of the same moment. */
static const char *const steps[] = {lock, keep, make};
static const char compare[] =
    "select count(n.practice_id), count(*) filter (where o is distinct from n)"
    " from (select * from rollup_week where practice_id = $1::bigint) n"
    " full join kept o using (practice_id, week, site_id, therapist_id)";

static PGresult *ask(PGconn *pq, const char *sql, const char *practice_id)
{
    PGresult *r =
        PQexecParams(pq, sql, practice_id == NULL ? 0 : 1, NULL, &practice_id, NULL, NULL, 0);
    if (PQresultStatus(r) != PGRES_TUPLES_OK && PQresultStatus(r) != PGRES_COMMAND_OK) {
        fprintf(stderr, "rebuild: %s", PQerrorMessage(pq));
        PQclear(r);
        return NULL;
    }
    return r;
}

static int run(PGconn *pq, const char *sql, const char *practice_id)
{
    PGresult *r = ask(pq, sql, practice_id);
    PQclear(r);
    return r == NULL ? ERR_DATABASE : 0;
}

static int one(PGconn *pq, const char *practice_id, struct rebuilt *ret_rebuilt)
{
    int rc = run(pq, "begin", NULL);
    for (size_t i = 0; rc == 0 && i < sizeof steps / sizeof steps[0]; i++) {
        rc = run(pq, steps[i], practice_id);
    }
    PGresult *r = rc == 0 ? ask(pq, compare, practice_id) : NULL;
    if (r == NULL) {
        return ERR_DATABASE;
    }
    ret_rebuilt->cells = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
    ret_rebuilt->cells_changed = strtoll(PQgetvalue(r, 0, 1), NULL, 10);
    PQclear(r);
    return run(pq, "commit", NULL);
}

static int all(struct rebuild_run *run, PGconn *pq)
{
    PGresult *r = ask(pq, practices, NULL);
    int rc = r == NULL ? ERR_DATABASE : 0;
    for (int row = 0; rc == 0 && row < PQntuples(r); row++) {
        struct rebuilt rebuilt = {.practice = PQgetvalue(r, row, 1)};
        rc = one(pq, PQgetvalue(r, row, 0), &rebuilt);
        if (rc == 0) {
            run->cb(run, &rebuilt);
        }
    }
    PQclear(r);
    return rc;
}

int rebuild_run(struct rebuild_run *run, const char *conninfo)
{
    PGconn *pq = PQconnectdb(conninfo);
    int rc = ERR_DATABASE;
    if (PQstatus(pq) != CONNECTION_OK) {
        fprintf(stderr, "rebuild: cannot connect: %s", PQerrorMessage(pq));
    } else {
        rc = all(run, pq);
    }
    PQfinish(pq);
    return rc;
}
