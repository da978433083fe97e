/* Happy path: feed lends the BIO its bytes, the handshake goes on or plaintext comes out, what
 * OpenSSL writes gathers in the shared room and is handed to the caller before feed returns.
 * Failure: the first error ends the session; what it wrote, an alert, is handed over all the same.
 * A certificate that one side refuses is told apart from everything else: waiting does not mend it.
 */
#include "proto/wire/tls_session.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "proto/wire/tls_session_enrol.h"

/* ALPN's form: a length, then the name (RFC 7301). The first that both know is chosen. */
static const unsigned char PROTOCOLS[] = {8,   'a', 't', 't', 'u', 'n', 'e', '/',
                                          '1', 14,  'a', 't', 't', 'u', 'n', 'e',
                                          '-', 'e', 'n', 'r', 'o', 'l', '/', '1'};
static char enrol_mark[] = "enrol"; /* A context's app data; never changed. */
enum { ATTUNE_AT = 0, ATTUNE_LEN = 9, ENROL_AT = 9, ENROL_LEN = 15 };
enum { ALERT_REASONS = SSL_AD_REASON_OFFSET };

/* ---- the BIO: the buffers of the call under way ---------------------------------------------- */

static void flush(struct tls_session *t)
{
    size_t len = t->out_len;
    t->out_len = 0;
    if (len > 0) {
        t->send_cb(t, t->room->cipher, len);
    }
}

static int on_bio_read(BIO *bio, char *room, int room_size)
{
    struct tls_session *t = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (t->in_len == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t n = t->in_len < (size_t)room_size ? t->in_len : (size_t)room_size;
    memcpy(room, t->in, n);
    t->in += n;
    t->in_len -= n;
    return (int)n;
}

static int on_bio_write(BIO *bio, const char *bytes, int len)
{
    struct tls_session *t = BIO_get_data(bio);
    size_t left = (size_t)len;
    BIO_clear_retry_flags(bio);
    while (left > 0) {
        size_t room = sizeof t->room->cipher - t->out_len;
        size_t n = left < room ? left : room;
        memcpy(t->room->cipher + t->out_len, bytes, n);
        t->out_len += n;
        bytes += n;
        left -= n;
        if (t->out_len == sizeof t->room->cipher) {
            flush(t);
        }
    }
    return len;
}

static long on_bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH; /* Nothing waits in the BIO itself. */
}

static int on_bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

static CRYPTO_ONCE method_once = CRYPTO_ONCE_STATIC_INIT;
static BIO_METHOD *method; /* Written once, before its first use; read only from then on. */

static void make_method(void)
{
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "attune");
    must(method != NULL && BIO_meth_set_read(method, on_bio_read) == 1 &&
         BIO_meth_set_write(method, on_bio_write) == 1 &&
         BIO_meth_set_ctrl(method, on_bio_control) == 1 &&
         BIO_meth_set_create(method, on_bio_create) == 1);
}

static BIO *bio_new(struct tls_session *t)
{
    int once = CRYPTO_THREAD_run_once(&method_once, make_method);
    must(once == 1);
    BIO *bio = BIO_new(method);
    if (bio != NULL) {
        BIO_set_data(bio, t);
    }
    return bio;
}

/* ---- contexts -------------------------------------------------------------------------------- */

static int on_choose_protocol(SSL *ssl, const unsigned char **ret, unsigned char *ret_len,
                              const unsigned char *offered, unsigned offered_len, void *unused)
{
    (void)unused;
    unsigned char *chosen = NULL;
    if (SSL_select_next_proto(&chosen, ret_len, PROTOCOLS, sizeof PROTOCOLS, offered,
                              offered_len) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    if (*ret_len == ENROL_LEN - 1) {
        /* Who has no certificate yet is not asked for one: here alone, for this session alone. */
        SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
    }
    *ret = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* Who offers no protocol at all is not asked by the callback above. */
static int on_client_hello(SSL *ssl, int *ret_alert, void *unused)
{
    (void)unused;
    const unsigned char *extension;
    size_t len;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation,
                                  &extension, &len) == 1) {
        return SSL_CLIENT_HELLO_SUCCESS;
    }
    *ret_alert = SSL_AD_NO_APPLICATION_PROTOCOL;
    return SSL_CLIENT_HELLO_ERROR;
}

