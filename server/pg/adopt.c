/* Happy path: for each client whose reference is no token: a row in the keys database, the one that
 * there is if a run before this one made it; then, in one transaction of the main database, each
 * text sealed and the token in the pseudonym's place.
 * Failure: the first fault ends it. What was committed is whole, the rest as it was. What
 * PostgreSQL says is shown, but for a row's values: they are a client's. */
#include "server/pg/adopt.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "proto/wire/err.h"
#include "proto/wire/failpoint.h"
#include "proto/wire/must.h"

enum { TOKEN_HEX = 2 * ADOPT_TOKEN, SECRET_HEX = 2 * ADOPT_SECRET, VALUES_MAX = 4 };

struct adopting {
    const struct adopt *adopt;
    PGconn *main, *keys;
    struct adopt_counts *counts;
    bool again; /* Not the first look at all of them: what has moved was moved now. */
    const char *practice_id, *client_id, *client_ref; /* Of the client under way. */
    char token_hex[TOKEN_HEX + 1];
    uint8_t token[ADOPT_TOKEN], secret[ADOPT_SECRET];
};

/* $1 practice, $2 client: the row's key, its id as 32 hexadecimal digits, the words. And the words'
 * new text, $3, for the row $2. */
static const struct {
    const char *read, *write;
} kinds[ADOPT_KINDS] = {
    [ADOPT_GOALS] = {"select g.goal_id, replace(g.goal_id::text, '-', ''), g.words from goal g"
                     " join course c on c.practice_id = g.practice_id and c.course_id = g.course_id"
                     " where c.practice_id = $1::bigint and c.client_id = $2::bigint"
                     "  and g.words <> '-'",
                     "update goal set words = $3::text where practice_id = $1::bigint"
                     " and goal_id = $2::uuid"},
    [ADOPT_REASONS] =
        {"select r.opened_rating, replace(r.opened_rating::text, '-', ''), r.reason from rupture r"
         " join course c on c.practice_id = r.practice_id and c.course_id = r.course_id"
         " where c.practice_id = $1::bigint and c.client_id = $2::bigint and r.reason <> '-'",
         "update rupture set reason = $3::text where practice_id = $1::bigint"
         " and opened_rating = $2::uuid"},
    [ADOPT_GLASSES] =
        {"select b.glass_id, repeat('0', 32), b.reason from break_glass b"
         " join course c on c.practice_id = b.practice_id and c.course_id = b.course_id"
         " where c.practice_id = $1::bigint and c.client_id = $2::bigint and b.reason <> '-'",
         "update break_glass set reason = $3::text where practice_id = $1::bigint"
         " and glass_id = $2::uuid"},
    [ADOPT_HOLDS] = {"select h.hold_id, repeat('0', 32), h.because from legal_hold h"
                     " where h.practice_id = $1::bigint and h.client_id = $2::bigint"
                     "  and h.because <> '-'",
                     "update legal_hold set because = $3::text where practice_id = $1::bigint"
                     " and hold_id = $2::bigint"},
};

/* ---- small things ---------------------------------------------------------------------------- */

static int complain(const PGconn *pq, const PGresult *r)
{
    const char *said = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    fprintf(stderr, "keys adopt: %s\n", said != NULL ? said : PQerrorMessage(pq));
    return ERR_DATABASE;
}

/* NULL, after saying what is wrong; else to be cleared. */
static PGresult *ask(PGconn *pq, const char *sql, int count, const char *const *values)
{
    PGresult *r = PQexecParams(pq, sql, count, NULL, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        return r;
    }
    (void)complain(pq, r);
    PQclear(r);
    return NULL;
}

static int tell(PGconn *pq, const char *sql, int count, const char *const *values)
{
    PGresult *r = ask(pq, sql, count, values);
    PQclear(r);
    return r != NULL ? 0 : ERR_DATABASE;
}

static void from_hex(const char *hex, uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const char pair[] = {hex[2 * i], hex[2 * i + 1], '\0'};
        bytes[i] = (uint8_t)strtoul(pair, NULL, 16); /* PostgreSQL wrote it. */
    }
}

static void random_hex(char *hex, size_t len)
{
    uint8_t byte;
    for (size_t i = 0; i < len; i++) {
        must(RAND_bytes(&byte, 1) == 1);
        (void)snprintf(hex + 2 * i, 3, "%02x", byte);
    }
}

/* ---- one client ------------------------------------------------------------------------------ */

