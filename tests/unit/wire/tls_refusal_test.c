/* Whom the pump refuses, on which side, and with which error; and which files make no context. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "tests/unit/wire/tls_pair.h"

static const unsigned char ATTUNE[] = {8, 'a', 't', 't', 'u', 'n', 'e', '/', '1'};

/* Shake hands and free; both ends' verdicts are returned. */
static void verdicts(SSL_CTX *client, SSL_CTX *server, const char *name, int *ret_client,
                     int *ret_server)
{
    struct tls_pair *pair = tls_pair_new(client, server, name, NULL);
    tls_pair_shake(pair, 0);
    *ret_client = pair->client.rc;
    *ret_server = pair->server.rc;
    if (*ret_server != 0) {
        assert_false(pair->server.tls.up);
        assert_true(tls_session_why(&pair->server.tls)[0] != '\0');
        assert_int_equal(tls_session_feed(&pair->server.tls, (const uint8_t *)"x", 1), ERR_CLOSED);
    }
    assert_int_equal(pair->client.plain_len + pair->server.plain_len, 0);
    tls_pair_free(pair);
}

/* ---- certificates ---------------------------------------------------------------------------- */

static const struct {
    const char *what;
    struct test_pki_wish wish;
} bad_devices[] = {
    {"of another authority",
     {.usage = TEST_PKI_CLIENT, .issuer = "other", .organisation = "7", .name = "d"}},
    {"expired", {.usage = TEST_PKI_CLIENT, .organisation = "7", .until_s = -60, .from_s = -7200}},
    {"not yet valid", {.usage = TEST_PKI_CLIENT, .organisation = "7", .from_s = 600}},
    {"a server's", {.usage = TEST_PKI_SERVER, .organisation = "7", .name = "d"}},
    {"signed by a device", {.usage = TEST_PKI_CLIENT, .organisation = "7", .issuer = "device"}},
    {"signed by an intermediate",
     {.usage = TEST_PKI_CLIENT, .organisation = "7", .issuer = "between"}},
    {"signed by itself", {.usage = TEST_PKI_CLIENT, .organisation = "7", .issuer = "bad"}},
};

/* The client thinks that it is connected when the refusal comes: connected means Welcome. */
static void a_server_refuses_a_bad_device_and_both_know_why(void **state)
{
    const struct tls_world *w = *state;
    test_pki_issue(&w->pki, "between",
                   &(struct test_pki_wish){.usage = TEST_PKI_AUTHORITY, .name = "between"});
    for (size_t i = 0; i < sizeof bad_devices / sizeof bad_devices[0]; i++) {
        test_pki_issue(&w->pki, "bad", &bad_devices[i].wish);
        SSL_CTX *client = test_pki_context(&w->pki, TLS_CLIENT, "device", "ca");
        test_pki_show(&w->pki, client, "bad");
        int client_rc, server_rc;
        verdicts(client, w->server, "localhost", &client_rc, &server_rc);
        if (server_rc != ERR_CERTIFICATE || client_rc != ERR_CERTIFICATE) {
            fail_msg("%s: server %s, client %s", bad_devices[i].what, err_name(server_rc),
                     err_name(client_rc));
        }
        SSL_CTX_free(client);
    }
}

/* Even with the intermediate sent along: the authority signs every device itself. */
static void a_chain_with_someone_between_is_refused(void **state)
{
    const struct tls_world *w = *state;
    char path[TEST_PKI_PATH], whole[TEST_PKI_PATH], command_key[TEST_PKI_PATH];
    test_pki_issue(&w->pki, "between",
                   &(struct test_pki_wish){.usage = TEST_PKI_AUTHORITY, .name = "between"});
    test_pki_issue(&w->pki, "leaf",
                   &(struct test_pki_wish){
                       .usage = TEST_PKI_CLIENT, .organisation = "7", .issuer = "between"});
    test_pki_path(&w->pki, "chain", ".crt", whole);
    FILE *out = fopen(whole, "we");
    assert_non_null(out);
    static const char *const parts[] = {"leaf", "between"};
    for (size_t i = 0; i < 2; i++) {
        char text[4096];
        test_pki_path(&w->pki, parts[i], ".crt", path);
        FILE *in = fopen(path, "re");
        assert_non_null(in);
        size_t len = fread(text, 1, sizeof text, in);
        assert_int_equal(fclose(in), 0);
        assert_int_equal(fwrite(text, 1, len, out), len);
    }
    assert_int_equal(fclose(out), 0);
    test_pki_path(&w->pki, "leaf", ".key", command_key);
    SSL_CTX *client = test_pki_context(&w->pki, TLS_CLIENT, "device", "ca");
    assert_int_equal(SSL_CTX_use_certificate_chain_file(client, whole), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey_file(client, command_key, SSL_FILETYPE_PEM), 1);
    int client_rc, server_rc;
    verdicts(client, w->server, "localhost", &client_rc, &server_rc);
    assert_int_equal(server_rc, ERR_CERTIFICATE);
    assert_int_equal(client_rc, ERR_CERTIFICATE);
    SSL_CTX_free(client);
}

