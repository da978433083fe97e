/* Happy path: bytes in one fixed order are hashed or signed. Failure: none; what does not fit is
 * the answer. Numbers go in big-endian. */
#include "server/base/chain.h"

#include <sodium.h>
#include <string.h>

#include "proto/wire/be.h"
#include "proto/wire/must.h"

static const char HEAD_WORDS[] = "attune audit head 1"; /* Its NUL is signed too. */

enum { MESSAGE = sizeof HEAD_WORDS + 8 + CHAIN_ID + 8 + CHAIN_HASH + 8 + CHAIN_SIGNATURE };

static void ready(void)
{
    must(sodium_init() >= 0);
}

static uint8_t *put(uint8_t *to, const void *bytes, size_t len)
{
    memcpy(to, bytes, len);
    return to + len;
}

static void message_of(const struct chain_head *head, uint8_t message[MESSAGE])
{
    uint8_t *at = put(message, HEAD_WORDS, sizeof HEAD_WORDS);
    at = put_be(at, 8, (uint64_t)head->number);
    at = put(at, head->chain, CHAIN_ID);
    at = put_be(at, 8, (uint64_t)head->seq);
    at = put(at, head->hash, CHAIN_HASH);
    at = put_be(at, 8, (uint64_t)head->at);
    at = put(at, head->prior, CHAIN_SIGNATURE);
    must(at == message + MESSAGE);
}

void chain_key_from(const uint8_t seed[CHAIN_KEY], struct chain_key *ret_key)
{
    ready();
    int rc = crypto_sign_seed_keypair(ret_key->public_half, ret_key->secret, seed);
    must(rc == 0);
}

void chain_key_wipe(struct chain_key *key)
{
    sodium_memzero(key, sizeof *key);
}

bool chain_key_is_wiped(const struct chain_key *key)
{
    return sodium_is_zero(key->public_half, sizeof key->public_half) == 1;
}

const char *chain_hex(const uint8_t *bytes, size_t len, char *room)
{
    return sodium_bin2hex(room, 2 * len + 1, bytes, len);
}

void chain_hash(const uint8_t prior[CHAIN_HASH], const char *text, size_t len,
                uint8_t ret_hash[CHAIN_HASH])
{
    crypto_hash_sha256_state state;
    ready();
    (void)crypto_hash_sha256_init(&state); /* These three have no failure. */
    (void)crypto_hash_sha256_update(&state, prior, CHAIN_HASH);
    (void)crypto_hash_sha256_update(&state, (const uint8_t *)text, len);
    (void)crypto_hash_sha256_final(&state, ret_hash);
}

void chain_head_sign(const struct chain_head *head, const struct chain_key *key,
                     uint8_t ret_signature[CHAIN_SIGNATURE])
{
    uint8_t message[MESSAGE];
    ready();
    message_of(head, message);
    int rc = crypto_sign_detached(ret_signature, NULL, message, sizeof message, key->secret);
    must(rc == 0);
}

bool chain_head_is_good(const struct chain_head *head, const uint8_t public_half[CHAIN_KEY],
                        const uint8_t signature[CHAIN_SIGNATURE])
{
    uint8_t message[MESSAGE];
    ready();
    message_of(head, message);
    return crypto_sign_verify_detached(signature, message, sizeof message, public_half) == 0;
}

enum chain_fault chain_walk_row(struct chain_walk *w, const struct chain_row *row)
{
    static const uint8_t zeros[CHAIN_HASH];
    uint8_t hash[CHAIN_HASH];
    bool same = w->seq > 0 && memcmp(w->chain, row->chain, CHAIN_ID) == 0;
    int64_t expected = same ? w->seq + 1 : 1;
    w->fault_seq = row->seq;
    if (row->seq < expected) {
        return CHAIN_INSERTED;
    }
    if (row->seq > expected) {
        w->fault_seq = expected;
        return CHAIN_MISSING;
    }
    chain_hash(same ? w->hash : zeros, row->text, row->len, hash);
    if (memcmp(hash, row->hash, CHAIN_HASH) != 0) {
        return row->seq > row->signed_to ? CHAIN_INSERTED : CHAIN_CHANGED;
    }
    memcpy(w->chain, row->chain, CHAIN_ID);
    w->seq = row->seq;
    memcpy(w->hash, hash, CHAIN_HASH);
    return CHAIN_GOOD;
}
