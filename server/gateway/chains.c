/* Happy path: the device's set, the chain in it, the record from the place where the last one was.
 * Failure: a record from before that place starts from the chain's first key again, 63 hashes at
 * most, less than a head costs. What does not open leaves nothing behind. */
#include "server/gateway/chains.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "proto/wire/must.h"

struct chain {
    uint8_t name[SEAL_NAME];
    struct seal_link first, last; /* k0, and the furthest that a record was opened with. */
    uint64_t used;                /* When, counted in records; 0: nothing is here. */
};

struct chains {
    uint8_t secret[crypto_shorthash_KEYBYTES];
    uint64_t now;
    int64_t heads;
    struct chain sets[CHAINS_SETS][CHAINS_WAYS];
};

struct chains *chains_new(void)
{
    struct chains *c = calloc(1, sizeof *c);
    must(c != NULL);
    must(sodium_init() >= 0);
    randombytes_buf(c->secret, sizeof c->secret);
    return c;
}

void chains_free(struct chains *c)
{
    if (c != NULL) {
        seal_wipe(c, sizeof *c);
        free(c);
    }
}

static struct chain *set_of(struct chains *c, const uint8_t *device, size_t len)
{
    uint8_t hash[crypto_shorthash_BYTES];
    must(crypto_shorthash(hash, device, len, c->secret) == 0);
    return c->sets[(size_t)(hash[0] << 8 | hash[1]) % CHAINS_SETS];
}

/* The chain of that name, or the one to put out for it. */
static struct chain *find(struct chain *set, const uint8_t *name)
{
    struct chain *oldest = &set[0];
    for (size_t i = 0; i < CHAINS_WAYS; i++) {
        if (set[i].used > 0 && memcmp(set[i].name, name, SEAL_NAME) == 0) {
            return &set[i];
        }
        oldest = set[i].used < oldest->used ? &set[i] : oldest;
    }
    return oldest;
}

/* A head that was not seen lately. */
static int open_new(struct chains *c, struct chain *place, const struct seal_pair *pairs,
                    size_t count, const uint8_t *sealed, uint8_t *room, size_t *ret_len)
{
    struct chain fresh;
    c->heads++;
    int rc = seal_first(pairs, count, sealed, &fresh.first);
    if (rc != 0) {
        return rc;
    }
    fresh.last = fresh.first;
    rc = seal_open_from(&fresh.last, sealed, room, ret_len);
    if (rc == 0) {
        memcpy(fresh.name, seal_name(sealed), SEAL_NAME);
        fresh.used = ++c->now;
        *place = fresh;
    }
    seal_wipe(&fresh, sizeof fresh);
    return rc;
}

int chains_open(struct chains *c, const struct seal_pair *pairs, size_t count,
                const uint8_t *device, size_t device_len, const uint8_t *sealed, size_t len,
                uint8_t room[SEAL_RECORD_MAX], size_t *ret_len)
{
    int rc = seal_look(pairs, count, sealed, len);
    if (rc != 0) {
        return rc;
    }
    struct chain *chain = find(set_of(c, device, device_len), seal_name(sealed));
    if (chain->used == 0 || memcmp(chain->name, seal_name(sealed), SEAL_NAME) != 0) {
        return open_new(c, chain, pairs, count, sealed, room, ret_len);
    }
    struct seal_link earlier = chain->first;
    rc = seal_after(&chain->last, sealed) ? seal_open_from(&chain->last, sealed, room, ret_len)
                                          : seal_open_from(&earlier, sealed, room, ret_len);
    chain->used = rc == 0 ? ++c->now : chain->used;
    seal_wipe(&earlier, sizeof earlier);
    return rc;
}

int64_t chains_heads(const struct chains *c)
{
    return c->heads;
}
