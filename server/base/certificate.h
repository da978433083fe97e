/* certificate.h - the signature under a certificate of what has gone. Pure.
 *
 * Signed (Ed25519, with the key that signs the audit's heads) are the words "attune certificate 1",
 * a NUL, and the SHA-256 of: the practice's number (8 bytes, big-endian), the kind, a NUL, the
 * name, a NUL, and the certificate's text. So one practice's, or one plan's, is not another's. */
#pragma once

#include "server/base/chain.h"

struct certificate {
    int64_t practice_id;
    const char *kind, *name, *body; /* "retention" or "erasure"; which one; JSON. */
};

void certificate_sign(const struct certificate *c, const struct chain_key *key,
                      uint8_t ret_signature[CHAIN_SIGNATURE]);
bool certificate_is_good(const struct certificate *c, const uint8_t public_half[CHAIN_KEY],
                         const uint8_t signature[CHAIN_SIGNATURE]);
