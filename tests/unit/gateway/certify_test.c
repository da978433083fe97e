/* Goal: a certificate is made for a key on P-256 whose owner asks, and says what we say. And an old
 * one is renewed within its grace, for its own key, on this connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <openssl/ssl.h>

#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "server/gateway/certify.h"
#include "server/gateway/issuer.h"

enum { DAY_S = 24 * 3600 };

static size_t request_of(EVP_PKEY *key, uint8_t room[1024])
{
    X509_REQ *r = X509_REQ_new();
    uint8_t *at = room;
    assert_int_equal(X509_REQ_set_pubkey(r, key), 1);
    assert_true(X509_REQ_sign(r, key, EVP_sha256()) > 0);
    int len = i2d_X509_REQ(r, NULL);
    assert_true(len > 0 && len <= 1024);
    assert_int_equal(i2d_X509_REQ(r, &at), len);
    X509_REQ_free(r);
    return (size_t)len;
}

static void a_request_on_p_256_with_its_signature_is_good(void **state)
{
    (void)state;
    uint8_t request[1024], fingerprint[32];
    EVP_PKEY *good = EVP_EC_gen("P-256"), *large = EVP_EC_gen("P-384"), *rsa = EVP_RSA_gen(2048);
    size_t len = request_of(good, request);
    assert_int_equal(certify_judge(request, len, fingerprint), 0);
    assert_int_equal(certify_judge(request, len - 1, fingerprint), ERR_REQUEST);
    for (size_t at = len - 60; at < len; at++) { /* Within the signature. */
        request[at] ^= 1;
        assert_int_equal(certify_judge(request, len, fingerprint), ERR_REQUEST);
        request[at] ^= 1;
    }
    len = request_of(large, request);
    assert_int_equal(certify_judge(request, len, fingerprint), ERR_REQUEST);
    len = request_of(rsa, request);
    assert_int_equal(certify_judge(request, len, fingerprint), ERR_REQUEST);
    EVP_PKEY_free(good);
    EVP_PKEY_free(large);
    EVP_PKEY_free(rsa);
}

struct world {
    struct certify_pair authority, other;
    SSL_CTX *context;
    EVP_PKEY *key;
    uint8_t request[1024], der[CERTIFY_DER_MAX];
    size_t request_len, der_len;
};

static int set_up(void **state)
{
    static struct world w;
    memset(&w, 0, sizeof w);
    assert_true(certify_make_authority(&w.authority));
    assert_true(certify_make_authority(&w.other));
    w.context = SSL_CTX_new(TLS_server_method());
    assert_int_equal(
        X509_STORE_add_cert(SSL_CTX_get_cert_store(w.context), w.authority.certificate), 1);
    w.key = EVP_EC_gen("P-256");
    w.request_len = request_of(w.key, w.request);
    assert_int_equal(
        certify_sign(&w.authority, w.request, w.request_len, 7, "North 2", w.der, &w.der_len), 0);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    certify_pair_fini(&w->authority);
    certify_pair_fini(&w->other);
    SSL_CTX_free(w->context);
    EVP_PKEY_free(w->key);
    return 0;
}

static size_t prove(EVP_PKEY *key, const uint8_t *told, size_t len, uint8_t room[128])
{
    size_t size = 128;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(c, room, &size, told, len), 1);
    EVP_MD_CTX_free(c);
    return size;
}

static int renew(struct world *w, EVP_PKEY *key, const char *signed_text, const char *told,
                 int64_t days_later)
{
    uint8_t proof[128], fingerprint[32], wanted[32];
    int64_t practice = 0;
    const struct certify_expired e = {
        .certificate = w->der,
        .certificate_len = w->der_len,
        .proof = proof,
        .proof_len = prove(key, (const uint8_t *)signed_text, strlen(signed_text), proof),
        .signed_bytes = (const uint8_t *)told,
        .signed_len = strlen(told),
        .now_s = (int64_t)time(NULL) + days_later * DAY_S,
        .grace_s = LIMIT_RENEW_GRACE_S,
    };
    int rc = certify_judge_expired(w->context, &e, fingerprint, &practice);
    if (rc == 0) {
        assert_int_equal(certify_judge(w->request, w->request_len, wanted), 0);
        assert_memory_equal(fingerprint, wanted, 32);
        assert_int_equal(practice, 7);
    }
    return rc;
}

