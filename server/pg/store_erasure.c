/* Happy path: a function in the database looks at a client or erases them, and gives a verdict and
 * counts. Failure: any verdict but "ok" has changed nothing. */
#include "server/pg/store_erasure.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "server/pg/operation.h"

static const struct pg_statement look = {
    .sql =
        "select l.verdict, l.sessions from client_erase_look($1::bigint, $2::bytea, $3::text) l"};
static const struct pg_statement erase = {
    .sql = "select e.verdict, e.counts from client_erase_noted($1::bigint, $2::bytea, $3::boolean,"
           " $4::text) e"};
static const struct pg_statement erase_again = {
    .sql = "select a.erased, a.waiting from clients_erase_again($1::bigint[], $2::bytea[],"
           " $3::boolean[], $4::text) a"};
static const struct pg_statement list = {
    .sql = "select practice_id, token_hash, destroyed from client_erased order by 1, 2"};
static const struct pg_statement count_all = {.sql = "select count(*)::int from client_erased"};

static void on_erased(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_erase_cb cb = c->cb.erase;
    struct pg_rows rows;
    uint32_t counts[STORE_ERASE_COUNTS] = {0};
    pg_rows_init(&rows, results->step[0]);
    rc = store_rc_of_row(rc, results, 0, 0);
    if (rc == 0) {
        struct pg_array array = pg_array(&rows, 0, 1, sizeof counts[0]);
        rows.bad = rows.bad || array.count != STORE_ERASE_COUNTS;
        for (size_t i = 0; !rows.bad && i < STORE_ERASE_COUNTS; i++) {
            memcpy(&counts[i], pg_array_at(&array, i), sizeof counts[i]);
            counts[i] = ntohl(counts[i]);
        }
        rc = store_rows_rc(&rows);
    }
    cb(c, rc, counts);
}

static void on_looked(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_counted_cb cb = c->cb.counted;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    rc = store_rc_of_row(rc, results, 0, 0);
    unsigned sessions = rc == 0 ? (unsigned)pg_int4(&rows, 0, 1) : 0;
    rc = rc == 0 ? store_rows_rc(&rows) : rc;
    cb(c, rc, sessions);
}

int store_erase_look(struct store *s, struct store_call *c, int64_t practice_id,
                     const uint8_t token_hash[STORE_TOKEN_HASH], const char *actor,
                     store_counted_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &look);
    pg_put_int8(p, practice_id);
    pg_put_bytes(p, token_hash, STORE_TOKEN_HASH);
    pg_put_text(p, actor);
    c->cb.counted = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_looked);
}

int store_erase(struct store *s, struct store_call *c, int64_t practice_id,
                const uint8_t token_hash[STORE_TOKEN_HASH], bool destroy, const char *actor,
                store_erase_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &erase);
    pg_put_int8(p, practice_id);
    pg_put_bytes(p, token_hash, STORE_TOKEN_HASH);
    pg_put_bool(p, destroy);
    pg_put_text(p, actor);
    c->cb.erase = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_erased);
}

/* ---- what is remembered ---------------------------------------------------------------------- */

void store_put_erased(struct pg_params *p, const struct store_erased *erased, size_t count)
{
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, erased[i].practice_id);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_BYTEA);
    for (size_t i = 0; i < count; i++) {
        pg_put_bytes(p, erased[i].token_hash, STORE_TOKEN_HASH);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_BOOL);
    for (size_t i = 0; i < count; i++) {
        pg_put_bool(p, erased[i].destroyed);
    }
    pg_put_array_end(p);
}

struct store_erased *store_erased_rows(struct pg_rows *rows)
{
    struct store_erased *erased = store_array(rows->count, sizeof *erased);
    for (size_t i = 0; i < rows->count; i++) {
        const uint8_t *hash = pg_bytes(rows, i, 1, STORE_TOKEN_HASH);
        erased[i].practice_id = pg_int8(rows, i, 0);
        erased[i].destroyed = pg_bool(rows, i, 2);
        rows->bad = rows->bad || hash == NULL;
        if (hash != NULL) {
            memcpy(erased[i].token_hash, hash, STORE_TOKEN_HASH);
        }
    }
    return erased;
}

static void on_again(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_erased_again_cb cb = c->cb.erased_again;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    unsigned erased = rc == 0 ? (unsigned)pg_int4(&rows, 0, 0) : 0;
    unsigned waiting = rc == 0 ? (unsigned)pg_int4(&rows, 0, 1) : 0;
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, erased, waiting);
}

int store_erase_again(struct store *s, struct store_call *c, const struct store_erased *erased,
                      size_t count, const char *actor, store_erased_again_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &erase_again);
    store_put_erased(p, erased, count);
    pg_put_text(p, actor);
    c->cb.erased_again = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_again);
}

static void on_list(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_erased_cb cb = c->cb.erased;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_erased *erased = store_erased_rows(&rows);
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? erased : NULL, rc == 0 ? rows.count : 0);
    free(erased);
}

int store_erased_list(struct store *s, struct store_call *c, store_erased_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    (void)pg_plan_add(plan, &list); /* No parameters. */
    c->cb.erased = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_list);
}

int store_erased_count(struct store *s, struct store_call *c, store_counted_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    (void)pg_plan_add(plan, &count_all); /* No parameters. */
    c->cb.counted = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_count);
}
