/* Happy path: each operation is one function of sql/, and its word is the verdict. Failure: nothing
 * but the connection's: what is wrong about a password is the functions' to say. */
#include "server/pg/store_log_on.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/pg/notes.h"

static const struct pg_statement try_it = {
    .sql = "select verdict, wait_ms, of_account, person, hash, factor, factor_step, changes,"
           " charged, factor_due from log_on_try($1::bigint, $2::bytea, $3::bigint, $4::text, "
           "$5::int[])"};
static const struct pg_statement refund = {
    .sql = "select log_on_refund($1::bigint, $2::bytea, $3::bytea)"};
static const struct pg_statement refuse = {
    .sql = "select log_on_refuse($1::bigint, $2::bigint, $3::bytea, $4::bytea, $5::text)"};
static const struct pg_statement take_it = {
    .sql = "select log_on_take($1::bigint, $2::bigint, $3::bytea, $4::bytea, $5::bigint,"
           " $6::bytea, $7::bigint, $8::text)"};
static const struct pg_statement resume = {
    .sql = "select account_id, name, factored, idle_left, all_left"
           " from log_on_resume($1::bigint, $2::bytea, $3::bytea, $4::bigint)"};
static const struct pg_statement use = {.sql =
                                            "select log_on_use($1::bigint, $2::bytea, $3::bytea)"};
static const struct pg_statement end = {
    .sql = "select log_on_end($1::bigint, $2::bytea, $3::bytea, $4::text)"};
static const struct pg_statement now_ended = {
    .sql = "select k.practice_id, k.token_hash"
           " from unnest($1::bigint[], $2::bytea[], $3::bytea[])"
           "  k (practice_id, fingerprint, token_hash)"
           " where not exists (select from log_on_good l where l.practice_id = k.practice_id"
           "  and l.fingerprint = k.fingerprint and l.token_hash = k.token_hash)"
           " union all select p.practice_id, null from practice p"
           " where p.practice_id = any ($4::bigint[]) and p.log_on_required"};
static const struct pg_statement set_password = {
    .sql = "select account_password($1::bigint, $2::bigint, $3::bytea, $4::bytea, $5::text,"
           " $6::bytea, $7::bigint, $8::text)"};
static const struct pg_statement set_factor = {
    .sql = "select account_second_factor($1::bigint, $2::bigint, $3::bytea, $4::bytea, $5::bytea,"
           " $6::bigint, $7::bytea, $8::bigint, $9::text)"};
static const struct pg_statement begun = {
    .sql = "select t.verdict, t.wait_ms, a.account_id, a.name, null::text,"
           " case when a.second_factor_new_by = $2::bytea then a.second_factor_new end, 0::bigint,"
           " a.must_change, t.charged, false from account a, lateral"
           " log_on_try($1::bigint, $2::bytea, $3::bigint, a.name, $4::int[]) t"
           " where a.practice_id = $1::bigint and a.account_id = $5::bigint"};
static const struct pg_statement add = {
    .sql = "select account_add($1::bigint, $2::text, $3::text, $4::text, $5::text)"};
static const struct pg_statement reset = {
    .sql = "select account_reset($1::bigint, $2::text, $3::text, $4::text)"};
static const struct pg_statement require = {
    .sql = "select log_on_require($1::bigint, $2::boolean, $3::boolean, $4::text)"};
static const struct pg_statement list = {
    .sql = "select a.name, t.code, a.must_change, a.second_factor is not null,"
           " a.revoked_at is not null from account a left join therapist t"
           " on t.practice_id = a.practice_id and t.therapist_id = a.therapist_id"
           " where a.practice_id = $1::bigint and a.name > $2::text order by a.name limit $3::int"};

/* ---- a word is the answer -------------------------------------------------------------------- */

static void on_word(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_done_cb cb = c->cb.done;
    cb(c, store_rc_of_row(rc, results, 0, 0));
}

static int run_word(struct store *s, struct store_call *c, struct pg_plan *plan, store_done_cb cb)
{
    c->cb.done = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_word);
}

static struct pg_params *begin(struct pg_plan **ret_plan, const struct pg_statement *statement,
                               int64_t practice_id)
{
    *ret_plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(*ret_plan, statement);
    pg_put_int8(p, practice_id);
    return p;
}

/* ---- logging on ------------------------------------------------------------------------------ */

