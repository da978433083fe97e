/* Happy path: lock, read the folder, and for each file in its order: known and unchanged, pass;
 * new, apply it and note it in one transaction. Failure: the first fault ends the run; its
 * transaction is rolled back, earlier files stay applied. What PostgreSQL says is shown: it is
 * about statements of ours, no client's row is in sight. */
#include "server/pg/migrate.h"

#include <dirent.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum { FILE_MAX = 1 << 20, PATH_ROOM = 4096 };

/* NNNN_name.sql */
static int is_migration(const struct dirent *entry)
{
    const char *name = entry->d_name;
    size_t len = strlen(name);
    return strspn(name, "0123456789") == 4 && name[4] == '_' && len > 9 &&
           strcmp(name + len - 4, ".sql") == 0;
}

static int run(PGconn *pq, const char *sql)
{
    PGresult *r = PQexec(pq, sql);
    ExecStatusType status = PQresultStatus(r);
    PQclear(r);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        return 0;
    }
    fprintf(stderr, "migrate: %s", PQerrorMessage(pq));
    return ERR_DATABASE;
}

static int begin(PGconn *pq)
{
    if (PQstatus(pq) != CONNECTION_OK) {
        fprintf(stderr, "migrate: cannot connect: %s", PQerrorMessage(pq));
        return ERR_DATABASE;
    }
    int rc = run(pq, "set client_min_messages = warning");
    rc = rc == 0 ? run(pq, "select pg_advisory_lock(4716, 1)") : rc;
    return rc == 0 ? run(pq, "create table if not exists schema_migration ("
                             " number int primary key, name text not null, sha256 text not null,"
                             " applied_at timestamptz not null default now())")
                   : rc;
}

/* The file's text, NUL-terminated; free it. NULL: it cannot be read, or is too long. */
static char *read_file(const char *dir, const char *name)
{
    char path[PATH_ROOM];
    int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = n > 0 && (size_t)n < sizeof path ? fopen(path, "re") : NULL;
    if (file == NULL) {
        return NULL;
    }
    char *text = malloc(FILE_MAX + 1);
    must(text != NULL);
    size_t len = fread(text, 1, FILE_MAX + 1, file);
    bool good = !ferror(file) && len <= FILE_MAX && memchr(text, '\0', len) == NULL;
    (void)fclose(file); /* It was only read. */
    if (!good) {
        free(text);
        return NULL;
    }
    text[len] = '\0';
    return text;
}

/* One row, or NULL after saying what is wrong. */
static PGresult *ask(PGconn *pq, const char *sql, int count, const char *const *values)
{
    PGresult *r = PQexecParams(pq, sql, count, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1) {
        return r;
    }
    fprintf(stderr, "migrate: %s", PQerrorMessage(pq));
    PQclear(r);
    return NULL;
}

enum known { KNOWN_NOT, KNOWN_SAME, KNOWN_CHANGED, KNOWN_FAILED };

static enum known look_up(PGconn *pq, const char *number, const char *text)
{
    const char *const values[] = {number, text};
    PGresult *r = ask(pq,
                      "select count(*), coalesce(bool_and(sha256 ="
                      " encode(sha256(convert_to($2::text, 'UTF8')), 'hex')), false)"
                      " from schema_migration where number = $1::int",
                      2, values);
    if (r == NULL) {
        return KNOWN_FAILED;
    }
    bool there = strcmp(PQgetvalue(r, 0, 0), "1") == 0;
    bool same = strcmp(PQgetvalue(r, 0, 1), "t") == 0;
    PQclear(r);
    return !there ? KNOWN_NOT : same ? KNOWN_SAME : KNOWN_CHANGED;
}

static int apply(PGconn *pq, const char *number, const char *name, const char *text)
{
    const char *const values[] = {number, name, text};
    int rc = run(pq, "begin");
    rc = rc == 0 ? run(pq, text) : rc;
    PGresult *noted = rc == 0 ? ask(pq,
                                    "insert into schema_migration (number, name, sha256) values"
                                    " ($1::int, $2::text,"
                                    " encode(sha256(convert_to($3::text, 'UTF8')), 'hex'))"
                                    " returning number",
                                    3, values)
                              : NULL;
    PQclear(noted);
    if (noted == NULL) {
        (void)run(pq, "rollback"); /* The fault was said. */
        return ERR_DATABASE;
    }
    return run(pq, "commit");
}

static int one_file(PGconn *pq, const char *dir, const char *name, int place)
{
    char number[5] = {name[0], name[1], name[2], name[3], '\0'};
    if (strtol(number, NULL, 10) != place) { /* Four digits: it cannot overflow. */
        fprintf(stderr, "migrate: %s stands where %04d_….sql is expected: a gap or a double\n",
                name, place);
        return ERR_CONFIG;
    }
    char *text = read_file(dir, name);
    if (text == NULL) {
        fprintf(stderr, "migrate: %s cannot be read\n", name);
        return ERR_CONFIG;
    }
    int rc = 0;
    switch (look_up(pq, number, text)) {
    case KNOWN_SAME:
        printf("%s: was applied before\n", name);
        break;
    case KNOWN_CHANGED:
        fprintf(stderr,
                "migrate: %s was changed after it was applied: put it back, and write the "
                "change as a new file\n",
                name);
        rc = ERR_CONFIG;
        break;
    case KNOWN_NOT:
        rc = apply(pq, number, name, text);
        printf("%s: %s\n", name, rc == 0 ? "applied" : "failed, nothing of it was kept");
        break;
    case KNOWN_FAILED:
        rc = ERR_DATABASE;
    }
    free(text);
    return rc;
}

int migrate_run(const char *conninfo, const char *sql_dir)
{
    struct dirent **entries = NULL;
    int count = scandir(sql_dir, &entries, is_migration, alphasort);
    if (count <= 0) {
        fprintf(stderr, "migrate: no NNNN_….sql in %s: give the folder with --sql\n", sql_dir);
        free(entries);
        return ERR_CONFIG;
    }
    PGconn *pq = PQconnectdb(conninfo);
    int rc = begin(pq);
    for (int i = 0; i < count; i++) {
        rc = rc == 0 ? one_file(pq, sql_dir, entries[i]->d_name, i + 1) : rc;
        free(entries[i]);
    }
    free(entries);
    PQfinish(pq);
    (void)fflush(stdout);
    return rc;
}
