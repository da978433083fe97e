/* store_erasure.h - a client becomes nobody in the main database, and what is remembered of that.
 *
 * Operations of store.h, with the same verdicts; see sql/, erasure. */
#pragma once

#include "server/pg/store.h"

enum { STORE_ERASE_COUNTS = 7, STORE_TOKEN_HASH = 32 };

/* What was erased: a hash of the token that stood for the client. */
struct store_erased {
    int64_t practice_id;
    uint8_t token_hash[STORE_TOKEN_HASH];
    bool destroyed;
};

/* How many sessions of the client's there are; noted in the audit. rc ERR_CLIENT_UNKNOWN,
 * ERR_CLIENT_HELD. */
int store_erase_look(struct store *s, struct store_call *c, int64_t practice_id,
                     const uint8_t token_hash[STORE_TOKEN_HASH], const char *actor,
                     store_counted_cb cb);
/* It goes: STORE_ERASE_COUNTS counts of it, in the order of the protocol's; one that is not there
 * is only remembered. rc ERR_CLIENT_HELD; ERR_BUSY: something of it is still to be counted. */
int store_erase(struct store *s, struct store_call *c, int64_t practice_id,
                const uint8_t token_hash[STORE_TOKEN_HASH], bool destroy, const char *actor,
                store_erase_cb cb);

/* Those of the list that are not remembered yet, as after a backup was put back: erased, and those
 * that must wait. */
int store_erase_again(struct store *s, struct store_call *c, const struct store_erased *erased,
                      size_t count, const char *actor, store_erased_again_cb cb);
/* All that are remembered; and how many that is. */
int store_erased_list(struct store *s, struct store_call *c, store_erased_cb cb);
int store_erased_count(struct store *s, struct store_call *c, store_counted_cb cb);

/* ---- for store_keys.c ------------------------------------------------------------------------ */

struct pg_params;
struct pg_rows;
/* Three arrays. */
void store_put_erased(struct pg_params *p, const struct store_erased *erased, size_t count);
/* Rows of practice, hash, destroyed; to be freed. */
struct store_erased *store_erased_rows(struct pg_rows *rows);