static int refuse(char *why, size_t why_size, const char *file, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    (void)snprintf(why, why_size, "%s: %s%s%s", file, what, reason != NULL ? ": " : "",
                   reason != NULL ? reason : "");
    return ERR_CERTIFICATE;
}

static bool set_rules(SSL_CTX *c, enum tls_role role)
{
    /* No chain: the peer has the authority's certificate, and would keep a second copy a
     * connection. */
    (void)SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
    (void)SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF); /* Returns the old mode. */
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_verify_depth(c, 0); /* The authority signs every device itself: none between. */
    if (role == TLS_SERVER) {
        SSL_CTX_set_client_hello_cb(c, on_client_hello, NULL);
        SSL_CTX_set_alpn_select_cb(c, on_choose_protocol, NULL);
    }
    return SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_num_tickets(c, 0) == 1 && SSL_CTX_set_max_early_data(c, 0) == 1 &&
           /* X25519 first: the handshake's keys stay with the connection, and P-256's are 3 kB
              more. */
           SSL_CTX_set1_groups_list(c, "X25519:P-256") == 1 &&
           /* The keys' kind is stated: nobody makes us judge one of 16,384 bits. */
           SSL_CTX_set1_sigalgs_list(c, "ECDSA+SHA256") == 1 &&
           SSL_CTX_set_ciphersuites(c, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                                       "TLS_CHACHA20_POLY1305_SHA256") == 1 &&
           (role == TLS_SERVER ||
            SSL_CTX_set_alpn_protos(c, PROTOCOLS + ATTUNE_AT, ATTUNE_LEN) == 0);
}

/* Our own certificate must pass the peer's judgement: signed by the authority, in date, for this
 * role. */
static int judge_own(SSL_CTX *c, enum tls_role role, const char *file, bool may_have_expired,
                     char *why, size_t why_size)
{
    X509_STORE_CTX *judge = X509_STORE_CTX_new();
    must(judge != NULL);
    int rc = ERR_CERTIFICATE;
    if (X509_STORE_CTX_init(judge, SSL_CTX_get_cert_store(c), SSL_CTX_get0_certificate(c), NULL) !=
            1 ||
        X509_STORE_CTX_set_purpose(judge, role == TLS_SERVER ? X509_PURPOSE_SSL_SERVER
                                                             : X509_PURPOSE_SSL_CLIENT) != 1) {
        (void)refuse(why, why_size, file, "cannot be judged");
    } else if (X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(judge),
                                           may_have_expired ? X509_V_FLAG_NO_CHECK_TIME : 0) == 1 &&
               X509_verify_cert(judge) == 1) {
        rc = 0;
    } else {
        int code = X509_STORE_CTX_get_error(judge);
        (void)snprintf(why, why_size, "%s: %s", file, X509_verify_cert_error_string(code));
    }
    X509_STORE_CTX_free(judge);
    return rc;
}

