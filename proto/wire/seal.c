/* Happy path: begin a chain if there is none to go on with, take the record's key from its place,
 * go on, pad, box; back: find the key by its id, open the head, go to the record's place, open,
 * unpad.
 * Failure: another length, form or place, a bit that was changed, padding that is none: ERR_FIELD.
 * A key that is not here is another thing: nothing is wrong with the record. */
#include "proto/wire/seal.h"

#include <string.h>

#include <sodium.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum {
    AT_ID = 1,
    AT_HEAD = AT_ID + SEAL_KEY_ID,
    AT_INDEX = AT_HEAD + SEAL_HEAD,
    AT_NONCE = AT_INDEX + 1, /* What stands before it is the associated data. */
    AT_BOX = AT_NONCE + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    BOX = SEAL_PADDED + crypto_aead_xchacha20poly1305_ietf_ABYTES,
    TO_NEXT = 1,   /* What k(i) is hashed to: k(i+1), and */
    TO_RECORD = 2, /* the key of record i. */
};
_Static_assert((int)SEAL_SIZE == (int)AT_BOX + (int)BOX, "the form of a record");
_Static_assert((int)SEAL_SIZE <= (int)LIMIT_RECORD_SIZE, "it travels as a record");
_Static_assert(SEAL_HEAD == crypto_box_SEALBYTES + SEAL_LINK, "the form of a head");
_Static_assert(SEAL_LINK == crypto_kdf_KEYBYTES, "libsodium's");
_Static_assert(SEAL_LINK == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "libsodium's");
_Static_assert(SEAL_CHAIN_MAX <= UINT8_MAX, "an index is a byte");
_Static_assert(SEAL_PUBLIC == crypto_box_PUBLICKEYBYTES, "libsodium's");
_Static_assert(SEAL_SECRET == crypto_box_SECRETKEYBYTES, "libsodium's");

static const char context[crypto_kdf_CONTEXTBYTES] = {'a', 't', 't', 'u', 'n', 'e', '/', '1'};

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

/* ---- sealing --------------------------------------------------------------------------------- */

static void derive(uint8_t to[SEAL_LINK], uint64_t what, const uint8_t link[SEAL_LINK])
{
    must(crypto_kdf_derive_from_key(to, SEAL_LINK, what, context, link) == 0);
}

static void go_on(struct seal_link *link)
{
    uint8_t next[SEAL_LINK];
    derive(next, TO_NEXT, link->key);
    memcpy(link->key, next, sizeof next);
    link->at++;
    seal_wipe(next, sizeof next);
}

void seal_chain_init(struct seal_chain *c, const struct seal_key *key)
{
    *c = (struct seal_chain){.key = *key};
}

static void begin(struct seal_chain *c, int64_t now_ms)
{
    crypto_kdf_keygen(c->next.key);
    int rc = crypto_box_seal(c->head, c->next.key, SEAL_LINK, c->key.public_half);
    must(rc == 0); /* seal_key_from has tried this key. */
    c->next.at = 0;
    c->begun_ms = now_ms;
    c->begun = true;
}

int seal_record(struct seal_chain *c, int64_t now_ms, const uint8_t *record, size_t len,
                uint8_t ret_sealed[SEAL_SIZE])
{
    uint8_t padded[SEAL_PADDED], key[SEAL_LINK];
    size_t padded_len;
    if (len == 0 || len > SEAL_RECORD_MAX) {
        return ERR_FIELD;
    }
    be_ready();
    if (!c->begun || c->next.at == SEAL_CHAIN_MAX || now_ms - c->begun_ms >= SEAL_CHAIN_MS) {
        begin(c, now_ms);
    }
    ret_sealed[0] = SEAL_FORM;
    memcpy(ret_sealed + AT_ID, c->key.id, SEAL_KEY_ID);
    memcpy(ret_sealed + AT_HEAD, c->head, SEAL_HEAD);
    ret_sealed[AT_INDEX] = c->next.at;
    derive(key, TO_RECORD, c->next.key);
    go_on(&c->next); /* From here on nothing but `key` opens what follows. */
    memcpy(padded, record, len);
    must(sodium_pad(&padded_len, padded, len, SEAL_PADDED, sizeof padded) == 0);
    /* Random, although a key has one record: two copies of a process would share their keys. */
    randombytes_buf(ret_sealed + AT_NONCE, AT_BOX - AT_NONCE);
    int rc = crypto_aead_xchacha20poly1305_ietf_encrypt(ret_sealed + AT_BOX, NULL, padded,
                                                        sizeof padded, ret_sealed, AT_NONCE, NULL,
                                                        ret_sealed + AT_NONCE, key);
    seal_wipe(padded, sizeof padded);
    seal_wipe(key, sizeof key);
    must(rc == 0);
    return 0;
}

