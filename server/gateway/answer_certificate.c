/* Happy path: the text's hash, the key's digits, and what is to be thought of the signature.
 * Failure: none. */
#include <string.h>

#include <openssl/sha.h>

#include "proto/wire/must.h"
#include "server/gateway/answer.h"

enum certificate_verdict certificate_say(const struct store_certificate *c,
                                         const struct chain_key *own,
                                         struct certificate_words *ret_words)
{
    uint8_t hash[SHA256_DIGEST_LENGTH];
    const char *body = c->certificate.body;
    must(SHA256((const uint8_t *)body, strlen(body), hash) != NULL);
    (void)chain_hex(hash, sizeof hash, ret_words->sha256);
    ret_words->signer[0] = '\0';
    if (c->has_signature) {
        (void)chain_hex(c->key, sizeof c->key, ret_words->signer);
    }
    return certificate_judge(c, own);
}
