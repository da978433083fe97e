/* Happy path: the parts are hashed, the hash is signed. Failure: none; what does not fit is the
 * answer. */
#include "server/base/certificate.h"

#include <sodium.h>
#include <string.h>

#include "proto/wire/be.h"
#include "proto/wire/must.h"

static const char WORDS[] = "attune certificate 1"; /* Its NUL is signed too. */

enum { MESSAGE = sizeof WORDS + CHAIN_HASH };

static void message_of(const struct certificate *c, uint8_t message[MESSAGE])
{
    crypto_hash_sha256_state state;
    uint8_t practice[8];
    must(sodium_init() >= 0);
    (void)put_be(practice, sizeof practice, (uint64_t)c->practice_id);
    memcpy(message, WORDS, sizeof WORDS);
    (void)crypto_hash_sha256_init(&state); /* These have no failure. */
    (void)crypto_hash_sha256_update(&state, practice, sizeof practice);
    (void)crypto_hash_sha256_update(&state, (const uint8_t *)c->kind, strlen(c->kind) + 1);
    (void)crypto_hash_sha256_update(&state, (const uint8_t *)c->name, strlen(c->name) + 1);
    (void)crypto_hash_sha256_update(&state, (const uint8_t *)c->body, strlen(c->body));
    (void)crypto_hash_sha256_final(&state, message + sizeof WORDS);
}

void certificate_sign(const struct certificate *c, const struct chain_key *key,
                      uint8_t ret_signature[CHAIN_SIGNATURE])
{
    uint8_t message[MESSAGE];
    message_of(c, message);
    int rc = crypto_sign_detached(ret_signature, NULL, message, sizeof message, key->secret);
    must(rc == 0);
}

bool certificate_is_good(const struct certificate *c, const uint8_t public_half[CHAIN_KEY],
                         const uint8_t signature[CHAIN_SIGNATURE])
{
    uint8_t message[MESSAGE];
    message_of(c, message);
    return crypto_sign_verify_detached(signature, message, sizeof message, public_half) == 0;
}
