/* erased.h - keeps the two databases and the erasure journal agreed about who is nobody.
 *
 * Each remembers the hashes of tokens that were erased. When one of them was put back from a
 * backup, or a server died between the two, another one still knows: what one lacks it is told,
 * and erases again. Both put back: the journal knows. Looked at with each wake of the keys
 * database; until both agree it is tried again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/gateway/journal.h"
#include "server/pg/store.h"
#include "server/pg/store_keys.h"

struct erased {
    struct store *store;     /* Borrowed, as */
    struct keys_store *keys; /* this, and */
    struct journal *journal; /* this. */
    struct journal_call journal_call;
    struct store_call call;
    struct keys_call keys_call;
    bool is_under_way;
    /* Rows on either side when they last agreed; -1: never. And those of the look under way. */
    int64_t keys_agreed, main_agreed, keys_now, main_now;
    bool has_changed; /* The look under way has erased something, or something must wait. */
};

void erased_init(struct erased *e, struct store *store, struct keys_store *keys,
                 struct journal *journal);
/* `keys_count` rows are there now. */
void erased_look(struct erased *e, int64_t keys_count);
