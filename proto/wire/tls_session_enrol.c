/* Happy path: the authority that the server names is the one whose fingerprint the code begins, and
 * the server's own certificate is signed by it. Failure: any doubt is ERR_AUTHORITY; the code is
 * not told then. */
#include "proto/wire/tls_session_enrol.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

static const char LABEL[] = "EXPORTER-attune-enrol";

static bool begins(const uint8_t *der, size_t der_len, const uint8_t *fingerprint, size_t len)
{
    uint8_t digest[32];
    return len > 0 && len <= sizeof digest &&
           EVP_Digest(der, der_len, digest, NULL, EVP_sha256(), NULL) == 1 &&
           memcmp(digest, fingerprint, len) == 0;
}

static bool set_name(X509_VERIFY_PARAM *param, const char *name)
{
    uint8_t room[16];
    bool address = inet_pton(AF_INET, name, room) == 1 || inet_pton(AF_INET6, name, room) == 1;
    return address ? X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1
                   : name[0] != '\0' && X509_VERIFY_PARAM_set1_host(param, name, 0) == 1;
}

static bool signed_by(X509 *certificate, X509 *authority, const char *name)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *judge = X509_STORE_CTX_new();
    must(store != NULL && judge != NULL);
    bool good = X509_STORE_add_cert(store, authority) == 1 &&
                X509_STORE_CTX_init(judge, store, certificate, NULL) == 1 &&
                X509_STORE_CTX_set_purpose(judge, X509_PURPOSE_SSL_SERVER) == 1;
    if (good) {
        X509_STORE_CTX_set_depth(judge, 0); /* As in the handshakes after this one. */
        good = set_name(X509_STORE_CTX_get0_param(judge), name) && X509_verify_cert(judge) == 1;
    }
    X509_STORE_CTX_free(judge);
    X509_STORE_free(store);
    return good;
}

int tls_session_judge(const struct tls_session *t, const uint8_t *authority, size_t authority_len,
                      const uint8_t *fingerprint, size_t len, const char *name)
{
    ERR_clear_error();
    X509 *certificate = SSL_get0_peer_certificate(t->ssl);
    const unsigned char *at = authority;
    X509 *ca = begins(authority, authority_len, fingerprint, len)
                   ? d2i_X509(NULL, &at, (long)authority_len)
                   : NULL;
    bool good = certificate != NULL && ca != NULL && at == authority + authority_len &&
                signed_by(certificate, ca, name);
    X509_free(ca);
    ERR_clear_error();
    return good ? 0 : ERR_AUTHORITY;
}

int tls_session_export(const struct tls_session *t, uint8_t ret_bytes[TLS_EXPORTED])
{
    ERR_clear_error();
    return t->up && SSL_export_keying_material(t->ssl, ret_bytes, TLS_EXPORTED, LABEL,
                                               sizeof LABEL - 1, NULL, 0, 0) == 1
               ? 0
               : ERR_TLS;
}

int tls_certificate_expires_in(const X509 *certificate, int64_t now_s, int64_t *ret_s)
{
    int days = 0, seconds = 0;
    ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)now_s);
    must(from != NULL);
    bool good = certificate != NULL &&
                ASN1_TIME_diff(&days, &seconds, from, X509_get0_notAfter(certificate)) == 1;
    ASN1_TIME_free(from);
    if (!good) {
        return ERR_CERTIFICATE;
    }
    *ret_s = (int64_t)days * 24 * 3600 + seconds;
    return 0;
}

int tls_session_peer_expires_in(const struct tls_session *t, int64_t now_s, int64_t *ret_s)
{
    return tls_certificate_expires_in(SSL_get0_peer_certificate(t->ssl), now_s, ret_s);
}

/* ---- who the peer is ------------------------------------------------------------------------- */

enum { PRACTICE_DIGITS_MAX = 18 };

int tls_certificate_practice(X509 *certificate, int64_t *ret_practice)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, NID_organizationName, -1);
    if (at < 0) {
        return ERR_CERTIFICATE;
    }
    const ASN1_STRING *text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
    const unsigned char *digits = ASN1_STRING_get0_data(text);
    int len = ASN1_STRING_length(text);
    int64_t number = 0;
    for (int i = 0; i < len && i < PRACTICE_DIGITS_MAX; i++) {
        if (digits[i] < '0' || digits[i] > '9') {
            return ERR_CERTIFICATE;
        }
        number = number * 10 + (digits[i] - '0');
    }
    if (len > PRACTICE_DIGITS_MAX || number == 0) {
        return ERR_CERTIFICATE;
    }
    *ret_practice = number;
    return 0;
}