static int load(SSL_CTX *c, enum tls_role role, const struct tls_files *f, bool may_have_expired,
                char *why, size_t why_size)
{
    if (!set_rules(c, role)) {
        return refuse(why, why_size, "TLS", "the rules cannot be set");
    }
    if (SSL_CTX_load_verify_file(c, f->authority) != 1) {
        return refuse(why, why_size, f->authority, "no authority's certificate (PEM)");
    }
    if (SSL_CTX_use_certificate_file(c, f->certificate, SSL_FILETYPE_PEM) != 1) {
        return refuse(why, why_size, f->certificate, "no certificate (PEM)");
    }
    if (SSL_CTX_use_PrivateKey_file(c, f->key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(c) != 1) {
        return refuse(why, why_size, f->key, "no private key (PEM) that fits the certificate");
    }
    return judge_own(c, role, f->certificate, may_have_expired, why, why_size);
}

static int make_context(enum tls_role role, const struct tls_files *files, bool may_have_expired,
                        SSL_CTX **ret_context, char *why, size_t why_size)
{
    ERR_clear_error();
    SSL_CTX *c = SSL_CTX_new(role == TLS_SERVER ? TLS_server_method() : TLS_client_method());
    if (c == NULL) {
        return refuse(why, why_size, "TLS", "no context");
    }
    int rc = load(c, role, files, may_have_expired, why, why_size);
    if (rc != 0) {
        SSL_CTX_free(c);
        return rc;
    }
    *ret_context = c;
    return 0;
}

int tls_context_new(enum tls_role role, const struct tls_files *files, SSL_CTX **ret_context,
                    char *why, size_t why_size)
{
    return make_context(role, files, false, ret_context, why, why_size);
}

int tls_context_expired(const struct tls_files *files, SSL_CTX **ret_context, char *why,
                        size_t why_size)
{
    return make_context(TLS_CLIENT, files, true, ret_context, why, why_size);
}

int tls_context_enrol(const char *authority, SSL_CTX **ret_context, char *why, size_t why_size)
{
    ERR_clear_error();
    SSL_CTX *c = SSL_CTX_new(TLS_client_method());
    if (c == NULL || !set_rules(c, TLS_CLIENT) ||
        SSL_CTX_set_alpn_protos(c, PROTOCOLS + ENROL_AT, ENROL_LEN) != 0) {
        SSL_CTX_free(c);
        return refuse(why, why_size, "TLS", "the rules cannot be set");
    }
    (void)SSL_CTX_set_app_data(c, enrol_mark); /* 1, or no memory, which the check of ALPN tells. */
    if (authority == NULL) {
        SSL_CTX_set_verify(c, SSL_VERIFY_NONE, NULL); /* Whoever it is: judged later. */
    } else if (SSL_CTX_load_verify_file(c, authority) != 1) {
        int rc = refuse(why, why_size, authority, "no authority's certificate (PEM)");
        SSL_CTX_free(c);
        return rc;
    }
    *ret_context = c;
    return 0;
}

int64_t tls_context_expires_in(SSL_CTX *context, int64_t now_s)
{
    int64_t left = 0;
    int rc = tls_certificate_expires_in(SSL_CTX_get0_certificate(context), now_s, &left);
    must(rc == 0); /* The certificate was judged when it was loaded. */
    return left;
}

/* ---- sessions -------------------------------------------------------------------------------- */

static bool is_address(const char *name)
{
    uint8_t room[16];
    return inet_pton(AF_INET, name, room) == 1 || inet_pton(AF_INET6, name, room) == 1;
}

static bool want_name(SSL *ssl, const char *name)
{
    if (is_address(name)) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
    }
    return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

int tls_session_init(struct tls_session *t, enum tls_role role, SSL_CTX *context,
                     struct tls_room *room, const char *server_name, tls_send_cb send_cb,
                     tls_plain_cb plain_cb)
{
    *t = (struct tls_session){.room = room, .send_cb = send_cb, .plain_cb = plain_cb};
    ERR_clear_error();
    t->ssl = SSL_new(context);
    BIO *bio = t->ssl == NULL ? NULL : bio_new(t);
    if (bio == NULL) {
        tls_session_fini(t);
        return ERR_INTERNAL;
    }
    SSL_set_bio(t->ssl, bio, bio); /* Both ends are the same one; it is the session's now. */
    if (role == TLS_SERVER) {
        SSL_set_accept_state(t->ssl);
        return 0;
    }
    t->wanted = SSL_CTX_get_app_data(context) == enrol_mark ? TLS_ENROL : TLS_ATTUNE;
    SSL_set_connect_state(t->ssl);
    if (server_name != NULL && !want_name(t->ssl, server_name)) {
        tls_session_fini(t);
        return ERR_INTERNAL;
    }
    return 0;
}

/* Alerts that speak of a certificate: RFC 8446, section 6.2. */
static bool is_about_certificates(unsigned long code)
{
    if (ERR_GET_LIB(code) != ERR_LIB_SSL) {
        return false; /* Other libraries use the same numbers for other things. */
    }
    switch (ERR_GET_REASON(code)) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    case ALERT_REASONS + SSL3_AD_BAD_CERTIFICATE:
    case ALERT_REASONS + SSL3_AD_UNSUPPORTED_CERTIFICATE:
    case ALERT_REASONS + SSL3_AD_CERTIFICATE_REVOKED:
    case ALERT_REASONS + SSL3_AD_CERTIFICATE_EXPIRED:
    case ALERT_REASONS + SSL3_AD_CERTIFICATE_UNKNOWN:
    case ALERT_REASONS + TLS1_AD_UNKNOWN_CA:
    case ALERT_REASONS + TLS1_AD_ACCESS_DENIED:
    case ALERT_REASONS + TLS13_AD_CERTIFICATE_REQUIRED:
        return true;
    default:
        return false;
    }
}

