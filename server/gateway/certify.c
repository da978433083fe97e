/* Happy path: a request's signature is checked with its own key, the key is put under a subject
 * and extensions of ours, the authority signs. Failure: every step is checked; whatever is wrong
 * with a request is one code, since its maker is a stranger. */
#include "server/gateway/certify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "proto/wire/err.h"

enum { PATH_SIZE = 4096, AUTHORITY_DAYS = 3650, BACKDATE_S = 3600 };

void certify_pair_fini(struct certify_pair *p)
{
    EVP_PKEY_free(p->key);
    X509_free(p->certificate);
    *p = (struct certify_pair){0};
}

static FILE *open_in(const char *dir, const char *name, char path[PATH_SIZE])
{
    int n = snprintf(path, PATH_SIZE, "%s/%s", dir, name);
    return n > 0 && n < PATH_SIZE ? fopen(path, "re") : NULL;
}

int certify_load(const char *dir, struct certify_pair *ret_pair, char why[CERTIFY_WHY])
{
    char path[PATH_SIZE];
    struct certify_pair p = {0};
    FILE *file = open_in(dir, "ca.crt", path);
    p.certificate = file == NULL ? NULL : PEM_read_X509(file, NULL, NULL, NULL);
    if (file != NULL) {
        (void)fclose(file); /* It was only read. */
    }
    if (p.certificate == NULL) {
        (void)snprintf(why, CERTIFY_WHY,
                       "%.400s: no certificate here: run `attune-server pki init` first", path);
        return ERR_CONFIG;
    }
    file = open_in(dir, "ca.key", path);
    p.key = file == NULL ? NULL : PEM_read_PrivateKey(file, NULL, NULL, NULL);
    if (file != NULL) {
        (void)fclose(file); /* It was only read. */
    }
    if (p.key == NULL || X509_check_private_key(p.certificate, p.key) != 1) {
        certify_pair_fini(&p);
        (void)snprintf(why, CERTIFY_WHY, "%.400s: no private key here that fits ca.crt", path);
        return ERR_CONFIG;
    }
    *ret_pair = p;
    return 0;
}

/* ---- parts of a certificate ------------------------------------------------------------------ */

static bool add_name(X509_NAME *name, const char *field, const char *value)
{
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)value, -1,
                                      -1, 0) == 1;
}

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool good = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return good;
}

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[16];
    if (RAND_bytes(bytes, sizeof bytes) != 1) {
        return false;
    }
    bytes[0] &= 0x7f; /* Positive: RFC 5280, 4.1.2.2. */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool good =
        number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return good;
}

/* An unsigned certificate that is valid from a little ago, for clocks that lag. */
static X509 *begin(EVP_PKEY *key, int days)
{
    X509 *c = X509_new();
    bool good = key != NULL && c != NULL && X509_set_version(c, X509_VERSION_3) == 1 &&
                set_serial(c) && X509_gmtime_adj(X509_getm_notBefore(c), -BACKDATE_S) != NULL &&
                X509_time_adj_ex(X509_getm_notAfter(c), days, 0, NULL) != NULL &&
                X509_set_pubkey(c, key) == 1;
    if (!good) {
        X509_free(c);
        return NULL;
    }
    return c;
}

static bool begin_pair(struct certify_pair *p, int days)
{
    p->key = EVP_EC_gen("P-256");
    p->certificate = begin(p->key, days);
    return p->certificate != NULL;
}

static bool sign(X509 *certificate, const struct certify_pair *by)
{
    X509 *issuer = by->certificate != NULL ? by->certificate : certificate;
    return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
           add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
           add_extension(certificate, issuer, NID_authority_key_identifier, "keyid") &&
           X509_sign(certificate, by->key, EVP_sha256()) > 0;
}

static bool make_leaf(X509 *certificate, const struct certify_pair *by, const char *usage)
{
    X509 *issuer = by->certificate;
    return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, issuer, NID_ext_key_usage, usage) && sign(certificate, by);
}

static bool make_device(X509 *certificate, const struct certify_pair *by, int64_t practice_id,
                        const char *label)
{
    char practice[24];
    (void)snprintf(practice, sizeof practice, "%" PRId64, practice_id);
    X509_NAME *name = X509_get_subject_name(certificate);
    return add_name(name, "O", practice) && add_name(name, "CN", label) &&
           make_leaf(certificate, by, "clientAuth");
}