static void a_client_refuses_a_bad_server_and_both_know_why(void **state)
{
    const struct tls_world *w = *state;
    static const struct {
        const char *what;
        struct test_pki_wish wish;
    } cases[] = {
        {"of another authority", {.issuer = "other", .alternative = "DNS:localhost"}},
        {"expired", {.alternative = "DNS:localhost", .until_s = -60, .from_s = -7200}},
        {"not yet valid", {.alternative = "DNS:localhost", .from_s = 600}},
        {"a device's",
         {.usage = TEST_PKI_CLIENT, .organisation = "7", .alternative = "DNS:localhost"}},
        {"without a name", {.name = "server"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        test_pki_issue(&w->pki, "bad-server", &cases[i].wish);
        SSL_CTX *server = test_pki_context(&w->pki, TLS_SERVER, "server", "ca");
        test_pki_show(&w->pki, server, "bad-server");
        int client_rc, server_rc;
        verdicts(w->client, server, "localhost", &client_rc, &server_rc);
        if (server_rc != ERR_CERTIFICATE || client_rc != ERR_CERTIFICATE) {
            fail_msg("%s: server %s, client %s", cases[i].what, err_name(server_rc),
                     err_name(client_rc));
        }
        SSL_CTX_free(server);
    }
}

static void the_servers_name_must_be_the_one_that_was_asked_for(void **state)
{
    const struct tls_world *w = *state;
    static const struct {
        const char *name;
        int rc;
    } cases[] = {
        {"localhost", 0},
        {"127.0.0.1", 0},
        {"example.org", ERR_CERTIFICATE},
        {"127.0.0.2", ERR_CERTIFICATE},
        {"::1", ERR_CERTIFICATE},
        {"localhost.example.org", ERR_CERTIFICATE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int client_rc, server_rc;
        verdicts(w->client, w->server, cases[i].name, &client_rc, &server_rc);
        assert_int_equal(client_rc, cases[i].rc);
        assert_int_equal(server_rc, cases[i].rc);
    }
}

/* ---- strangers ------------------------------------------------------------------------------- */

/* A client as it would be written elsewhere: without a certificate, checking nothing. */
static SSL_CTX *stranger(const unsigned char *protocol, unsigned len)
{
    SSL_CTX *c = SSL_CTX_new(TLS_client_method());
    assert_non_null(c);
    if (len > 0) {
        assert_int_equal(SSL_CTX_set_alpn_protos(c, protocol, len), 0);
    }
    return c;
}

static void who_shows_no_certificate_is_refused(void **state)
{
    const struct tls_world *w = *state;
    SSL_CTX *client = stranger(ATTUNE, sizeof ATTUNE);
    int client_rc, server_rc;
    verdicts(client, w->server, "localhost", &client_rc, &server_rc);
    assert_int_equal(server_rc, ERR_CERTIFICATE);
    assert_int_equal(client_rc, ERR_CERTIFICATE);
    SSL_CTX_free(client);
}

static void another_protocol_or_none_is_refused_with_an_alert(void **state)
{
    const struct tls_world *w = *state;
    static const unsigned char http[] = {2, 'h', '2'};
    static const unsigned char later[] = {8, 'a', 't', 't', 'u', 'n', 'e', '/', '2'};
    static const struct {
        const unsigned char *protocol;
        unsigned len;
    } cases[] = {{http, sizeof http}, {later, sizeof later}, {NULL, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        SSL_CTX *client = stranger(cases[i].protocol, cases[i].len);
        struct tls_pair *pair = tls_pair_new(client, w->server, "localhost", NULL);
        pair->client.rc = tls_session_begin(&pair->client.tls);
        tls_deliver(&pair->client, &pair->server, 0);
        assert_int_equal(pair->server.rc, ERR_TLS);
        static const uint8_t no_application_protocol[] = {21, 3, 3, 0, 2, 2, 120};
        assert_int_equal(pair->server.sent_len, sizeof no_application_protocol);
        assert_memory_equal(pair->server.sent, no_application_protocol,
                            sizeof no_application_protocol);
        tls_deliver(&pair->server, &pair->client, 0);
        assert_int_equal(pair->client.rc, ERR_TLS);
        tls_pair_free(pair);
        SSL_CTX_free(client);
    }
}

static void a_server_that_chooses_no_protocol_is_refused(void **state)
{
    const struct tls_world *w = *state;
    SSL_CTX *server = test_pki_context(&w->pki, TLS_SERVER, "server", "ca");
    SSL_CTX_set_alpn_select_cb(server, NULL, NULL);
    struct tls_pair *pair = tls_pair_new(w->client, server, "localhost", NULL);
    tls_pair_shake(pair, 0);
    assert_int_equal(pair->client.rc, ERR_TLS);
    assert_false(pair->client.tls.up);
    tls_pair_free(pair);
    SSL_CTX_free(server);
}

static void tls_1_2_is_refused(void **state)
{
    const struct tls_world *w = *state;
    SSL_CTX *client = stranger(ATTUNE, sizeof ATTUNE);
    assert_int_equal(SSL_CTX_set_max_proto_version(client, TLS1_2_VERSION), 1);
    int client_rc, server_rc;
    verdicts(client, w->server, "localhost", &client_rc, &server_rc);
    assert_int_equal(server_rc, ERR_TLS);
    assert_int_equal(client_rc, ERR_TLS);
    SSL_CTX_free(client);
}

static void what_is_not_tls_at_all_is_refused_in_one_piece_or_many(void **state)
{
    const struct tls_world *w = *state;
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27},
        {"hello, is anybody there?\n", 25},
        {"\0\0\0\0\0\0\0\0\0\0\0\0", 12},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10},
        {"\x16\x03\x01\xff\xff\x01\x00\x00\x00\x00", 10},         /* A record above the limit. */
        {"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", 10},         /* A hello of one byte. */
        {"\x15\x03\x01\x00\x02\x02\x28", 7},                      /* An alert before anything. */
        {"\x17\x03\x03\x00\x05hello", 10},                        /* Data before the handshake. */
        {"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10\x01", 12}, /* SSL 2. */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t step = 1; step <= cases[i].len; step += cases[i].len - 1) {
            struct tls_pair *pair = tls_pair_new(w->client, w->server, "localhost", NULL);
            memcpy(pair->client.sent, cases[i].bytes, cases[i].len);
            pair->client.sent_len = cases[i].len;
            tls_deliver(&pair->client, &pair->server, step);
            if (i == 8 && pair->server.rc == 0) {
                assert_false(pair->server.tls.up); /* The rest of its hello is still awaited. */
            } else {
                assert_int_equal(pair->server.rc, ERR_TLS);
            }
            tls_pair_free(pair);
        }
    }
}

