/* certify.h - X.509: requests judged, certificates made and signed. Shared by `attune-server pki`,
 * the server's own issuing, and `attune-server issuer`.
 *
 * A device's certificate says O=practice number, CN=label, clientAuth, and nothing that its request
 * asked for but the key. 90 days, as the server's; the authority's lasts ten years. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

enum { CERTIFY_DER_MAX = 2048, CERTIFY_LEAF_DAYS = 90 };

/* A key and its certificate; either may be NULL. */
struct certify_pair {
    EVP_PKEY *key;
    X509 *certificate;
};
void certify_pair_fini(struct certify_pair *p);

/* Reads DIR/ca.crt and DIR/ca.key. Returns 0 or ERR_CONFIG with the file's name in `why`. */
enum { CERTIFY_WHY = 512 };
int certify_load(const char *dir, struct certify_pair *ret_pair, char why[CERTIFY_WHY]);

/* An authority that has signed itself, with a new key. `name` may differ from one to the next. */
bool certify_make_authority(struct certify_pair *p);
/* A server's for `alternatives` ("DNS:a,IP:b"), with a new key. */
bool certify_make_server(struct certify_pair *p, const struct certify_pair *by,
                         const char *alternatives);
/* A device's with a new key. */
bool certify_make_device(struct certify_pair *p, const struct certify_pair *by, int64_t practice_id,
                         const char *label);

/* A request (PKCS #10, DER): a key on P-256 and the signature that shows who has it. Returns 0 and
 * the key's fingerprint (SHA-256 of the SubjectPublicKeyInfo), or ERR_REQUEST. */
int certify_judge(const uint8_t *request, size_t len, uint8_t ret_fingerprint[32]);

/* The certificate for a request's key. Judges it first. Returns 0, ERR_REQUEST or ERR_INTERNAL. */
int certify_sign(const struct certify_pair *by, const uint8_t *request, size_t len,
                 int64_t practice_id, const char *label, uint8_t ret_der[CERTIFY_DER_MAX],
                 size_t *ret_len);

/* When a certificate (DER) ends, Unix milliseconds; 0: it cannot be read. */
int64_t certify_ends_ms(const uint8_t *der, size_t len);

/* SHA-256 of a certificate's public key. */
bool certify_fingerprint(X509 *certificate, uint8_t ret_fingerprint[32]);

/* A certificate (DER) that may have expired, up to `grace_s` before `now_s`, and otherwise stands:
 * signed by an authority that `context` trusts, a client's. `proof` is the signature of its key
 * over `signed_bytes` (ECDSA, SHA-256). Returns 0 and whose it is, or ERR_RENEW_REFUSED. */
struct certify_expired {
    const uint8_t *certificate, *proof, *signed_bytes;
    size_t certificate_len, proof_len, signed_len;
    int64_t now_s, grace_s;
};
int certify_judge_expired(SSL_CTX *context, const struct certify_expired *e,
                          uint8_t ret_fingerprint[32], int64_t *ret_practice);
