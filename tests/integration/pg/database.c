/* Happy path: initdb, the server as a child, wait until it answers, roles, migrations.
 * Failure: the program ends and says where; a cluster is never left running. */
#include "tests/integration/pg/database.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/wire/must.h"
#include "server/pg/migrate.h"

enum { SQL_MAX = 4096, PID_UNKNOWN = -1 };

static const char SCRIPT[] = "tests/integration/pg/throw-away";

static pid_t run_script(const char *verb, const char *dir)
{
    (void)fflush(NULL);
    pid_t pid = fork();
    must(pid >= 0);
    if (pid == 0) {
        (void)execl(SCRIPT, SCRIPT, verb, dir, (char *)NULL);
        perror(SCRIPT);
        _exit(127);
    }
    return pid;
}

static void run_script_to_its_end(const char *verb, const char *dir)
{
    int status = 0;
    pid_t pid = waitpid(run_script(verb, dir), &status, 0);
    must(pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void conninfo(char *room, size_t room_size, const struct database *d, const char *role)
{
    int n = snprintf(room, room_size, "host=%s user=%s dbname=attune", d->dir, role);
    must(n > 0 && (size_t)n < room_size);
}

static void run_file(struct database *d, const char *path)
{
    char text[SQL_MAX];
    FILE *file = fopen(path, "re");
    must(file != NULL);
    size_t len = fread(text, 1, sizeof text - 1, file);
    text[len] = '\0';
    (void)fclose(file);
    database_do(d, "%s", text);
}

static void connect_super(struct database *d, const char *dbname)
{
    char where[128];
    (void)snprintf(where, sizeof where, "host=%s user=postgres dbname=%s", d->dir, dbname);
    while (PQping(where) != PQPING_OK) {
        must(waitpid(d->pid, NULL, WNOHANG) == 0); /* It still tries. */
        (void)usleep(20 * 1000);
    }
    d->super = PQconnectdb(where);
    must(PQstatus(d->super) == CONNECTION_OK);
    database_do(d, "set client_min_messages = warning");
}

void database_start(struct database *d)
{
    const char *base = getenv("TMPDIR");
    *d = (struct database){.pid = PID_UNKNOWN};
    int n = snprintf(d->dir, sizeof d->dir, "%s/attune-pg-XXXXXX", base == NULL ? "/tmp" : base);
    must(n > 0 && (size_t)n < sizeof d->dir && mkdtemp(d->dir) != NULL);
    run_script_to_its_end("make", d->dir);
    d->pid = run_script("serve", d->dir);
    connect_super(d, "postgres");
    run_file(d, "sql/roles.sql");
    database_do(d, "create database attune owner attune_owner");
    PQfinish(d->super);
    connect_super(d, "attune");
    conninfo(d->as_server, sizeof d->as_server, d, "attune_server");
    conninfo(d->as_aggregator, sizeof d->as_aggregator, d, "attune_aggregator");
    conninfo(d->as_owner, sizeof d->as_owner, d, "attune_owner");
    conninfo(d->as_super, sizeof d->as_super, d, "postgres");
    must(migrate_run(d->as_owner, "sql") == 0);
}

void database_stop(struct database *d)
{
    PQfinish(d->super);
    must(kill(d->pid, SIGQUIT) == 0); /* Nothing in it is worth a checkpoint. */
    must(waitpid(d->pid, NULL, 0) == d->pid);
    run_script_to_its_end("remove", d->dir);
}

__attribute__((format(printf, 2, 0))) static PGresult *run(struct database *d, const char *format,
                                                           va_list arguments)
{
    char sql[SQL_MAX];
    int n = vsnprintf(sql, sizeof sql, format, arguments);
    must(n > 0 && (size_t)n < sizeof sql);
    PGresult *r = PQexec(d->super, sql);
    ExecStatusType status = PQresultStatus(r);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fprintf(stderr, "%s\n%s", sql, PQerrorMessage(d->super));
        must(status == PGRES_COMMAND_OK);
    }
    return r;
}

void database_do(struct database *d, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PQclear(run(d, format, arguments));
    va_end(arguments);
}

int64_t database_number(struct database *d, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PGresult *r = run(d, format, arguments);
    va_end(arguments);
    must(PQntuples(r) == 1);
    int64_t number = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
    PQclear(r);
    return number;
}

void database_cut(struct database *d, const char *role)
{
    database_do(d,
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = '%s'",
                role);
}

void database_practice(struct database *d, struct practice *ret_practice)
{
    struct practice p;
    p.practice_id = database_number(d, "insert into practice (name)"
                                       " select 'practice ' || count(*) from practice"
                                       " returning practice_id");
    const int64_t of = p.practice_id;
    int64_t site = database_number(
        d, "insert into site (practice_id, name) values (%" PRId64 ", 'North') returning site_id",
        of);
    static const char room[] = "insert into room (practice_id, site_id, name)"
                               " values (%" PRId64 ", %" PRId64 ", 'North %d') returning room_id";
    p.room_id = database_number(d, room, of, site, 1);
    p.room_2_id = database_number(d, room, of, site, 2);
    static const char therapist[] =
        "insert into therapist (practice_id, site_id, code, display_name)"
        " values (%" PRId64 ", %" PRId64 ", 't0%d', 'Therapist') returning therapist_id";
    p.therapist_id = database_number(d, therapist, of, site, 1);
    p.therapist_2_id = database_number(d, therapist, of, site, 2);
    static const char client[] = "insert into client (practice_id, client_ref)"
                                 " values (%" PRId64 ", 'c00%d') returning client_id";
    int64_t one = database_number(d, client, of, 1), two = database_number(d, client, of, 2);
    static const char course[] =
        "insert into course (practice_id, client_id, therapist_id)"
        " values (%" PRId64 ", %" PRId64 ", %" PRId64 ") returning course_id";
    p.course_id = database_number(d, course, of, one, p.therapist_id);
    (void)database_number(d, course, of, one, p.therapist_2_id);
    (void)database_number(d, course, of, two, p.therapist_id);
    *ret_practice = p;
}

void id_of(const struct practice *p, int kind, unsigned number, uint8_t ret_id[16])
{
    memset(ret_id, 0, 16);
    for (int i = 0; i < 4; i++) {
        ret_id[3 - i] = (uint8_t)(p->practice_id >> (8 * i));
        ret_id[15 - i] = (uint8_t)(number >> (8 * i));
    }
    ret_id[7] = (uint8_t)kind;
}

static void uuid_text(const struct practice *p, int kind, unsigned number, char ret_text[33])
{
    uint8_t id[16];
    id_of(p, kind, number, id);
    for (int i = 0; i < 16; i++) {
        (void)snprintf(ret_text + 2 * i, 3, "%02x", id[i]);
    }
}

void database_ticket(struct database *d, const struct practice *p, unsigned number)
{
    char session[33], ticket[33];
    uuid_text(p, ID_SESSION, number, session);
    uuid_text(p, ID_TICKET, number, ticket);
    database_do(d,
                "insert into session (practice_id, session_id, course_id, therapist_id, room_id,"
                " site_id, start_at, planned_end, colour, symbol) values (%" PRId64
                ", '%s', %" PRId64 ", %" PRId64 ", %" PRId64
                ", (select site_id from room where practice_id = %" PRId64 " and room_id = %" PRId64
                "), now() + interval '%u seconds',"
                " now() + interval '50 minutes', 1, 1)",
                p->practice_id, session, p->course_id, p->therapist_id, p->room_id, p->practice_id,
                p->room_id, number);
    database_do(d,
                "insert into ticket select practice_id, '%s', session_id, course_id, therapist_id,"
                " start_at, planned_end from session where practice_id = %" PRId64
                " and session_id = '%s'",
                ticket, p->practice_id, session);
}
