/* Happy path: one transaction: the practice, its device, an audit row. Failure: nothing is kept. */
#include "server/pg/setup.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/err.h"

enum { FINGERPRINT_SIZE = 32 };

static const char put_practice[] =
    "with made as (insert into practice (name, time_zone, log_on_required)"
    "  values ($1::text, $2::text, $3::boolean) on conflict (name) do nothing"
    "  returning practice_id),"
    " noted as (select count(audit_add(practice_id, 'attune-server setup', 'practice.setup', null,"
    "   null)) from made)"
    " select practice_id from made cross join noted"
    " union all select practice_id from practice where name = $1::text";

static const char put_administrator[] =
    "with put as (insert into device (practice_id, fingerprint, role, label)"
    "  values ($1::bigint, decode($2::text, 'hex'), 'administrator', $3::text)"
    "  on conflict (practice_id, fingerprint) do nothing returning practice_id),"
    " noted as (select count(audit_add(practice_id, 'attune-server setup', 'practice.put_device',"
    "   null, null)) from put)"
    " select count from noted";

static const char put_account[] =
    "with put as (insert into account (practice_id, name, password_hash)"
    "  select $1::bigint, $2::text, $3::text where not exists (select from account"
    "   where practice_id = $1::bigint and therapist_id is null) returning account_id),"
    " noted as (select count(audit_add($1::bigint, 'attune-server setup', 'account.add', null,"
    "   jsonb_build_object('account', account_id))) from put)"
    " select count from noted";

static const char reset_account[] =
    "select coalesce((select account_reset(p.practice_id, $2::text, $3::text, 'attune-server')"
    " from practice p where p.name = $1::text), 'account_unknown')";

/* The first value of the first row into `room`. Returns 0, ERR_CONFLICT or ERR_DATABASE. */
static int ask(PGconn *pq, const char *sql, int count, const char *const *values, char *room,
               size_t room_size)
{
    PGresult *r = PQexecParams(pq, sql, count, NULL, values, NULL, NULL, 0);
    int rc = ERR_DATABASE;
    const char *sqlstate = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    if (PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1) {
        (void)snprintf(room, room_size, "%s", PQgetvalue(r, 0, 0));
        rc = 0;
    } else if (sqlstate != NULL && strcmp(sqlstate, "23505") == 0) {
        fprintf(stderr, "setup: another device has that label, or another account that name\n");
        rc = ERR_CONFLICT;
    } else {
        fprintf(stderr, "setup: %s", PQerrorMessage(pq));
    }
    PQclear(r);
    return rc;
}

static int run(PGconn *pq, const char *sql)
{
    PGresult *r = PQexec(pq, sql);
    int rc = PQresultStatus(r) == PGRES_COMMAND_OK ? 0 : ERR_DATABASE;
    PQclear(r);
    return rc;
}

static int put_device(PGconn *pq, const char *practice_id, const uint8_t *fingerprint,
                      const char *label)
{
    char hex[2 * FINGERPRINT_SIZE + 1], count[8];
    for (size_t i = 0; i < FINGERPRINT_SIZE; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", fingerprint[i]);
    }
    const char *const values[] = {practice_id, hex, label};
    return ask(pq, put_administrator, 3, values, count, sizeof count);
}

static int put_first_account(PGconn *pq, const struct setup *s, const char *practice_id)
{
    const char *const values[] = {practice_id, s->account, s->password_hash};
    char count[8] = "";
    int rc = s->account == NULL ? 0 : ask(pq, put_account, 3, values, count, sizeof count);
    if (s->ret_account != NULL) {
        *s->ret_account = rc == 0 && strcmp(count, "1") == 0;
    }
    return rc;
}

static int put_all(PGconn *pq, const struct setup *s, char *practice_id, size_t size)
{
    const char *const values[] = {s->practice, s->time_zone, s->without_log_on ? "f" : "t"};
    char zones[8];
    int rc = ask(pq, "select count(*) from pg_timezone_names where name = $1::text", 1,
                 &s->time_zone, zones, sizeof zones);
    if (rc == 0 && strcmp(zones, "0") == 0) {
        fprintf(stderr, "setup: no such time zone; they are named like Europe/Berlin\n");
        return ERR_FIELD;
    }
    rc = rc == 0 ? ask(pq, put_practice, 3, values, practice_id, size) : rc;
    rc = rc == 0 && s->fingerprint != NULL ? put_device(pq, practice_id, s->fingerprint, s->label)
                                           : rc;
    return rc == 0 ? put_first_account(pq, s, practice_id) : rc;
}

static PGconn *connect_owner(const char *conninfo)
{
    PGconn *pq = PQconnectdb(conninfo);
    if (PQstatus(pq) != CONNECTION_OK) {
        fprintf(stderr, "setup: cannot connect: %s", PQerrorMessage(pq));
        PQfinish(pq);
        return NULL;
    }
    return pq;
}

int setup_password(const char *conninfo, const char *practice, const char *account,
                   const char *password_hash)
{
    const char *const values[] = {practice, account, password_hash};
    char word[24] = "";
    PGconn *pq = connect_owner(conninfo);
    int rc = pq == NULL ? ERR_DATABASE : ask(pq, reset_account, 3, values, word, sizeof word);
    PQfinish(pq);
    return rc != 0 || strcmp(word, "ok") == 0 ? rc : ERR_ACCOUNT_UNKNOWN;
}

int setup_practice(const char *conninfo, const struct setup *setup, int64_t *ret_practice_id)
{
    char practice_id[24];
    PGconn *pq = connect_owner(conninfo);
    if (pq == NULL) {
        return ERR_DATABASE;
    }
    int rc = run(pq, "begin");
    rc = rc == 0 ? put_all(pq, setup, practice_id, sizeof practice_id) : rc;
    rc = rc == 0 ? run(pq, "commit") : rc; /* Otherwise the end of the connection rolls it back. */
    PQfinish(pq);
    if (rc == 0) {
        *ret_practice_id = strtoll(practice_id, NULL, 10);
    }
    return rc;
}