/* Goal: no byte of a stranger's first flight does harm. Method: flip each. */
static void a_spoilt_hello_is_survived(void **state)
{
    const struct tls_world *w = *state;
    struct tls_pair *pair = tls_pair_new(w->client, w->server, "localhost", NULL);
    pair->client.rc = tls_session_begin(&pair->client.tls);
    size_t len = pair->client.sent_len;
    uint8_t *hello = malloc(len);
    assert_non_null(hello);
    memcpy(hello, pair->client.sent, len);
    tls_pair_free(pair);
    for (size_t i = 0; i < len; i++) {
        pair = tls_pair_new(w->client, w->server, "localhost", NULL);
        memcpy(pair->client.sent, hello, len);
        pair->client.sent[i] ^= 0x55;
        pair->client.sent_len = len;
        tls_deliver(&pair->client, &pair->server, 0);
        assert_false(pair->server.tls.up);
        assert_true(pair->server.rc == 0 || pair->server.rc == ERR_TLS);
        tls_pair_free(pair);
    }
    free(hello);
}

/* ---- contexts -------------------------------------------------------------------------------- */

static int try_context(const struct test_pki *p, enum tls_role role, const char *authority,
                       const char *certificate, const char *key, char *why, size_t why_size)
{
    char a[TEST_PKI_PATH], c[TEST_PKI_PATH], k[TEST_PKI_PATH];
    SSL_CTX *context = NULL;
    test_pki_path(p, authority, "", a);
    test_pki_path(p, certificate, "", c);
    test_pki_path(p, key, "", k);
    int rc = tls_context_new(role, &(struct tls_files){a, c, k}, &context, why, why_size);
    assert_true((rc == 0) == (context != NULL)); /* Touched only on success. */
    SSL_CTX_free(context);
    return rc;
}

