/* Happy path: pad, seal, put form and key id in front; back: find the key by its id, open, unpad.
 * Failure: another length or form, a bit that was changed, padding that is none: ERR_FIELD. A key
 * that is not here is another thing: nothing is wrong with the record. */
#include "proto/wire/seal.h"

#include <string.h>

#include <sodium.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum { AT_ID = 1, AT_BOX = AT_ID + SEAL_KEY_ID };
_Static_assert((int)SEAL_SIZE == (int)AT_BOX + crypto_box_SEALBYTES + SEAL_PADDED,
               "the form of a box");
_Static_assert((int)SEAL_SIZE <= (int)LIMIT_RECORD_SIZE, "it travels as a record");
_Static_assert(SEAL_PUBLIC == crypto_box_PUBLICKEYBYTES, "libsodium's");
_Static_assert(SEAL_SECRET == crypto_box_SECRETKEYBYTES, "libsodium's");

static void be_ready(void)
{
    must(sodium_init() >= 0); /* Cheap when it is; without randomness nothing may go on. */
}

static void fill_id(struct seal_key *key)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    must(crypto_hash_sha256(hash, key->public_half, SEAL_PUBLIC) == 0);
    memcpy(key->id, hash, SEAL_KEY_ID);
}

int seal_key_from(const uint8_t *public_half, size_t len, struct seal_key *ret_key)
{
    uint8_t probe[crypto_box_SEALBYTES + 1];
    be_ready();
    /* A point of small order would give a box that anybody opens: libsodium refuses to make it. */
    if (len != SEAL_PUBLIC || crypto_box_seal(probe, probe, 1, public_half) != 0) {
        return ERR_FIELD;
    }
    memcpy(ret_key->public_half, public_half, SEAL_PUBLIC);
    fill_id(ret_key);
    return 0;
}

void seal_pair_make(struct seal_pair *ret_pair)
{
    be_ready();
    must(crypto_box_keypair(ret_pair->key.public_half, ret_pair->secret) == 0);
    fill_id(&ret_pair->key);
}

void seal_pair_from(const uint8_t secret[SEAL_SECRET], struct seal_pair *ret_pair)
{
    be_ready();
    memcpy(ret_pair->secret, secret, SEAL_SECRET);
    must(crypto_scalarmult_base(ret_pair->key.public_half, secret) == 0);
    fill_id(&ret_pair->key);
}

int seal_record(const struct seal_key *key, const uint8_t *record, size_t len,
                uint8_t ret_sealed[SEAL_SIZE])
{
    uint8_t padded[SEAL_PADDED];
    size_t padded_len;
    if (len == 0 || len > SEAL_RECORD_MAX) {
        return ERR_FIELD;
    }
    be_ready();
    memcpy(padded, record, len);
    must(sodium_pad(&padded_len, padded, len, SEAL_PADDED, sizeof padded) == 0);
    ret_sealed[0] = SEAL_FORM;
    memcpy(ret_sealed + AT_ID, key->id, SEAL_KEY_ID);
    int rc = crypto_box_seal(ret_sealed + AT_BOX, padded, sizeof padded, key->public_half);
    seal_wipe(padded, sizeof padded);
    must(rc == 0); /* seal_key_from has tried this key. */
    return 0;
}

static const struct seal_pair *find(const struct seal_pair *pairs, size_t count, const uint8_t *id)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(pairs[i].key.id, id, SEAL_KEY_ID) == 0) {
            return &pairs[i];
        }
    }
    return NULL;
}

int seal_open(const struct seal_pair *pairs, size_t count, const uint8_t *sealed, size_t len,
              uint8_t room[SEAL_RECORD_MAX], size_t *ret_len)
{
    uint8_t padded[SEAL_PADDED];
    size_t record_len = 0;
    if (len != SEAL_SIZE || sealed[0] != SEAL_FORM) {
        return ERR_FIELD;
    }
    const struct seal_pair *pair = find(pairs, count, sealed + AT_ID);
    if (pair == NULL) {
        return ERR_SEAL_KEY;
    }
    be_ready();
    int rc = crypto_box_seal_open(padded, sealed + AT_BOX, SEAL_SIZE - AT_BOX,
                                  pair->key.public_half, pair->secret);
    rc = rc == 0 ? sodium_unpad(&record_len, padded, sizeof padded, SEAL_PADDED) : rc;
    if (rc == 0 && record_len > 0) {
        memcpy(room, padded, record_len);
        *ret_len = record_len;
    }
    seal_wipe(padded, sizeof padded);
    return rc == 0 && record_len > 0 ? 0 : ERR_FIELD;
}

void seal_wipe(void *bytes, size_t len)
{
    sodium_memzero(bytes, len);
}