/* 32 hexadecimal digits may be a practice's own: a token is one that the keys database knows, or
 * has known. */
static int is_token(struct adopting *g, bool *ret_is)
{
    const char *const values[] = {g->practice_id, g->client_ref};
    *ret_is = false;
    if (strlen(g->client_ref) != TOKEN_HEX ||
        strspn(g->client_ref, "0123456789abcdef") != TOKEN_HEX) {
        return 0;
    }
    PGresult *r = ask(g->keys,
                      "select exists (select from client_key k where k.practice_id = $1::bigint"
                      "  and k.token = $2::uuid) or exists (select from client_erased e"
                      "  where e.practice_id = $1::bigint"
                      "  and e.token_hash = sha256(uuid_send($2::uuid)))",
                      2, values);
    *ret_is = r != NULL && strcmp(PQgetvalue(r, 0, 0), "t") == 0;
    PQclear(r);
    return r != NULL ? 0 : ERR_DATABASE;
}

static int make_key(struct adopting *g)
{
    char token[TOKEN_HEX + 1], secret[SECRET_HEX + 1];
    const char *const values[] = {g->practice_id, g->client_ref, token, secret};
    random_hex(token, ADOPT_TOKEN);
    random_hex(secret, ADOPT_SECRET);
    PGresult *r = ask(g->keys,
                      "select replace(token::text, '-', ''), encode(secret, 'hex') from"
                      " client_key_put($1::bigint, $2::text, $3::uuid, decode($4::text, 'hex'))",
                      4, values);
    OPENSSL_cleanse(secret, sizeof secret);
    if (r == NULL || PQntuples(r) != 1) {
        PQclear(r);
        return ERR_DATABASE;
    }
    (void)snprintf(g->token_hex, sizeof g->token_hex, "%s", PQgetvalue(r, 0, 0));
    from_hex(g->token_hex, g->token, ADOPT_TOKEN);
    from_hex(PQgetvalue(r, 0, 1), g->secret, ADOPT_SECRET);
    OPENSSL_cleanse(PQgetvalue(r, 0, 1), SECRET_HEX);
    PQclear(r);
    return 0;
}

static int seal_kind(struct adopting *g, enum adopt_kind kind)
{
    const char *const client[] = {g->practice_id, g->client_id};
    PGresult *r = ask(g->main, kinds[kind].read, 2, client);
    int rc = r != NULL ? 0 : ERR_DATABASE;
    for (int i = 0; rc == 0 && i < PQntuples(r); i++) {
        uint8_t id[ADOPT_ID];
        char text[ADOPT_TEXT_ROOM];
        const char *words = PQgetvalue(r, i, 2);
        const char *const values[] = {g->practice_id, PQgetvalue(r, i, 0), text};
        if (strlen(words) > g->adopt->words_max) {
            fprintf(stderr, "keys adopt: a text of client %s is longer than %zu bytes\n",
                    g->client_id, g->adopt->words_max);
            rc = ERR_CONFIG;
            break;
        }
        from_hex(PQgetvalue(r, i, 1), id, ADOPT_ID);
        g->adopt->seal(g->secret, g->token, id, words, text);
        rc = tell(g->main, kinds[kind].write, 3, values);
        g->counts->texts[kind] += rc == 0;
    }
    PQclear(r);
    return rc;
}

/* False: somebody has the token already: a server with keys added that pseudonym anew. */
static int put_token(struct adopting *g)
{
    const char *const values[] = {g->practice_id, g->client_id, g->token_hex};
    PGresult *r = PQexecParams(g->main,
                               "with put as (update client set client_ref = $3::text"
                               "  where practice_id = $1::bigint and client_id = $2::bigint"
                               "  returning 1) select audit_add($1::bigint, 'attune-server keys"
                               " adopt', 'client.adopt', array[$2::bigint], null) from put",
                               3, NULL, values, NULL, NULL, 0);
    const char *sqlstate = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    int rc = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1 ? 0 : ERR_DATABASE;
    if (sqlstate != NULL && strcmp(sqlstate, "23505") == 0) {
        fprintf(stderr,
                "keys adopt: client %s of practice %s was added once more by a server with a "
                "keys database: erase that one, then again\n",
                g->client_id, g->practice_id);
        rc = ERR_CONFIG;
    } else if (rc != 0) {
        rc = complain(g->main, r);
    }
    PQclear(r);
    return rc;
}

