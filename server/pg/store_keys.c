/* Happy path: one statement a question, one connection for all of them, another that listens.
 * Failure: as the store's; an answer that cannot be read is ERR_DATABASE. */
#include "server/pg/store_keys.h"

#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/pg/operation.h"
#include "server/pg/schema.h"

enum { CONNECT_MS_MAX = 5000, RECONNECT_MS_MIN = 100, RECONNECT_MS_MAX = 30 * 1000 };
enum { WAKE_ERASED = 1 };

static const struct pg_statement listen_keys = {.sql = "listen attune_keys", .once = true};

#define COLUMNS "k.practice_id, k.token, k.client_ref, k.secret"

static const struct pg_statement find = {
    .sql = "select " COLUMNS " from client_key k"
           " where k.practice_id = $1::bigint and k.client_ref = $2::text"};
static const struct pg_statement put = {
    .sql = "select " COLUMNS " from client_key_put($1::bigint, $2::text, $3::uuid, $4::bytea) k"};
static const struct pg_statement named = {
    .sql = "select " COLUMNS " from unnest($2::uuid[]) as u (token)"
           " join client_key k on k.practice_id = $1::bigint and k.token = u.token"};
static const struct pg_statement erase = {
    .sql = "select client_key_erase($1::bigint, $2::bytea, $3::boolean)::int::bigint"};
static const struct pg_statement erase_again = {
    .sql = "select clients_erase_again($1::bigint[], $2::bytea[], $3::boolean[])"};
static const struct pg_statement erased_list = {
    .sql = "select practice_id, token_hash, destroyed from client_erased order by 1, 2"};
static const struct pg_statement erased_count = {.sql = "select count(*) from client_erased"};

static void on_wake(struct pg_listen *l, unsigned bits)
{
    struct keys_store *s = container_of(l, struct keys_store, listen);
    (void)bits; /* There is one. */
    s->wake_cb(s);
}

static void on_state(struct pg_pool *p)
{
    (void)p; /* Readiness goes by what is known: naming_ready. */
}

void keys_store_init(struct keys_store *s, const struct keys_options *options, keys_wake_cb wake_cb)
{
    *s = (struct keys_store){.wake_cb = wake_cb};
    const struct pg_connection_options connection = {
        .conninfo = options->conninfo,
        .application = "attune-server keys",
        .connect_ms_max = CONNECT_MS_MAX,
        .call_ms_max = options->call_ms_max,
        .reconnect_ms_min = RECONNECT_MS_MIN,
        .reconnect_ms_max = RECONNECT_MS_MAX,
        .schema_number = KEYS_SCHEMA_NUMBER,
    };
    const struct pg_channels channels = {
        .names = {"attune_keys"}, .listen = {&listen_keys}, .bits = {WAKE_ERASED}, .count = 1};
    pg_pool_init(&s->pool, &connection, 1, options->calls_max, on_state);
    pg_listen_init(&s->listen, &connection, &channels, options->poll_ms, on_wake);
}

void keys_store_start(struct keys_store *s, uv_loop_t *loop)
{
    pg_pool_start(&s->pool, loop);
    pg_listen_start(&s->listen, loop);
}

static void on_part_closed(struct keys_store *s)
{
    if (--s->closing == 0) {
        s->close_cb(s);
    }
}

static void on_pool_closed(struct pg_pool *p)
{
    on_part_closed(container_of(p, struct keys_store, pool));
}

static void on_listen_closed(struct pg_listen *l)
{
    on_part_closed(container_of(l, struct keys_store, listen));
}