static void on_try(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_try_cb cb = c->cb.tried;
    struct pg_rows rows;
    struct store_try t = {.wait_ms = 0};
    size_t charged_size = 0;
    pg_rows_init(&rows, results->step[0]);
    rc = store_rc(rc, results);
    rc = rc == 0 && rows.count == 0 ? ERR_LOG_ON_FIRST : rc;
    if (rc == 0) {
        rc = store_verdict(&rows, 0, 0);
        t.wait_ms = (uint32_t)pg_int4(&rows, 0, 1);
        t.account_id = pg_int8(&rows, 0, 2);
        t.person = pg_text(&rows, 0, 3);
        t.hash = pg_text(&rows, 0, 4);
        t.factor = pg_blob(&rows, 0, 5, &t.factor_size);
        t.factor_step = pg_int8(&rows, 0, 6);
        t.must_change = pg_bool(&rows, 0, 7);
        t.factor_due = pg_bool(&rows, 0, 9);
        const uint8_t *charged = pg_blob(&rows, 0, 8, &charged_size);
        if (charged_size == STORE_NAME_HASH) {
            memcpy(t.charged, charged, STORE_NAME_HASH);
        }
        rc = rc == ERR_LOG_ON_WAIT ? 0 : rc;
        rc = rc == 0 ? store_rows_rc(&rows) : rc;
    }
    cb(c, rc, rc == 0 ? &t : NULL);
}

static void put_delays(struct pg_params *p, const int32_t *delays_ms, size_t delays)
{
    pg_put_array(p, PG_INT4);
    for (size_t i = 0; i < delays; i++) {
        pg_put_int4(p, delays_ms[i]);
    }
    pg_put_array_end(p);
}

int store_log_on_try(struct store *s, struct store_call *c, const struct store_seat *seat,
                     const char *name, const int32_t *delays_ms, size_t delays, store_try_cb cb)
{
    struct pg_plan *plan;
    struct pg_params *p = begin(&plan, &try_it, seat->practice_id);
    pg_put_bytes(p, seat->fingerprint, STORE_FINGERPRINT);
    store_put_number(p, seat->therapist_id);
    pg_put_text(p, name);
    put_delays(p, delays_ms, delays);
    c->cb.tried = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_try);
}

int store_log_on_refund(struct store *s, struct store_call *c, const struct store_seat *seat,
                        const uint8_t charged[STORE_NAME_HASH], store_done_cb cb)
{
    struct pg_plan *plan;
    struct pg_params *p = begin(&plan, &refund, seat->practice_id);
    pg_put_bytes(p, seat->fingerprint, STORE_FINGERPRINT);
    pg_put_bytes(p, charged, STORE_NAME_HASH);
    return run_word(s, c, plan, cb);
}

int store_log_on_refuse(struct store *s, struct store_call *c, const struct store_seat *seat,
                        int64_t account_id, const uint8_t charged[STORE_NAME_HASH],
                        store_done_cb cb)
{
    struct pg_plan *plan;
    struct pg_params *p = begin(&plan, &refuse, seat->practice_id);
    store_put_number(p, account_id);
    pg_put_bytes(p, seat->fingerprint, STORE_FINGERPRINT);
    pg_put_bytes(p, charged, STORE_NAME_HASH);
    pg_put_text(p, seat->actor);
    return run_word(s, c, plan, cb);
}

int store_log_on_take(struct store *s, struct store_call *c, const struct store_seat *seat,
                      const struct store_take *take, store_done_cb cb)
{
    struct pg_plan *plan;
    struct pg_params *p = begin(&plan, &take_it, seat->practice_id);
    pg_put_int8(p, take->account_id);
    pg_put_bytes(p, seat->fingerprint, STORE_FINGERPRINT);
    pg_put_bytes(p, take->charged, STORE_NAME_HASH);
    store_put_number(p, take->factor_step);
    store_put_bytes(p, take->token_hash, STORE_TOKEN);
    pg_put_int8(p, take->last_ms);
    pg_put_text(p, seat->actor);
    return run_word(s, c, plan, cb);
}