static void files_that_do_not_work_make_no_context_and_are_named(void **state)
{
    const struct tls_world *w = *state;
    test_pki_issue(&w->pki, "old", &(struct test_pki_wish){.from_s = -7200, .until_s = -60});
    test_pki_issue(&w->pki, "foreign", &(struct test_pki_wish){.issuer = "other"});
    static const struct {
        enum tls_role role;
        const char *authority, *certificate, *key, *said;
    } cases[] = {
        {TLS_SERVER, "none.crt", "server.crt", "server.key", "none.crt"},
        {TLS_SERVER, "ca.key", "server.crt", "server.key", "ca.key"},
        {TLS_SERVER, "ca.crt", "none.crt", "server.key", "none.crt"},
        {TLS_SERVER, "ca.crt", "server.key", "server.key", "server.key: no certificate"},
        {TLS_SERVER, "ca.crt", "server.crt", "none.key", "none.key"},
        {TLS_SERVER, "ca.crt", "server.crt", "device.key", "device.key"},
        {TLS_SERVER, "ca.crt", "old.crt", "old.key", "old.crt: certificate has expired"},
        {TLS_SERVER, "ca.crt", "foreign.crt", "foreign.key", "foreign.crt: "},
        {TLS_SERVER, "ca.crt", "device.crt", "device.key", "device.crt: "},
        {TLS_CLIENT, "ca.crt", "server.crt", "server.key", "server.crt: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char why[256] = "";
        assert_int_equal(try_context(&w->pki, cases[i].role, cases[i].authority,
                                     cases[i].certificate, cases[i].key, why, sizeof why),
                         ERR_CERTIFICATE);
        if (strstr(why, cases[i].said) == NULL) {
            fail_msg("\"%s\" does not say \"%s\"", why, cases[i].said);
        }
    }
}

static void a_short_room_for_the_reason_is_not_overrun(void **state)
{
    const struct tls_world *w = *state;
    char why[8];
    memset(why, '#', sizeof why);
    assert_int_equal(
        try_context(&w->pki, TLS_SERVER, "none.crt", "server.crt", "server.key", why, 4),
        ERR_CERTIFICATE);
    assert_int_equal(why[3], '\0');
    assert_int_equal(why[4], '#');
}

static void the_seconds_until_expiry_are_told_and_negative_after_it(void **state)
{
    const struct tls_world *w = *state;
    int64_t now_s = time(NULL);
    int64_t left_s = tls_context_expires_in(w->server, now_s);
    assert_in_range(left_s, 1, 3600);
    assert_true(tls_context_expires_in(w->server, now_s + left_s) == 0);
    assert_true(tls_context_expires_in(w->server, now_s + left_s + 86400) == -86400);
    assert_true(tls_context_expires_in(w->server, now_s + left_s - 90061) == 90061);
}

static void sessions_outlive_the_context_that_made_them(void **state)
{
    const struct tls_world *w = *state;
    SSL_CTX *server = test_pki_context(&w->pki, TLS_SERVER, "server", "ca");
    struct tls_pair *pair = tls_pair_new(w->client, server, "localhost", NULL);
    SSL_CTX_free(server);
    tls_pair_shake(pair, 0);
    assert_int_equal(pair->server.rc, 0);
    assert_true(pair->server.tls.up);
    tls_pair_free(pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_refuses_a_bad_device_and_both_know_why),
        cmocka_unit_test(a_chain_with_someone_between_is_refused),
        cmocka_unit_test(a_client_refuses_a_bad_server_and_both_know_why),
        cmocka_unit_test(the_servers_name_must_be_the_one_that_was_asked_for),
        cmocka_unit_test(who_shows_no_certificate_is_refused),
        cmocka_unit_test(another_protocol_or_none_is_refused_with_an_alert),
        cmocka_unit_test(a_server_that_chooses_no_protocol_is_refused),
        cmocka_unit_test(tls_1_2_is_refused),
        cmocka_unit_test(what_is_not_tls_at_all_is_refused_in_one_piece_or_many),
        cmocka_unit_test(a_spoilt_hello_is_survived),
        cmocka_unit_test(files_that_do_not_work_make_no_context_and_are_named),
        cmocka_unit_test(a_short_room_for_the_reason_is_not_overrun),
        cmocka_unit_test(the_seconds_until_expiry_are_told_and_negative_after_it),
        cmocka_unit_test(sessions_outlive_the_context_that_made_them),
    };
    return cmocka_run_group_tests(tests, tls_world_set_up, tls_world_tear_down);
}