/* ---- certificates ---------------------------------------------------------------------------- */

bool certify_make_authority(struct certify_pair *p)
{
    return begin_pair(p, AUTHORITY_DAYS) &&
           add_name(X509_get_subject_name(p->certificate), "CN", "Attune authority") &&
           add_extension(p->certificate, p->certificate, NID_basic_constraints,
                         "critical,CA:TRUE,pathlen:0") &&
           add_extension(p->certificate, p->certificate, NID_key_usage,
                         "critical,keyCertSign,cRLSign") &&
           sign(p->certificate, p);
}

bool certify_make_server(struct certify_pair *p, const struct certify_pair *by,
                         const char *alternatives)
{
    return begin_pair(p, CERTIFY_LEAF_DAYS) &&
           add_name(X509_get_subject_name(p->certificate), "CN", "attune-server") &&
           add_extension(p->certificate, by->certificate, NID_subject_alt_name, alternatives) &&
           make_leaf(p->certificate, by, "serverAuth");
}

bool certify_make_device(struct certify_pair *p, const struct certify_pair *by, int64_t practice_id,
                         const char *label)
{
    return begin_pair(p, CERTIFY_LEAF_DAYS) && make_device(p->certificate, by, practice_id, label);
}

/* ---- requests -------------------------------------------------------------------------------- */

static bool is_p256(EVP_PKEY *key)
{
    char group[32] = "";
    return key != NULL && EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group,
                                          NULL) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

/* NULL unless the request is good. */
static X509_REQ *read_request(const uint8_t *request, size_t len)
{
    const unsigned char *at = request;
    ERR_clear_error();
    X509_REQ *r = d2i_X509_REQ(NULL, &at, (long)len);
    EVP_PKEY *key = r == NULL ? NULL : X509_REQ_get0_pubkey(r);
    if (at == request + len && is_p256(key) && X509_REQ_verify(r, key) == 1) {
        return r;
    }
    X509_REQ_free(r);
    ERR_clear_error();
    return NULL;
}

static bool digest_key(X509_PUBKEY *key, uint8_t ret_fingerprint[32])
{
    unsigned char *der = NULL;
    int len = i2d_X509_PUBKEY(key, &der);
    bool good =
        len > 0 && EVP_Digest(der, (size_t)len, ret_fingerprint, NULL, EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    return good;
}

int certify_judge(const uint8_t *request, size_t len, uint8_t ret_fingerprint[32])
{
    X509_REQ *r = read_request(request, len);
    bool good = r != NULL && digest_key(X509_REQ_get_X509_PUBKEY(r), ret_fingerprint);
    X509_REQ_free(r);
    return good ? 0 : ERR_REQUEST;
}

int certify_sign(const struct certify_pair *by, const uint8_t *request, size_t len,
                 int64_t practice_id, const char *label, uint8_t ret_der[CERTIFY_DER_MAX],
                 size_t *ret_len)
{
    X509_REQ *r = read_request(request, len);
    if (r == NULL) {
        return ERR_REQUEST;
    }
    X509 *c = begin(X509_REQ_get0_pubkey(r), CERTIFY_LEAF_DAYS);
    bool good = c != NULL && make_device(c, by, practice_id, label);
    int size = good ? i2d_X509(c, NULL) : 0;
    good = size > 0 && size <= CERTIFY_DER_MAX;
    if (good) {
        *ret_len = (size_t)i2d_X509(c, &ret_der); /* Moves its own copy of the pointer. */
    }
    X509_free(c);
    X509_REQ_free(r);
    ERR_clear_error();
    return good ? 0 : ERR_INTERNAL;
}

int64_t certify_ends_ms(const uint8_t *der, size_t len)
{
    const unsigned char *at = der;
    struct tm when;
    X509 *c = d2i_X509(NULL, &at, (long)len);
    bool good = c != NULL && ASN1_TIME_to_tm(X509_get0_notAfter(c), &when) == 1;
    int64_t ends = good ? (int64_t)timegm(&when) * 1000 : 0;
    X509_free(c);
    ERR_clear_error();
    return ends;
}

bool certify_fingerprint(X509 *certificate, uint8_t ret_fingerprint[32])
{
    return digest_key(X509_get_X509_PUBKEY(certificate), ret_fingerprint);
}