static void on_resumed(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_resumed_cb cb = c->cb.resumed;
    struct pg_rows rows;
    struct store_resumed r = {.account_id = 0};
    pg_rows_init(&rows, results->step[0]);
    rc = store_rc(rc, results);
    rc = rc == 0 && rows.count == 0 ? ERR_LOG_ON_FIRST : rc;
    if (rc == 0) {
        r = (struct store_resumed){
            .account_id = pg_int8(&rows, 0, 0),
            .person = pg_text(&rows, 0, 1),
            .second_factor = pg_bool(&rows, 0, 2),
            .idle_left_ms = pg_int8(&rows, 0, 3),
            .left_ms = pg_int8(&rows, 0, 4),
        };
        rc = store_rows_rc(&rows);
    }
    cb(c, rc, rc == 0 ? &r : NULL);
}

int store_log_on_resume(struct store *s, struct store_call *c, const struct store_seat *seat,
                        const uint8_t token_hash[STORE_TOKEN], int64_t idle_ms, store_resumed_cb cb)
{
    struct pg_plan *plan;
    struct pg_params *p = begin(&plan, &resume, seat->practice_id);
    pg_put_bytes(p, seat->fingerprint, STORE_FINGERPRINT);
    pg_put_bytes(p, token_hash, STORE_TOKEN);
    pg_put_int8(p, idle_ms);
    c->cb.resumed = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_resumed);
}

int store_log_on_use(struct store *s, struct store_call *c, const struct store_seat *seat,
                     const uint8_t token_hash[STORE_TOKEN], store_done_cb cb)
{
    struct pg_plan *plan;
    struct pg_params *p = begin(&plan, &use, seat->practice_id);
    pg_put_bytes(p, seat->fingerprint, STORE_FINGERPRINT);
    pg_put_bytes(p, token_hash, STORE_TOKEN);
    return run_word(s, c, plan, cb);
}

int store_log_on_end(struct store *s, struct store_call *c, const struct store_seat *seat,
                     const uint8_t token_hash[STORE_TOKEN], store_done_cb cb)
{
    struct pg_plan *plan;
    struct pg_params *p = begin(&plan, &end, seat->practice_id);
    pg_put_bytes(p, seat->fingerprint, STORE_FINGERPRINT);
    pg_put_bytes(p, token_hash, STORE_TOKEN);
    pg_put_text(p, seat->actor);
    return run_word(s, c, plan, cb);
}

/* ---- ended elsewhere ------------------------------------------------------------------------- */

static void on_ended(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_ended_cb cb = c->cb.ended;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_ended *ended = store_array(rows.count, sizeof *ended);
    for (size_t i = 0; i < rows.count; i++) {
        ended[i].practice_id = pg_int8(&rows, i, 0);
        ended[i].has_token = !pg_is_null(&rows, i, 1);
        if (ended[i].has_token) {
            pg_copy_bytes(&rows, i, 1, ended[i].token_hash, STORE_TOKEN);
        }
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? ended : NULL, rc == 0 ? rows.count : 0);
    free(ended);
}

static void put_tokens(struct pg_params *p, const struct store_log_on_key *keys, size_t count)
{
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        if (keys[i].token_hash != NULL) {
            pg_put_int8(p, keys[i].practice_id);
        }
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_BYTEA);
    for (size_t i = 0; i < count; i++) {
        if (keys[i].token_hash != NULL) {
            pg_put_bytes(p, keys[i].fingerprint, STORE_FINGERPRINT);
        }
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_BYTEA);
    for (size_t i = 0; i < count; i++) {
        if (keys[i].token_hash != NULL) {
            pg_put_bytes(p, keys[i].token_hash, STORE_TOKEN);
        }
    }
    pg_put_array_end(p);
}

int store_log_ons_ended(struct store *s, struct store_call *c, const struct store_log_on_key *keys,
                        size_t count, store_ended_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    struct pg_params *p = pg_plan_add(plan, &now_ended);
    int64_t last = 0;
    put_tokens(p, keys, count);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        if (keys[i].token_hash == NULL && keys[i].practice_id != last) { /* A server has few. */
            last = keys[i].practice_id;
            pg_put_int8(p, last);
        }
    }
    pg_put_array_end(p);
    c->cb.ended = cb;
    return store_run(s, c, PG_LANE_URGENT, plan, on_ended);
}

/* ---- one's own account ----------------------------------------------------------------------- */

int store_account_password(struct store *s, struct store_call *c, const struct store_seat *seat,
                           const struct store_take *take, store_done_cb cb)
{
    struct pg_plan *plan;
    struct pg_params *p = begin(&plan, &set_password, seat->practice_id);
    pg_put_int8(p, take->account_id);
    pg_put_bytes(p, seat->fingerprint, STORE_FINGERPRINT);
    pg_put_bytes(p, take->charged, STORE_NAME_HASH);
    pg_put_text(p, take->password_hash);
    store_put_bytes(p, take->token_hash, STORE_TOKEN);
    pg_put_int8(p, take->last_ms);
    pg_put_text(p, seat->actor);
    return run_word(s, c, plan, cb);
}

