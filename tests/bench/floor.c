/* attune-floor: what the database alone can do, for the benchmarks to stand beside.
 *
 *     attune-floor insert  CONNINFO SEED FIRST COUNT BATCH SECONDS
 *         the server's own statement, one connection, no TLS: ratings a second
 *     attune-floor commits CONNINFO SECONDS RATE
 *         two durable commits in a row into a table of one column: milliseconds for both
 *
 * Happy path: a line "floor …" at the end. Failure: said, exit 1. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/pg/store.h"
#include "tests/support/load/plan.h"

enum { SAMPLES_MAX = 1000000, PRACTICE = 1 };

struct floor {
    uv_loop_t loop;
    struct store store;
    struct store_call call;
    struct plan plan;
    uint32_t batch, taken, stored;
    uint64_t start, end, last;
    bool running;
    struct store_rating *rows;
    const struct store_rating **pointers;
};

static void fill(struct floor *f, uint32_t i, uint32_t number)
{
    struct store_rating *row = &f->rows[i];
    *row = (struct store_rating){.practice_id = PRACTICE, .scores = {95, 95, 95, 95}};
    plan_rating_id(&f->plan, number, row->rating_id);
    plan_ticket_id(&f->plan, number, row->ticket_id);
    row->talk = STORE_TALK_NOW;
    row->made_at = INT64_C(1700000000000);
    row->instrument = "attune-adult-en/1";
    f->pointers[i] = row;
}

static void on_store_closed(struct store *s)
{
    (void)s; /* The loop has nothing left and ends. */
}

static void next_batch(struct floor *f);

static void on_inserted(struct store_call *call, int rc, const enum store_fate *fates, size_t count)
{
    struct floor *f = container_of(call, struct floor, call);
    (void)fates;
    if (rc != 0) {
        fprintf(stderr, "attune-floor: %s\n", err_text(rc));
        exit(1);
    }
    f->stored += (uint32_t)count;
    f->last = uv_hrtime();
    next_batch(f);
}

static void next_batch(struct floor *f)
{
    uint32_t left = f->plan.count - f->taken;
    uint32_t count = left < f->batch ? left : f->batch;
    if (count == 0 || uv_hrtime() >= f->end) {
        store_close(&f->store, on_store_closed);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        fill(f, i, f->plan.first + f->taken + i);
    }
    f->taken += count;
    int rc = store_ratings_insert(&f->store, &f->call, f->pointers, count, on_inserted);
    must(rc == 0);
}

static void on_wake(struct store *s, unsigned wakes)
{
    (void)s;
    (void)wakes;
}

static void on_state(struct store *s, unsigned up, unsigned wanted)
{
    struct floor *f = container_of(s, struct floor, store);
    if (up == wanted && !f->running) {
        f->running = true;
        f->start = uv_hrtime();
        f->end += f->start;
        next_batch(f);
    }
}

static int insert(char **words)
{
    struct floor *f = calloc(1, sizeof *f);
    must(f != NULL);
    f->plan.seed = strtoull(words[1], NULL, 10);
    f->plan.first = (uint32_t)strtoul(words[2], NULL, 10);
    f->plan.count = (uint32_t)strtoul(words[3], NULL, 10);
    f->batch = (uint32_t)strtoul(words[4], NULL, 10);
    f->end = (uint64_t)(strtod(words[5], NULL) * 1e9);
    f->rows = calloc(f->batch, sizeof *f->rows);
    f->pointers = calloc(f->batch, sizeof(const struct store_rating *));
    must(f->rows != NULL && f->pointers != NULL);
    struct store_options options = {.conninfo = words[0],
                                    .application = "attune-floor",
                                    .connections = 1,
                                    .calls_max = 16,
                                    .call_ms_max = 60000,
                                    .poll_ms = 3000};
    int rc = uv_loop_init(&f->loop);
    must(rc == 0);
    store_init(&f->store, &options, on_wake, on_state);
    store_start(&f->store, &f->loop);
    (void)uv_run(&f->loop, UV_RUN_DEFAULT); /* Until nothing is left. */
    printf("floor stored=%" PRIu32 " per_s=%.0f\n", f->stored,
           f->stored / ((double)(f->last - f->start) / 1e9));
    free(f->rows);
    free(f->pointers);
    free(f);
    return 0;
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void command(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        fprintf(stderr, "attune-floor: %s", PQerrorMessage(connection));
        exit(1);
    }
    PQclear(result);
}

static int commits(char **words)
{
    double *ms = calloc(SAMPLES_MAX, sizeof *ms);
    PGconn *connection = PQconnectdb(words[0]);
    must(ms != NULL && connection != NULL);
    command(connection, "set client_min_messages = warning");
    command(connection, "create table if not exists bench_scratch (n int not null)");
    command(connection, "prepare one as insert into bench_scratch values (1)");
    uint64_t end = uv_hrtime() + (uint64_t)(strtod(words[1], NULL) * 1e9);
    size_t count = 0;
    double rate = strtod(words[2], NULL);
    while (uv_hrtime() < end && count < SAMPLES_MAX) {
        if (rate > 0) {
            uv_sleep((unsigned)(1000 / rate));
        }
        uint64_t start = uv_hrtime();
        command(connection, "execute one");
        command(connection, "execute one");
        ms[count++] = (double)(uv_hrtime() - start) / 1e6;
    }
    qsort(ms, count, sizeof *ms, by_size);
    printf("floor count=%zu p50_ms=%.3f p99_ms=%.3f\n", count, ms[count / 2], ms[count * 99 / 100]);
    command(connection, "drop table bench_scratch");
    PQfinish(connection);
    free(ms);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 8 && strcmp(argv[1], "insert") == 0) {
        return insert(argv + 2);
    }
    if (argc == 5 && strcmp(argv[1], "commits") == 0) {
        return commits(argv + 2);
    }
    fputs("attune-floor insert CONNINFO SEED FIRST COUNT BATCH SECONDS | commits CONNINFO SECONDS "
          "RATE\n",
          stderr);
    return 2;
}
