/* tls_session.h - the TLS byte pump, both roles: ciphertext in, plaintext out, and back.
 *
 * No socket and no loop. OpenSSL reads and writes through a BIO of ours that
 * borrows the caller's buffers for the length of one call, so that an idle
 * session holds no buffer. TLS 1.3 only, ALPN "attune/1", both ends with certificates; beside it
 * "attune-enrol/1", for devices that have none yet: who offers both gets the first.
 *
 * After every call, a failed one too, what it wrote must be sent: alerts are lost otherwise. In
 * TLS 1.3 a client is "up" before its certificate has been judged: connected means Welcome. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "proto/wire/limits.h"

enum tls_role { TLS_SERVER, TLS_CLIENT };

/* Where the certificates lie. Borrowed for the call. PEM files; the key without a passphrase. */
struct tls_files {
    const char *authority;
    const char *certificate;
    const char *key;
};

/* A whole new context, tested (key fits certificate, certificate is signed by the authority and in
 * date). Returns 0 and *ret_context (free with SSL_CTX_free), or ERR_CERTIFICATE with a sentence in
 * `why`. For a reload: make the new one, swap, free the old; on an error keep the old one. */
int tls_context_new(enum tls_role role, const struct tls_files *files, SSL_CTX **ret_context,
                    char *why, size_t why_size);

/* A client's whose own certificate may have expired: it is to be renewed. Otherwise as above. */
int tls_context_expired(const struct tls_files *files, SSL_CTX **ret_context, char *why,
                        size_t why_size);

/* For a client that has no certificate yet, or none that is still good: ALPN "attune-enrol/1", no
 * certificate of its own. `authority` NULL: the server is not judged in the handshake, and nothing
 * may be told to it before tls_session_judge (tls_session_enrol.h). Returns as above. */
int tls_context_enrol(const char *authority, SSL_CTX **ret_context, char *why, size_t why_size);

/* Seconds until the context's own certificate expires; negative: since. `now_s` is Unix time. */
int64_t tls_context_expires_in(SSL_CTX *context, int64_t now_s);

struct tls_session;

/* What the session wants sent. `bytes` is borrowed until this returns. */
typedef void (*tls_send_cb)(struct tls_session *t, const uint8_t *bytes, size_t len);
/* Plaintext that has arrived. Return 0 to go on, an err code to stop: feed returns it. */
typedef int (*tls_plain_cb)(struct tls_session *t, const uint8_t *bytes, size_t len);

/* Buffers that one loop shares among all its sessions; used only within a call. */
struct tls_room {
    uint8_t plain[16 * 1024];
    uint8_t cipher[20 * 1024]; /* One whole record and its overhead at least. */
};

/* ALPN. TLS_ANY: not chosen yet. */
enum tls_protocol { TLS_ANY, TLS_ATTUNE, TLS_ENROL };

struct tls_session {
    SSL *ssl;
    struct tls_room *room; /* Borrowed for the session's life. */
    tls_send_cb send_cb;
    tls_plain_cb plain_cb;
    const uint8_t *in; /* The bytes of the feed under way. */
    size_t in_len;
    size_t out_len;                     /* Bytes gathered in room->cipher by the call under way. */
    enum tls_protocol wanted, protocol; /* A client's; what was chosen, once it is up. */
    bool up;                            /* The handshake is done, seen from this end. */
    bool ended;                         /* The peer closed properly, or the session failed. */
};

/* `server_name`: what a client wants in the server's certificate (DNS name or IP address); NULL for
 * a server. Returns 0 or ERR_INTERNAL (no memory in OpenSSL). After 0, tls_session_fini is owed. */
int tls_session_init(struct tls_session *t, enum tls_role role, SSL_CTX *context,
                     struct tls_room *room, const char *server_name, tls_send_cb send_cb,
                     tls_plain_cb plain_cb);

/* A client's first flight. Returns 0 or an err code. */
int tls_session_begin(struct tls_session *t);

/* Ciphertext from the peer. Returns 0 (more may come), ERR_CLOSED (the peer's close_notify, after
 * all its bytes), ERR_CERTIFICATE (one side refused the other's), ERR_TLS (anything else that is
 * not our TLS), or what plain_cb returned. Not 0: send what was written, then close. */
int tls_session_feed(struct tls_session *t, const uint8_t *bytes, size_t len);

/* Plaintext to the peer; needs `up`. All of it is taken. Returns 0 or ERR_TLS. */
int tls_session_write(struct tls_session *t, const uint8_t *bytes, size_t len);

/* Say close_notify. */
void tls_session_end(struct tls_session *t);

/* SHA-256 of the peer's public key (SubjectPublicKeyInfo, DER): what a device is known by; and the
 * practice that its certificate names (subject O, a decimal number). Returns 0 or ERR_CERTIFICATE.
 */
int tls_session_peer(const struct tls_session *t, uint8_t ret_fingerprint[32],
                     int64_t *ret_practice);

/* The practice that a certificate names. Returns 0 or ERR_CERTIFICATE. */
int tls_certificate_practice(X509 *certificate, int64_t *ret_practice);

/* A certificate's number, and the peer's: big-endian, no leading zeros. Returns 0 or
 * ERR_CERTIFICATE: it has none, 0, or one that is longer than certificates' numbers are. */
int tls_certificate_serial(X509 *certificate, uint8_t ret_serial[LIMIT_SERIAL_BYTES],
                           uint8_t *ret_size);
int tls_session_serial(const struct tls_session *t, uint8_t ret_serial[LIMIT_SERIAL_BYTES],
                       uint8_t *ret_size);

/* Why the last call failed, in OpenSSL's words, for the log: "tlsv13 alert certificate required".
 * Static or borrowed until the next call; never empty. */
const char *tls_session_why(const struct tls_session *t);

void tls_session_fini(struct tls_session *t);