static void a_certificate_is_renewed_for_thirty_days_after_its_end(void **state)
{
    struct world *w = *state;
    assert_int_equal(renew(w, w->key, "this connection", "this connection", 0), 0);
    assert_int_equal(renew(w, w->key, "this connection", "this connection", 91), 0);
    assert_int_equal(renew(w, w->key, "this connection", "this connection", 119), 0);
    assert_int_equal(renew(w, w->key, "this connection", "this connection", 121),
                     ERR_RENEW_REFUSED);
}

static void a_proof_is_of_one_key_and_one_connection(void **state)
{
    struct world *w = *state;
    assert_int_equal(renew(w, w->key, "another connection", "this connection", 91),
                     ERR_RENEW_REFUSED);
    EVP_PKEY *thief = EVP_EC_gen("P-256");
    assert_int_equal(renew(w, thief, "this connection", "this connection", 91), ERR_RENEW_REFUSED);
    EVP_PKEY_free(thief);
    assert_int_equal(
        certify_sign(&w->other, w->request, w->request_len, 7, "North 2", w->der, &w->der_len), 0);
    assert_int_equal(renew(w, w->key, "this connection", "this connection", 91), ERR_RENEW_REFUSED);
}

static void a_label_that_is_too_long_is_refused_and_asked_for_nowhere(void **state)
{
    struct world *w = *state;
    char label[LIMIT_NAME_BYTES + 2] = "";
    memset(label, 'x', LIMIT_NAME_BYTES + 1);
    struct issuer issuer = {.set_up = true};
    struct issuer_call call;
    const struct issuer_wish wish = {1, 7, label, w->request, w->request_len};
    assert_int_equal(issuer_ask(&issuer, &call, &wish, NULL), ERR_FIELD);
}

static void a_question_is_read_as_it_was_asked_and_no_other_way(void **state)
{
    struct world *w = *state;
    uint8_t bytes[ISSUER_QUESTION_MAX];
    char label[LIMIT_NAME_BYTES + 1];
    struct issuer_wish read;
    const struct issuer_wish wish = {1, 7, "Zo\xc3\xab", w->request, w->request_len};
    size_t len = issuer_question(&wish, bytes);
    assert_int_equal(issuer_read_question(bytes + 4, len - 4, &read, label), 0);
    assert_int_equal(read.practice_id, 7);
    assert_int_equal(read.role, 1);
    assert_string_equal(read.label, "Zo\xc3\xab");
    assert_int_equal(read.request_len, w->request_len);
    assert_memory_equal(read.request, w->request, w->request_len);
    for (size_t cut = 0; cut <= ISSUER_QUESTION_HEAD + 4; cut++) {
        assert_int_equal(issuer_read_question(bytes + 4, cut, &read, label), ERR_MESSAGE);
    }
    static const uint8_t long_request[LIMIT_REQUEST_BYTES + 1];
    uint8_t longest[ISSUER_QUESTION_MAX + 1];
    const struct issuer_wish most = {1, 7, "x", long_request, LIMIT_REQUEST_BYTES};
    size_t most_len = issuer_question(&most, longest) - 4;
    longest[4 + most_len] = 0;
    assert_int_equal(issuer_read_question(longest + 4, most_len, &read, label), 0);
    assert_int_equal(issuer_read_question(longest + 4, most_len + 1, &read, label), ERR_MESSAGE);
    bytes[4 + 10] = 0xff; /* No UTF-8. */
    assert_int_equal(issuer_read_question(bytes + 4, len - 4, &read, label), ERR_MESSAGE);
    bytes[4 + 10] = 0; /* A text ends there, and its length says otherwise. */
    assert_int_equal(issuer_read_question(bytes + 4, len - 4, &read, label), ERR_MESSAGE);
    bytes[4 + 11] = 0;
    assert_int_equal(issuer_read_question(bytes + 4, len - 4, &read, label), ERR_MESSAGE);
    bytes[4 + 10] = 'Z';
    assert_int_equal(issuer_read_question(bytes + 4, len - 4, &read, label), ERR_MESSAGE);
    bytes[4 + 11] = 'o';
    bytes[4 + 1] = 0x80; /* Below zero. */
    assert_int_equal(issuer_read_question(bytes + 4, len - 4, &read, label), ERR_MESSAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_on_p_256_with_its_signature_is_good),
        cmocka_unit_test_setup_teardown(a_certificate_is_renewed_for_thirty_days_after_its_end,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_proof_is_of_one_key_and_one_connection, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_label_that_is_too_long_is_refused_and_asked_for_nowhere,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_question_is_read_as_it_was_asked_and_no_other_way, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