/* What a call's result means: 0 to wait for more bytes, or an err code. */
static int meaning(struct tls_session *t, int result)
{
    switch (SSL_get_error(t->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return 0;
    case SSL_ERROR_ZERO_RETURN:
        t->ended = true;
        return ERR_CLOSED;
    default:
        t->ended = true;
        return is_about_certificates(ERR_peek_error()) ? ERR_CERTIFICATE : ERR_TLS;
    }
}

static bool is_protocol(const unsigned char *chosen, unsigned len, size_t at, size_t with_length)
{
    return len == with_length - 1 && memcmp(chosen, PROTOCOLS + at + 1, len) == 0;
}

static int shake_hands(struct tls_session *t)
{
    ERR_clear_error();
    int result = SSL_do_handshake(t->ssl);
    if (result != 1) {
        return meaning(t, result);
    }
    const unsigned char *protocol = NULL;
    unsigned len = 0;
    SSL_get0_alpn_selected(t->ssl, &protocol, &len);
    bool is_enrol = is_protocol(protocol, len, ENROL_AT, ENROL_LEN);
    if ((!is_enrol && !is_protocol(protocol, len, ATTUNE_AT, ATTUNE_LEN)) ||
        (t->wanted != TLS_ANY && is_enrol != (t->wanted == TLS_ENROL))) {
        t->ended = true; /* A server that chooses none, or another one, is no server of ours. */
        return ERR_TLS;
    }
    t->protocol = is_enrol ? TLS_ENROL : TLS_ATTUNE;
    t->up = true;
    return 0;
}

static int read_all(struct tls_session *t)
{
    for (;;) {
        ERR_clear_error();
        int n = SSL_read(t->ssl, t->room->plain, sizeof t->room->plain);
        if (n <= 0) {
            return meaning(t, n);
        }
        flush(t); /* The callback may write to another session, through the same room. */
        int rc = t->plain_cb(t, t->room->plain, (size_t)n);
        if (rc != 0) {
            return rc;
        }
    }
}

int tls_session_begin(struct tls_session *t)
{
    int rc = shake_hands(t);
    flush(t);
    return rc;
}

int tls_session_feed(struct tls_session *t, const uint8_t *bytes, size_t len)
{
    if (t->ended) {
        return ERR_CLOSED;
    }
    t->in = bytes;
    t->in_len = len;
    int rc = t->up ? 0 : shake_hands(t);
    if (rc == 0 && t->up) {
        rc = read_all(t);
    }
    must(rc != 0 || t->in_len == 0); /* Waiting means that every byte was taken. */
    t->in = NULL;
    t->in_len = 0;
    flush(t);
    return rc;
}

int tls_session_write(struct tls_session *t, const uint8_t *bytes, size_t len)
{
    must(t->up && len > 0 && len <= INT32_MAX);
    if (t->ended) {
        return ERR_TLS;
    }
    ERR_clear_error();
    int n = SSL_write(t->ssl, bytes, (int)len);
    flush(t);
    if (n != (int)len) {
        t->ended = true;
        return ERR_TLS;
    }
    return 0;
}

void tls_session_end(struct tls_session *t)
{
    if (t->up && !t->ended) {
        ERR_clear_error();
        (void)SSL_shutdown(t->ssl); /* Ours is said; the peer's is not waited for. */
        flush(t);
    }
}

const char *tls_session_why(const struct tls_session *t)
{
    long verdict = SSL_get_verify_result(t->ssl);
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    if (verdict != X509_V_OK) {
        return X509_verify_cert_error_string(verdict);
    }
    return reason != NULL ? reason : "no reason is known";
}

void tls_session_fini(struct tls_session *t)
{
    SSL_free(t->ssl);
    t->ssl = NULL;
    ERR_clear_error();
}