/* ---- opening --------------------------------------------------------------------------------- */

static const struct seal_pair *find(const struct seal_pair *pairs, size_t count, const uint8_t *id)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(pairs[i].key.id, id, SEAL_KEY_ID) == 0) {
            return &pairs[i];
        }
    }
    return NULL;
}

int seal_look(const struct seal_pair *pairs, size_t count, const uint8_t *sealed, size_t len)
{
    if (len != SEAL_SIZE || sealed[0] != SEAL_FORM || sealed[AT_INDEX] >= SEAL_CHAIN_MAX) {
        return ERR_FIELD;
    }
    return find(pairs, count, sealed + AT_ID) == NULL ? ERR_SEAL_KEY : 0;
}

const uint8_t *seal_name(const uint8_t sealed[SEAL_SIZE])
{
    return sealed + AT_ID;
}

int seal_first(const struct seal_pair *pairs, size_t count, const uint8_t sealed[SEAL_SIZE],
               struct seal_link *ret_first)
{
    uint8_t key[SEAL_LINK];
    const struct seal_pair *pair = find(pairs, count, sealed + AT_ID);
    must(pair != NULL); /* Looked at. */
    be_ready();
    int rc =
        crypto_box_seal_open(key, sealed + AT_HEAD, SEAL_HEAD, pair->key.public_half, pair->secret);
    if (rc == 0) {
        memcpy(ret_first->key, key, sizeof key);
        ret_first->at = 0;
    }
    seal_wipe(key, sizeof key);
    return rc == 0 ? 0 : ERR_FIELD;
}

bool seal_after(const struct seal_link *link, const uint8_t sealed[SEAL_SIZE])
{
    return sealed[AT_INDEX] >= link->at;
}

static int open_box(const uint8_t *sealed, const uint8_t link[SEAL_LINK],
                    uint8_t room[SEAL_RECORD_MAX], size_t *ret_len)
{
    uint8_t padded[SEAL_PADDED], key[SEAL_LINK];
    size_t len = 0;
    derive(key, TO_RECORD, link);
    int rc = crypto_aead_xchacha20poly1305_ietf_decrypt(padded, NULL, NULL, sealed + AT_BOX, BOX,
                                                        sealed, AT_NONCE, sealed + AT_NONCE, key);
    rc = rc == 0 ? sodium_unpad(&len, padded, sizeof padded, SEAL_PADDED) : rc;
    if (rc == 0 && len > 0) {
        memcpy(room, padded, len);
        *ret_len = len;
    }
    seal_wipe(padded, sizeof padded);
    seal_wipe(key, sizeof key);
    return rc == 0 && len > 0 ? 0 : ERR_FIELD;
}

int seal_open_from(struct seal_link *link, const uint8_t sealed[SEAL_SIZE],
                   uint8_t room[SEAL_RECORD_MAX], size_t *ret_len)
{
    struct seal_link there = *link;
    must(seal_after(link, sealed) && sealed[AT_INDEX] < SEAL_CHAIN_MAX);
    while (there.at < sealed[AT_INDEX]) {
        go_on(&there);
    }
    int rc = open_box(sealed, there.key, room, ret_len);
    if (rc == 0) {
        *link = there;
    }
    seal_wipe(&there, sizeof there);
    return rc;
}

int seal_open(const struct seal_pair *pairs, size_t count, const uint8_t *sealed, size_t len,
              uint8_t room[SEAL_RECORD_MAX], size_t *ret_len)
{
    struct seal_link link;
    int rc = seal_look(pairs, count, sealed, len);
    if (rc != 0) {
        return rc;
    }
    rc = seal_first(pairs, count, sealed, &link);
    if (rc == 0) {
        rc = seal_open_from(&link, sealed, room, ret_len);
        seal_wipe(&link, sizeof link);
    }
    return rc;
}

void seal_wipe(void *bytes, size_t len)
{
    sodium_memzero(bytes, len);
}