void keys_store_close(struct keys_store *s, keys_close_cb cb)
{
    must(s->closing == 0);
    s->closing = 2;
    s->close_cb = cb;
    pg_pool_close(&s->pool, on_pool_closed);
    pg_listen_close(&s->listen, on_listen_closed);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void on_rows(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct keys_call *c = container_of(call, struct keys_call, pg);
    keys_rows_cb cb = c->cb.rows;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct keys_row *list = store_array(rows.count, sizeof *list);
    for (size_t i = 0; i < rows.count; i++) {
        list[i] = (struct keys_row){
            .practice_id = pg_int8(&rows, i, 0),
            .client_ref = pg_text(&rows, i, 2),
            .secret = pg_bytes(&rows, i, 3, KEYS_SECRET),
        };
        pg_uuid(&rows, i, 1, list[i].token);
        rows.bad = rows.bad || list[i].secret == NULL;
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? list : NULL, rc == 0 ? rows.count : 0);
    free(list);
}

static int run_rows(struct keys_store *s, struct keys_call *c, struct pg_plan *plan,
                    keys_rows_cb cb)
{
    c->cb.rows = cb;
    return pg_pool_run(&s->pool, &c->pg, PG_LANE_READ, plan, on_rows);
}

int keys_find(struct keys_store *s, struct keys_call *c, int64_t practice_id,
              const char *client_ref, keys_rows_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &find);
    pg_put_int8(p, practice_id);
    pg_put_text(p, client_ref);
    return run_rows(s, c, plan, cb);
}

int keys_put(struct keys_store *s, struct keys_call *c, int64_t practice_id, const char *client_ref,
             const uint8_t token[KEYS_TOKEN], const uint8_t secret[KEYS_SECRET], keys_rows_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &put);
    pg_put_int8(p, practice_id);
    pg_put_text(p, client_ref);
    pg_put_uuid(p, token);
    pg_put_bytes(p, secret, KEYS_SECRET);
    return run_rows(s, c, plan, cb);
}

int keys_named(struct keys_store *s, struct keys_call *c, int64_t practice_id,
               const uint8_t (*tokens)[KEYS_TOKEN], size_t count, keys_rows_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &named);
    pg_put_int8(p, practice_id);
    pg_put_array(p, PG_UUID);
    for (size_t i = 0; i < count; i++) {
        pg_put_uuid(p, tokens[i]);
    }
    pg_put_array_end(p);
    return run_rows(s, c, plan, cb);
}

static void on_number(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct keys_call *c = container_of(call, struct keys_call, pg);
    keys_count_cb cb = c->cb.count;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    int64_t count = rc == 0 ? pg_int8(&rows, 0, 0) : 0;
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, count);
}

int keys_erased_count(struct keys_store *s, struct keys_call *c, keys_count_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    (void)pg_plan_add(plan, &erased_count); /* No parameters. */
    c->cb.count = cb;
    return pg_pool_run(&s->pool, &c->pg, PG_LANE_READ, plan, on_number);
}

int keys_erase(struct keys_store *s, struct keys_call *c, int64_t practice_id,
               const uint8_t token_hash[KEYS_HASH], bool destroyed, keys_count_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &erase);
    pg_put_int8(p, practice_id);
    pg_put_bytes(p, token_hash, KEYS_HASH);
    pg_put_bool(p, destroyed);
    c->cb.count = cb;
    return pg_pool_run(&s->pool, &c->pg, PG_LANE_READ, plan, on_number);
}

int keys_erase_again(struct keys_store *s, struct keys_call *c, const struct store_erased *erased,
                     size_t count, keys_count_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    store_put_erased(pg_plan_add(plan, &erase_again), erased, count);
    c->cb.count = cb;
    return pg_pool_run(&s->pool, &c->pg, PG_LANE_READ, plan, on_number);
}

static void on_erased_list(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct keys_call *c = container_of(call, struct keys_call, pg);
    keys_erased_cb cb = c->cb.erased;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_erased *list = store_erased_rows(&rows);
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? list : NULL, rc == 0 ? rows.count : 0);
    free(list);
}

int keys_erased_list(struct keys_store *s, struct keys_call *c, keys_erased_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    (void)pg_plan_add(plan, &erased_list); /* No parameters. */
    c->cb.erased = cb;
    return pg_pool_run(&s->pool, &c->pg, PG_LANE_READ, plan, on_erased_list);
}
