/* Happy path: the certificate is judged as of the moment before it expired, its key has signed
 * what only this connection's two ends know. Failure: any doubt is one code. */
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "proto/wire/tls_session_enrol.h"
#include "server/gateway/certify.h"

/* Everything but the date: it is judged by the caller. */
static bool stands(SSL_CTX *context, X509 *certificate)
{
    X509_STORE_CTX *judge = X509_STORE_CTX_new();
    must(judge != NULL);
    bool good =
        X509_STORE_CTX_init(judge, SSL_CTX_get_cert_store(context), certificate, NULL) == 1 &&
        X509_STORE_CTX_set_purpose(judge, X509_PURPOSE_SSL_CLIENT) == 1;
    if (good) {
        X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(judge);
        X509_STORE_CTX_set_depth(judge, 0);
        good = X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME) == 1 &&
               X509_verify_cert(judge) == 1;
    }
    X509_STORE_CTX_free(judge);
    return good;
}

static bool in_grace(X509 *certificate, int64_t now_s, int64_t grace_s)
{
    time_t now = (time_t)now_s, least = (time_t)(now_s - grace_s);
    return X509_cmp_time(X509_get0_notBefore(certificate), &now) < 0 &&
           X509_cmp_time(X509_get0_notAfter(certificate), &least) > 0;
}

static bool has_signed(X509 *certificate, const struct certify_expired *e)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    must(digest != NULL);
    bool good =
        EVP_DigestVerifyInit(digest, NULL, EVP_sha256(), NULL, X509_get0_pubkey(certificate)) ==
            1 &&
        EVP_DigestVerify(digest, e->proof, e->proof_len, e->signed_bytes, e->signed_len) == 1;
    EVP_MD_CTX_free(digest);
    return good;
}

int certify_judge_expired(SSL_CTX *context, const struct certify_expired *e,
                          uint8_t ret_fingerprint[32], int64_t *ret_practice)
{
    const unsigned char *at = e->certificate;
    ERR_clear_error();
    X509 *c = d2i_X509(NULL, &at, (long)e->certificate_len);
    bool good = c != NULL && at == e->certificate + e->certificate_len &&
                in_grace(c, e->now_s, e->grace_s) && stands(context, c) && has_signed(c, e) &&
                certify_fingerprint(c, ret_fingerprint) &&
                tls_certificate_practice(c, ret_practice) == 0;
    X509_free(c);
    ERR_clear_error();
    return good ? 0 : ERR_RENEW_REFUSED;
}
