/* floor - what PostgreSQL alone can do over one connection: the floor beside which the whole is
 * measured.
 *
 *   floor batches CONNINFO SEED COUNT BATCH   the same batches of ratings through the store,
 * without TLS or frames floor commits CONNINFO SECONDS            two durable commits of one empty
 * row in a row, again and again
 *
 * Prints "floor per_s=…" and "floor p50_ms=… p99_ms=…". */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libpq-fe.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"
#include "server/pg/store.h"

static double now_s(void)
{
    struct timespec t;
    int rc = clock_gettime(CLOCK_MONOTONIC, &t);
    must(rc == 0);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- batches --------------------------------------------------------------------------------- */

struct batches {
    struct store store;
    struct store_call call;
    uv_prepare_t turn;
    struct store_rating *ratings;
    const struct store_rating **rows;
    size_t count, batch, next, stored;
    double started, ended;
    bool busy;
};

static void on_closed(struct store *s)
{
    (void)s;
}

static void on_stored(struct store_call *call, int rc, const enum store_fate *fates, size_t count)
{
    struct batches *b = container_of(call, struct batches, call);
    must(rc == 0);
    for (size_t i = 0; i < count; i++) {
        b->stored += fates[i] == STORE_NEW;
    }
    b->next += count;
    b->busy = false;
}

static void on_turn(uv_prepare_t *prepare)
{
    struct batches *b = container_of(prepare, struct batches, turn);
    if (b->busy || !store_ready(&b->store)) {
        return;
    }
    if (b->started == 0) {
        b->started = now_s();
    }
    if (b->next == b->count) {
        b->ended = now_s();
        (void)uv_prepare_stop(prepare); /* Always 0. */
        uv_close((uv_handle_t *)prepare, NULL);
        store_close(&b->store, on_closed);
        return;
    }
    size_t n = b->count - b->next < b->batch ? b->count - b->next : b->batch;
    int rc = store_ratings_insert(&b->store, &b->call, b->rows + b->next, n, on_stored);
    must(rc == 0);
    b->busy = true;
}

static void on_wake(struct store *s, unsigned wakes)
{
    (void)s;
    (void)wakes;
}

static void on_state(struct store *s, unsigned up, unsigned wanted)
{
    (void)s;
    (void)up;
    (void)wanted;
}

/* As tests/support/load/plan.c: 12 bytes of SHA-256 of "ticket SEED n", then n. */
static void ticket_of(const char *seed, size_t n, uint8_t id[STORE_ID])
{
    char text[80];
    uint8_t hash[SHA256_DIGEST_LENGTH];
    int len = snprintf(text, sizeof text, "ticket %s %zu", seed, n);
    (void)SHA256((const unsigned char *)text, (size_t)len, hash); /* Cannot fail. */
    memcpy(id, hash, 12);
    for (int i = 0; i < 4; i++) {
        id[12 + i] = (uint8_t)(n >> (24 - 8 * i));
    }
}

static void make_rows(struct batches *b, const char *seed)
{
    b->ratings = calloc(b->count, sizeof *b->ratings);
    b->rows = calloc(b->count, sizeof(const struct store_rating *));
    must(b->ratings != NULL && b->rows != NULL);
    for (size_t i = 0; i < b->count; i++) {
        struct store_rating *r = &b->ratings[i];
        *r = (struct store_rating){.practice_id = 1,
                                   .scores = {90, 91, 92, 93},
                                   .made_at = INT64_C(1800000000000),
                                   .instrument = "attune-adult-en/1"};
        must(RAND_bytes(r->rating_id, STORE_ID) == 1);
        ticket_of(seed, i, r->ticket_id);
        b->rows[i] = r;
    }
}

static int batches(const char *conninfo, const char *seed, size_t count, size_t batch)
{
    uv_loop_t loop;
    struct batches *b = calloc(1, sizeof *b);
    must(b != NULL && uv_loop_init(&loop) == 0);
    b->count = count;
    b->batch = batch;
    make_rows(b, seed);
    struct store_options options = {.conninfo = conninfo,
                                    .application = "floor",
                                    .connections = 2,
                                    .calls_max = 16,
                                    .call_ms_max = 60000,
                                    .poll_ms = 60000};
    store_init(&b->store, &options, on_wake, on_state);
    store_start(&b->store, &loop);
    must(uv_prepare_init(&loop, &b->turn) == 0 && uv_prepare_start(&b->turn, on_turn) == 0);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    printf("floor stored=%zu per_s=%.0f\n", b->stored, (double)b->stored / (b->ended - b->started));
    free(b->rows);
    free(b->ratings);
    free(b);
    return 0;
}

/* ---- commits --------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void commit(PGconn *pq)
{
    PGresult *result = PQexecPrepared(pq, "c", 0, NULL, NULL, NULL, 0);
    must(PQresultStatus(result) == PGRES_COMMAND_OK);
    PQclear(result);
}

static int commits(const char *conninfo, double seconds)
{
    enum { SAMPLES_MAX = 1000000 };
    PGconn *pq = PQconnectdb(conninfo);
    must(PQstatus(pq) == CONNECTION_OK);
    PQclear(PQexec(pq, "create table if not exists bench_commit (n bigint)"));
    PQclear(PQprepare(pq, "c", "insert into bench_commit values (1)", 0, NULL));
    double *samples = calloc(SAMPLES_MAX, sizeof *samples), end = now_s() + seconds;
    must(samples != NULL);
    size_t n = 0;
    while (n < SAMPLES_MAX && now_s() < end) {
        double from = now_s();
        commit(pq);
        commit(pq);
        samples[n++] = (now_s() - from) * 1000;
    }
    qsort(samples, n, sizeof *samples, compare);
    printf("floor samples=%zu p50_ms=%.3f p99_ms=%.3f\n", n, samples[n / 2], samples[n * 99 / 100]);
    free(samples);
    PQfinish(pq);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "batches") == 0) {
        return batches(argv[2], argv[3], strtoul(argv[4], NULL, 10), strtoul(argv[5], NULL, 10));
    }
    if (argc == 4 && strcmp(argv[1], "commits") == 0) {
        return commits(argv[2], strtod(argv[3], NULL));
    }
    fputs("floor batches CONNINFO SEED COUNT BATCH | floor commits CONNINFO SECONDS\n", stderr);
    return 2;
}