static int move_client(struct adopting *g)
{
    struct adopt_counts before = *g->counts;
    int rc = make_key(g);
    rc = rc == 0 ? failpoint(FAILPOINT_adopt_key_made) : rc;
    rc = rc == 0 ? tell(g->main, "begin", 0, NULL) : rc;
    for (int kind = 0; rc == 0 && kind < ADOPT_KINDS; kind++) {
        rc = seal_kind(g, (enum adopt_kind)kind);
    }
    rc = rc == 0 ? put_token(g) : rc;
    rc = rc == 0 ? failpoint(FAILPOINT_adopt_before_commit) : rc;
    rc = rc == 0 ? tell(g->main, "commit", 0, NULL) : rc;
    OPENSSL_cleanse(g->secret, sizeof g->secret);
    if (rc != 0) {
        *g->counts = before; /* The end of the connection rolls it back. */
        return rc;
    }
    g->counts->clients++;
    return failpoint(FAILPOINT_adopt_committed);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static int move_all(struct adopting *g)
{
    PGresult *r = ask(
        g->main, "select practice_id, client_id, client_ref from client order by 1, 2", 0, NULL);
    int rc = r != NULL ? 0 : ERR_DATABASE;
    for (int i = 0; rc == 0 && i < PQntuples(r); i++) {
        bool moved = false;
        g->practice_id = PQgetvalue(r, i, 0);
        g->client_id = PQgetvalue(r, i, 1);
        g->client_ref = PQgetvalue(r, i, 2);
        rc = is_token(g, &moved);
        g->counts->before += moved && !g->again;
        rc = rc == 0 && !moved ? move_client(g) : rc;
    }
    PQclear(r);
    return rc;
}

/* Whoever serves now would add pseudonyms behind us. */
static int nobody_serves(PGconn *pq)
{
    PGresult *r = ask(pq,
                      "select count(*) from pg_stat_activity where datname = current_database()"
                      " and usename = 'attune_server'",
                      0, NULL);
    int rc = r != NULL ? 0 : ERR_DATABASE;
    if (rc == 0 && strcmp(PQgetvalue(r, 0, 0), "0") != 0) {
        fprintf(stderr, "keys adopt: an attune-server is connected: stop all of them first\n");
        rc = ERR_CONFIG;
    }
    PQclear(r);
    return rc;
}

/* Old versions of rows, and what `analyze` noted of their values, go with the old files. */
static int write_anew(PGconn *pq)
{
    static const char *const tables[] = {"client", "goal", "rupture", "break_glass", "legal_hold"};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof tables / sizeof tables[0]; i++) {
        char sql[64];
        (void)snprintf(sql, sizeof sql, "vacuum (full, analyze) %s", tables[i]);
        rc = tell(pq, sql, 0, NULL);
    }
    return rc;
}

/* A server may come back meanwhile, and go: it ends when nobody served and nobody was left, and if
 * nobody serves then. */
static int move_until_none_is_left(struct adopting *g)
{
    int rc = 0;
    for (bool done = false; rc == 0 && !done; g->again = true) {
        unsigned moved = g->counts->clients;
        rc = nobody_serves(g->main);
        rc = rc == 0 ? move_all(g) : rc;
        done = g->again && g->counts->clients == moved;
        rc = rc == 0 && !done ? write_anew(g->main) : rc;
    }
    return rc == 0 ? nobody_serves(g->main) : rc;
}

static PGconn *connect_to(const char *conninfo)
{
    PGconn *pq = PQconnectdb(conninfo);
    if (PQstatus(pq) != CONNECTION_OK) {
        fprintf(stderr, "keys adopt: cannot connect: %s", PQerrorMessage(pq));
        PQfinish(pq);
        return NULL;
    }
    return pq;
}

int adopt_run(const struct adopt *a, struct adopt_counts *ret_counts)
{
    struct adopting g = {.adopt = a, .counts = ret_counts};
    *ret_counts = (struct adopt_counts){.clients = 0};
    g.main = connect_to(a->main_owner);
    g.keys = g.main != NULL ? connect_to(a->keys_owner) : NULL;
    /* Two of these come one after the other. */
    int rc =
        g.keys != NULL ? tell(g.main, "select pg_advisory_lock(4716, 2)", 0, NULL) : ERR_DATABASE;
    rc = rc == 0 ? move_until_none_is_left(&g) : rc;
    PQfinish(g.keys);
    PQfinish(g.main);
    return rc;
}
