/* Happy path: those without a signature are read, signed and put back. Failure: they are signed the
 * next time. */
#include "server/pg/certificates.h"

#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "server/pg/operation.h"
#include "server/pg/rows.h"

static const struct pg_statement read_unsigned = {
    .sql = "select practice_id, number, kind, name, body from certificates_unsigned($1::int)"};
static const struct pg_statement put_signed = {
    .sql = "select certificates_signed($1::bigint[], $2::bigint[], $3::bytea, $4::bytea[])"};

#define COLUMNS "number, practice_id, kind, name, body, signer, signature, is_known"

static const struct pg_statement find = {
    .sql = "select " COLUMNS " from certificate_of($1::bigint, $2::text, $3::text)"};

void certificate_put_find(struct pg_plan *plan, int64_t practice_id, const char *kind,
                          const char *name)
{
    struct pg_params *p = pg_plan_add(plan, &find);
    pg_put_int8(p, practice_id);
    pg_put_text(p, kind);
    pg_put_text(p, name);
}

void certificate_row(struct pg_rows *rows, size_t row, struct store_certificate *ret_one)
{
    *ret_one = (struct store_certificate){
        .number = pg_int8(rows, row, 0),
        .certificate = {.practice_id = pg_int8(rows, row, 1),
                        .kind = pg_text(rows, row, 2),
                        .name = pg_text(rows, row, 3),
                        .body = pg_text(rows, row, 4)},
        .has_signature = !pg_is_null(rows, row, 6),
    };
    if (ret_one->has_signature) {
        pg_copy_bytes(rows, row, 5, ret_one->key, CHAIN_KEY);
        pg_copy_bytes(rows, row, 6, ret_one->signature, CHAIN_SIGNATURE);
        ret_one->key_is_known = pg_bool(rows, row, 7);
    }
}

enum certificate_verdict certificate_judge(const struct store_certificate *c,
                                           const struct chain_key *own)
{
    if (!c->has_signature) {
        return CERTIFICATE_UNSIGNED;
    }
    bool ours = own != NULL && memcmp(own->public_half, c->key, CHAIN_KEY) == 0;
    bool good =
        (ours || c->key_is_known) && certificate_is_good(&c->certificate, c->key, c->signature);
    return good ? CERTIFICATE_GOOD : CERTIFICATE_WRONG;
}

/* ---- signing --------------------------------------------------------------------------------- */

static void end(struct certificates_call *c, int rc)
{
    certificates_cb cb = c->cb;
    cb(c, rc);
}

static void on_signed(struct pg_call *call, int rc, const struct pg_results *results)
{
    end(container_of(call, struct certificates_call, pg), store_rc(rc, results));
}

static void sign_rows(struct pg_rows *rows, const struct chain_key *key, struct pg_params *p)
{
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < rows->count; i++) {
        pg_put_int8(p, pg_int8(rows, i, 0));
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < rows->count; i++) {
        pg_put_int8(p, pg_int8(rows, i, 1));
    }
    pg_put_array_end(p);
    pg_put_bytes(p, key->public_half, CHAIN_KEY);
    pg_put_array(p, PG_BYTEA);
    for (size_t i = 0; i < rows->count; i++) {
        uint8_t signature[CHAIN_SIGNATURE];
        const struct certificate one = {.practice_id = pg_int8(rows, i, 0),
                                        .kind = pg_text(rows, i, 2),
                                        .name = pg_text(rows, i, 3),
                                        .body = pg_text(rows, i, 4)};
        certificate_sign(&one, key, signature);
        pg_put_bytes(p, signature, sizeof signature);
    }
    pg_put_array_end(p);
}

static void on_unsigned(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct certificates_call *c = container_of(call, struct certificates_call, pg);
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[0]);
    if (rc != 0 || rows.count == 0) {
        end(c, rc != 0 ? store_rc(rc, results) : 0);
        return;
    }
    if (chain_key_is_wiped(c->key)) {
        end(c, ERR_CLOSING); /* It was wiped meanwhile: the process ends. */
        return;
    }
    struct pg_plan *plan = pg_plan_new();
    sign_rows(&rows, c->key, pg_plan_add(plan, &put_signed));
    if (rows.bad) {
        pg_plan_free(plan);
        rc = store_rows_rc(&rows);
    } else {
        rc = pg_pool_run(c->pool, &c->pg, PG_LANE_READ, plan, on_signed);
    }
    if (rc != 0) {
        end(c, rc);
    }
}

int certificates_sign(struct certificates_call *c, struct pg_pool *pool,
                      const struct chain_key *key, certificates_cb cb)
{
    c->pool = pool;
    c->key = key;
    c->cb = cb;
    struct pg_plan *plan = pg_plan_new();
    pg_put_int4(pg_plan_add(plan, &read_unsigned), CERTIFICATES_A_TURN);
    return pg_pool_run(pool, &c->pg, PG_LANE_READ, plan, on_unsigned);
}
