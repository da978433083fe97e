/* heads.h - signs how far this process's audit chains have come.
 *
 * Each interval, and once more when the store closes, each connection of the pool is asked for its
 * chain's head; those that have moved are signed, kept in audit_head, and said in the log, so that
 * there is a witness outside of the database. Ends of chains that nobody has signed (of a process
 * that was killed, of a lost connection, of a command) are signed from the table at the start,
 * after a loss, and once an hour. Without a key nothing is signed, and that is said once. */
#pragma once

#include "server/base/chain.h"
#include "server/pg/certificates.h"
#include "server/pg/pool.h"

enum { HEADS_MAX = PG_POOL_MAX + 64 }; /* Signed at a time. */

struct heads;
typedef void (*heads_cb)(struct heads *h);

struct heads_slot {
    struct pg_call call;
    struct heads *heads;
    uint64_t epoch; /* The connection's life that `chain` is of. */
    uint8_t chain[CHAIN_ID];
    int64_t seq, signed_to;
    uint8_t hash[CHAIN_HASH];
};

struct heads {
    struct pg_pool *pool; /* Borrowed. */
    struct chain_key key; /* Wiped at the end. */
    bool has_key, busy, sweep, ending, closed;
    uint32_t every_ms;
    uv_timer_t timer;
    struct heads_slot slots[PG_POOL_MAX];
    unsigned asked;                        /* Slots that have not answered yet. */
    struct certificates_call certificates; /* Those that nobody has signed. */
    bool certifying;
    struct pg_call call;
    struct chain_head list[HEADS_MAX]; /* Being signed. */
    uint8_t signatures[HEADS_MAX][CHAIN_SIGNATURE];
    unsigned count, tries;
    int64_t at;                       /* When: the same for all of them. */
    int64_t prior_number, own_number; /* The last in the table; the last that is ours. */
    uint64_t swept_ms;
    heads_cb cb;
};

/* `key` is copied; NULL: nothing is ever signed. */
void heads_init(struct heads *h, struct pg_pool *pool, const struct chain_key *key,
                uint32_t every_ms);
/* What this process signs with; NULL: nothing. Borrowed until close. */
const struct chain_key *heads_key(const struct heads *h);
void heads_start(struct heads *h, uv_loop_t *loop);
/* Signs what has moved, if the database answers within two seconds, then lets go and calls `cb`,
 * from the loop. */
void heads_close(struct heads *h, heads_cb cb);