int tls_session_peer(const struct tls_session *t, uint8_t ret_fingerprint[32],
                     int64_t *ret_practice)
{
    X509 *certificate = SSL_get0_peer_certificate(t->ssl);
    if (certificate == NULL) {
        return ERR_CERTIFICATE;
    }
    unsigned char *key = NULL;
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);
    bool good =
        len > 0 && EVP_Digest(key, (size_t)len, ret_fingerprint, NULL, EVP_sha256(), NULL) == 1;
    OPENSSL_free(key);
    return good ? tls_certificate_practice(certificate, ret_practice) : ERR_CERTIFICATE;
}

/* ---- authorities ----------------------------------------------------------------------------- */

static int add_authority(struct tls_authorities *a, X509 *certificate)
{
    if (a->count == LIMIT_AUTHORITIES) {
        return ERR_CONFIG;
    }
    int len = i2d_X509(certificate, NULL);
    must(len > 0);
    uint8_t *der = malloc((size_t)len), *end = der;
    must(der != NULL);
    a->list[a->count].der = der;
    a->list[a->count].len = (size_t)len;
    len = i2d_X509(certificate, &end);
    must(len > 0);
    int good =
        EVP_Digest(der, (size_t)len, a->list[a->count].fingerprint, NULL, EVP_sha256(), NULL);
    must(good == 1);
    a->count++;
    return 0;
}

static int by_fingerprint(const void *left, const void *right)
{
    const struct tls_authority *a = left, *b = right;
    return memcmp(a->fingerprint, b->fingerprint, sizeof a->fingerprint);
}

static void find_signer(struct tls_authorities *a, X509 *own)
{
    for (size_t i = 0; own != NULL && i < a->count; i++) {
        const unsigned char *at = a->list[i].der;
        X509 *ca = d2i_X509(NULL, &at, (long)a->list[i].len);
        must(ca != NULL); /* It was one before. */
        if (X509_check_issued(ca, own) == X509_V_OK &&
            X509_verify(own, X509_get0_pubkey(ca)) == 1) {
            a->signed_by = i;
        }
        X509_free(ca);
    }
    ERR_clear_error();
}

static void make_id(struct tls_authorities *a)
{
    uint8_t all[LIMIT_AUTHORITIES * 32], digest[32];
    for (size_t i = 0; i < a->count; i++) {
        memcpy(all + 32 * i, a->list[i].fingerprint, 32);
    }
    int good = EVP_Digest(all, 32 * a->count, digest, NULL, EVP_sha256(), NULL);
    must(good == 1);
    memcpy(a->id, digest, sizeof a->id);
}

int tls_authorities_from(SSL_CTX *context, struct tls_authorities *ret_authorities)
{
    struct tls_authorities a = {.count = 0};
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
    int rc = 0;
    for (int i = 0; rc == 0 && i < sk_X509_OBJECT_num(objects); i++) {
        X509 *certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
        rc = certificate != NULL ? add_authority(&a, certificate) : 0;
    }
    if (rc != 0 || a.count == 0) {
        tls_authorities_fini(&a);
        return ERR_CONFIG;
    }
    qsort(a.list, a.count, sizeof a.list[0], by_fingerprint);
    find_signer(&a, SSL_CTX_get0_certificate(context));
    make_id(&a);
    *ret_authorities = a;
    return 0;
}

void tls_authorities_fini(struct tls_authorities *a)
{
    for (size_t i = 0; i < a->count; i++) {
        free(a->list[i].der);
    }
    *a = (struct tls_authorities){.count = 0};
}

int tls_certificate_serial(X509 *certificate, uint8_t ret_serial[LIMIT_SERIAL_BYTES],
                           uint8_t *ret_size)
{
    BIGNUM *number =
        certificate == NULL ? NULL : ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    bool good = number != NULL && !BN_is_zero(number) && !BN_is_negative(number) &&
                BN_num_bytes(number) <= LIMIT_SERIAL_BYTES;
    if (good) {
        *ret_size = (uint8_t)BN_bn2bin(number, ret_serial);
    }
    BN_free(number);
    return good ? 0 : ERR_CERTIFICATE;
}

int tls_session_serial(const struct tls_session *t, uint8_t ret_serial[LIMIT_SERIAL_BYTES],
                       uint8_t *ret_size)
{
    return tls_certificate_serial(SSL_get0_peer_certificate(t->ssl), ret_serial, ret_size);
}