int store_account_factor(struct store *s, struct store_call *c, const struct store_seat *seat,
                         const struct store_take *take, const uint8_t *sealed, size_t size,
                         store_done_cb cb)
{
    struct pg_plan *plan;
    struct pg_params *p = begin(&plan, &set_factor, seat->practice_id);
    pg_put_int8(p, take->account_id);
    pg_put_bytes(p, seat->fingerprint, STORE_FINGERPRINT);
    pg_put_bytes(p, take->charged, STORE_NAME_HASH);
    pg_put_bytes(p, sealed, size);
    store_put_number(p, take->factor_step);
    store_put_bytes(p, take->token_hash, STORE_TOKEN);
    pg_put_int8(p, take->last_ms);
    pg_put_text(p, seat->actor);
    return run_word(s, c, plan, cb);
}

int store_account_begun(struct store *s, struct store_call *c, const struct store_seat *seat,
                        int64_t account_id, const int32_t *delays_ms, size_t delays,
                        store_try_cb cb)
{
    struct pg_plan *plan;
    struct pg_params *p = begin(&plan, &begun, seat->practice_id);
    pg_put_bytes(p, seat->fingerprint, STORE_FINGERPRINT);
    store_put_number(p, seat->therapist_id);
    put_delays(p, delays_ms, delays);
    pg_put_int8(p, account_id);
    c->cb.tried = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_try);
}

/* ---- the administrator's --------------------------------------------------------------------- */

int store_account_add(struct store *s, struct store_call *c, int64_t practice_id, const char *name,
                      const char *therapist, const char *hash, const char *actor, store_done_cb cb)
{
    struct pg_plan *plan;
    struct pg_params *p = begin(&plan, &add, practice_id);
    pg_put_text(p, name);
    store_put_text(p, therapist);
    pg_put_text(p, hash);
    pg_put_text(p, actor);
    return run_word(s, c, plan, cb);
}

int store_account_reset(struct store *s, struct store_call *c, int64_t practice_id,
                        const char *name, const char *hash, const char *actor, store_done_cb cb)
{
    struct pg_plan *plan;
    struct pg_params *p = begin(&plan, &reset, practice_id);
    pg_put_text(p, name);
    pg_put_text(p, hash);
    pg_put_text(p, actor);
    return run_word(s, c, plan, cb);
}

int store_log_on_require(struct store *s, struct store_call *c, int64_t practice_id, bool required,
                         bool second_factor, const char *actor, store_done_cb cb)
{
    struct pg_plan *plan;
    struct pg_params *p = begin(&plan, &require, practice_id);
    pg_put_bool(p, required);
    pg_put_bool(p, second_factor);
    pg_put_text(p, actor);
    return run_word(s, c, plan, cb);
}

static void on_accounts(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_call *c = container_of(call, struct store_call, pg);
    store_accounts_cb cb = c->cb.accounts;
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    struct store_account *accounts = store_array(rows.count, sizeof *accounts);
    for (size_t i = 0; i < rows.count; i++) {
        accounts[i] = (struct store_account){
            .name = pg_text(&rows, i, 0),
            .therapist = pg_text(&rows, i, 1),
            .must_change = pg_bool(&rows, i, 2),
            .second_factor = pg_bool(&rows, i, 3),
            .revoked = pg_bool(&rows, i, 4),
        };
    }
    rc = rc == 0 ? store_rows_rc(&rows) : store_rc(rc, results);
    cb(c, rc, rc == 0 ? accounts : NULL, rc == 0 ? rows.count : 0);
    free(accounts);
}

int store_accounts_list(struct store *s, struct store_call *c, int64_t practice_id,
                        const char *after, unsigned limit, store_accounts_cb cb)
{
    struct pg_plan *plan;
    struct pg_params *p = begin(&plan, &list, practice_id);
    pg_put_text(p, after);
    pg_put_int4(p, (int32_t)limit);
    note_read(plan, c, "accounts.read");
    c->cb.accounts = cb;
    return store_run(s, c, PG_LANE_READ, plan, on_accounts);
}
