/* certificates.h - signs the certificates of what has gone that nobody has signed yet, and reads
 * them for whoever checks.
 *
 * A certificate is made in the transaction that it is about, by whoever made that; signing comes
 * right behind it, before it is shown, and once more with the audit's heads for those of a process
 * that died in between, or that has no key. */
#pragma once

#include "server/base/certificate.h"
#include "server/pg/pool.h"

enum { CERTIFICATES_A_TURN = 16 };

/* A certificate as it is kept. Texts are borrowed from the rows. */
struct store_certificate {
    int64_t number;
    struct certificate certificate;
    bool has_signature;
    uint8_t key[CHAIN_KEY], signature[CHAIN_SIGNATURE];
    bool key_is_known; /* Servers here have signed with it. */
};

enum certificate_verdict { CERTIFICATE_UNSIGNED, CERTIFICATE_GOOD, CERTIFICATE_WRONG };
/* Good is what one of the practice's servers has signed: with `own` (NULL: none) or a known key. */
enum certificate_verdict certificate_judge(const struct store_certificate *c,
                                           const struct chain_key *own);

/* A statement of its own, for a plan: the one of that name, or none. And its row. */
struct pg_plan;
struct pg_rows;
void certificate_put_find(struct pg_plan *plan, int64_t practice_id, const char *kind,
                          const char *name);
void certificate_row(struct pg_rows *rows, size_t row, struct store_certificate *ret_one);

/* ---- signing --------------------------------------------------------------------------------- */

struct certificates_call;
/* From the loop, once: 0, ERR_DATABASE, … */
typedef void (*certificates_cb)(struct certificates_call *c, int rc);

/* Embed it. The fields are not the caller's while a call is under way. */
struct certificates_call {
    struct pg_call pg;
    struct pg_pool *pool;
    const struct chain_key *key;
    certificates_cb cb;
};

/* Signs what is unsigned, CERTIFICATES_A_TURN at most. `key` is borrowed until the verdict. */
int certificates_sign(struct certificates_call *c, struct pg_pool *pool,
                      const struct chain_key *key, certificates_cb cb);
