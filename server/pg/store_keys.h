/* store_keys.h - the keys database through named operations: which client a token stands for, and
 * the key of that client's texts.
 *
 * As store.h: a call is embedded, filled by an operation, and hears one verdict from the loop; the
 * same codes. One connection, so that answers come in the order of the questions. Pointers in
 * results are borrowed until the callback returns. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "server/pg/listen.h"
#include "server/pg/pool.h"
#include "server/pg/store_erasure.h"

enum { KEYS_TOKEN = 16, KEYS_SECRET = 32, KEYS_HASH = STORE_TOKEN_HASH };

struct keys_store;
struct keys_call;
/* Somebody was erased, perhaps; also after a (re)connect and every poll interval. */
typedef void (*keys_wake_cb)(struct keys_store *s);
typedef void (*keys_close_cb)(struct keys_store *s);

struct keys_store {
    struct pg_pool pool;
    struct pg_listen listen;
    keys_wake_cb wake_cb;
    keys_close_cb close_cb;
    unsigned closing;
};

struct keys_options {
    const char *conninfo; /* Borrowed until close. */
    unsigned calls_max;
    uint32_t call_ms_max, poll_ms;
};

void keys_store_init(struct keys_store *s, const struct keys_options *options,
                     keys_wake_cb wake_cb);
void keys_store_start(struct keys_store *s, uv_loop_t *loop);
void keys_store_close(struct keys_store *s, keys_close_cb cb);

struct keys_row {
    int64_t practice_id;
    uint8_t token[KEYS_TOKEN];
    const char *client_ref;
    const uint8_t *secret; /* KEYS_SECRET bytes. */
};
typedef void (*keys_rows_cb)(struct keys_call *c, int rc, const struct keys_row *rows,
                             size_t count);
/* Of a pseudonym: one row, or none. */
int keys_find(struct keys_store *s, struct keys_call *c, int64_t practice_id,
              const char *client_ref, keys_rows_cb cb);
/* The same, made with this token and secret if there is none. */
int keys_put(struct keys_store *s, struct keys_call *c, int64_t practice_id, const char *client_ref,
             const uint8_t token[KEYS_TOKEN], const uint8_t secret[KEYS_SECRET], keys_rows_cb cb);
/* Of tokens: a row for each that is somebody's, in no order. */
int keys_named(struct keys_store *s, struct keys_call *c, int64_t practice_id,
               const uint8_t (*tokens)[KEYS_TOKEN], size_t count, keys_rows_cb cb);

typedef void (*keys_count_cb)(struct keys_call *c, int rc, int64_t count);
/* Destroys the row of a token with that hash, and remembers the hash; also when there is no row. */
int keys_erase(struct keys_store *s, struct keys_call *c, int64_t practice_id,
               const uint8_t token_hash[KEYS_HASH], bool destroyed, keys_count_cb cb);
/* Those of this list that are not remembered yet: `count` of them. */
int keys_erase_again(struct keys_store *s, struct keys_call *c, const struct store_erased *erased,
                     size_t count, keys_count_cb cb);
/* All that are remembered. */
typedef void (*keys_erased_cb)(struct keys_call *c, int rc, const struct store_erased *erased,
                               size_t count);
int keys_erased_list(struct keys_store *s, struct keys_call *c, keys_erased_cb cb);

/* How many were erased so far: when that has changed, what was learnt may be nobody's by now. */
int keys_erased_count(struct keys_store *s, struct keys_call *c, keys_count_cb cb);

/* Embed it. The fields are the store's while a call is under way. */
struct keys_call {
    struct pg_call pg;
    union {
        keys_rows_cb rows;
        keys_count_cb count;
        keys_erased_cb erased;
    } cb;
};
