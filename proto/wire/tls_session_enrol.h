/* tls_session_enrol.h - what enrolment and renewal need of TLS, both ends: who signed the server,
 * what only the two ends know, when a certificate ends, which authorities are trusted. */
#pragma once

#include "proto/wire/limits.h"
#include "proto/wire/tls_session.h"

/* A client's, on a connection of tls_context_enrol(NULL): is the server's certificate signed by
 * exactly this authority (DER), in date, a server's, and for this name (DNS name or address)? The
 * authority's SHA-256 must begin with the `len` bytes of `fingerprint`. Returns 0 or ERR_AUTHORITY.
 */
int tls_session_judge(const struct tls_session *t, const uint8_t *authority, size_t authority_len,
                      const uint8_t *fingerprint, size_t len, const char *name);

/* What only the two ends of this connection know: 32 bytes (RFC 5705, label "EXPORTER-attune-enrol"
 * without context). Returns 0 or ERR_TLS. */
enum { TLS_EXPORTED = 32 };
int tls_session_export(const struct tls_session *t, uint8_t ret_bytes[TLS_EXPORTED]);

/* Seconds until a certificate expires from Unix time `now_s` on, negative: since; and the peer's.
 * Returns 0 or ERR_CERTIFICATE: there is none, or its date is no date. */
int tls_certificate_expires_in(const X509 *certificate, int64_t now_s, int64_t *ret_s);
int tls_session_peer_expires_in(const struct tls_session *t, int64_t now_s, int64_t *ret_s);

struct tls_authority {
    uint8_t *der; /* Ours. */
    size_t len;
    uint8_t fingerprint[32]; /* SHA-256 of `der`. */
};

/* The authorities that a context trusts, in the order of their SHA-256. */
struct tls_authorities {
    size_t count;
    struct tls_authority list[LIMIT_AUTHORITIES];
    size_t signed_by; /* Which of them signed the context's own certificate. */
    /* What both ends know the set by: SHA-256 of all fingerprints, one after the other; its first 8
     * bytes. */
    uint8_t id[LIMIT_AUTHORITY_ID];
};
/* Returns 0, or ERR_CONFIG: none, or more than LIMIT_AUTHORITIES. tls_authorities_fini is owed
 * after 0. */
int tls_authorities_from(SSL_CTX *context, struct tls_authorities *ret_authorities);
void tls_authorities_fini(struct tls_authorities *a);
