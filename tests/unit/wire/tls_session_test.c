/* The pump between two good ends: what goes in comes out, however the network cuts it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "proto/wire/err.h"
#include "tests/unit/wire/tls_pair.h"

static struct tls_pair *up(const struct tls_world *w)
{
    struct tls_pair *pair = tls_pair_new(w->client, w->server, "localhost", NULL);
    tls_pair_shake(pair, 0);
    assert_int_equal(pair->client.rc, 0);
    assert_int_equal(pair->server.rc, 0);
    assert_true(pair->client.tls.up && pair->server.tls.up);
    return pair;
}

static void assert_heard(const struct tls_end *end, const char *text)
{
    assert_int_equal(end->plain_len, strlen(text));
    assert_memory_equal(end->plain, text, strlen(text));
}

static void text_goes_both_ways(void **state)
{
    struct tls_pair *pair = up(*state);
    tls_say(&pair->client, "ping");
    tls_say(&pair->server, "pong");
    tls_pair_settle(pair);
    assert_heard(&pair->server, "ping");
    assert_heard(&pair->client, "pong");
    assert_int_equal(pair->client.rc, 0);
    assert_int_equal(pair->server.rc, 0);
    tls_pair_free(pair);
}

static void it_is_tls_1_3_with_our_protocol(void **state)
{
    struct tls_pair *pair = up(*state);
    const unsigned char *protocol;
    unsigned len;
    SSL_get0_alpn_selected(pair->server.tls.ssl, &protocol, &len);
    assert_int_equal(len, 8);
    assert_memory_equal(protocol, "attune/1", 8);
    assert_int_equal(SSL_version(pair->server.tls.ssl), TLS1_3_VERSION);
    assert_int_equal(SSL_session_reused(pair->server.tls.ssl), 0);
    tls_pair_free(pair);
}

static size_t longest_flight(const struct tls_world *w)
{
    struct tls_pair *pair = tls_pair_new(w->client, w->server, "localhost", NULL);
    pair->client.rc = tls_session_begin(&pair->client.tls);
    size_t longest = pair->client.sent_len;
    tls_deliver(&pair->client, &pair->server, 0);
    longest = pair->server.sent_len > longest ? pair->server.sent_len : longest;
    tls_deliver(&pair->server, &pair->client, 0);
    longest = pair->client.sent_len > longest ? pair->client.sent_len : longest;
    tls_pair_free(pair);
    return longest;
}

/* Goal: how the network cuts the handshake must not matter. Method: every cut of each flight's
 * first 200 bytes, where the heads are, and every third one after that. */
static void any_cut_of_the_handshake_gives_the_same_session(void **state)
{
    const struct tls_world *w = *state;
    size_t longest = longest_flight(w);
    assert_true(longest > 500);
    for (size_t cut = 1; cut < longest; cut += cut < 200 ? 1 : 3) {
        struct tls_pair *pair = tls_pair_new(w->client, w->server, "localhost", NULL);
        tls_pair_shake(pair, cut);
        assert_true(pair->client.tls.up && pair->server.tls.up);
        tls_say(&pair->client, "ping");
        tls_pair_settle(pair);
        assert_heard(&pair->server, "ping");
        tls_pair_free(pair);
    }
}

static void byte_by_byte_gives_the_same_session(void **state)
{
    const struct tls_world *w = *state;
    struct tls_pair *pair = tls_pair_new(w->client, w->server, "127.0.0.1", NULL);
    pair->client.rc = tls_session_begin(&pair->client.tls);
    for (int flight = 0; flight < 3; flight++) {
        tls_deliver(&pair->client, &pair->server, 1);
        tls_deliver(&pair->server, &pair->client, 1);
    }
    tls_say(&pair->server, "welcome");
    tls_deliver(&pair->server, &pair->client, 1);
    assert_heard(&pair->client, "welcome");
    tls_pair_free(pair);
}

/* A client may speak together with its Finished; the server hears it in the same feed. */
static void the_first_words_may_come_with_the_end_of_the_handshake(void **state)
{
    const struct tls_world *w = *state;
    struct tls_pair *pair = tls_pair_new(w->client, w->server, "localhost", NULL);
    pair->client.rc = tls_session_begin(&pair->client.tls);
    tls_deliver(&pair->client, &pair->server, 0);
    tls_deliver(&pair->server, &pair->client, 0);
    assert_true(pair->client.tls.up);
    assert_false(pair->server.tls.up);
    tls_say(&pair->client, "hello");
    tls_deliver(&pair->client, &pair->server, 0);
    assert_true(pair->server.tls.up);
    assert_heard(&pair->server, "hello");
    tls_pair_free(pair);
}

/* No tickets: they cost a third of the handshake, and a close with unread tickets loses data. */
static void the_server_says_nothing_after_the_handshake(void **state)
{
    const struct tls_world *w = *state;
    struct tls_pair *pair = tls_pair_new(w->client, w->server, "localhost", NULL);
    pair->client.rc = tls_session_begin(&pair->client.tls);
    tls_deliver(&pair->client, &pair->server, 0);
    tls_deliver(&pair->server, &pair->client, 0);
    tls_deliver(&pair->client, &pair->server, 0);
    assert_true(pair->server.tls.up);
    assert_int_equal(pair->server.sent_len, 0);
    tls_pair_free(pair);
}

static void what_is_longer_than_a_record_and_the_room_arrives_whole(void **state)
{
    struct tls_pair *pair = up(*state);
    static const size_t sizes[] = {1, 16383, 16384, 16385, 20 * 1024, 32 * 1024, 150 * 1024};
    uint8_t *bytes = malloc(150 * 1024);
    assert_non_null(bytes);
    for (size_t i = 0; i < 150 * 1024; i++) {
        bytes[i] = (uint8_t)(i * 31 >> 3);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        pair->client.plain_len = pair->server.sends = 0;
        assert_int_equal(tls_session_write(&pair->server.tls, bytes, sizes[i]), 0);
        assert_true(pair->server.sends >= sizes[i] / sizeof pair->server_room.cipher);
        tls_deliver(&pair->server, &pair->client, 4096);
        assert_int_equal(pair->client.plain_len, sizes[i]);
        assert_memory_equal(pair->client.plain, bytes, sizes[i]);
    }
    free(bytes);
    tls_pair_free(pair);
}

static void many_writes_in_one_delivery_are_all_drained(void **state)
{
    struct tls_pair *pair = up(*state);
    for (int i = 0; i < 100; i++) {
        tls_say(&pair->client, "0123456789");
    }
    tls_deliver(&pair->client, &pair->server, 0);
    assert_int_equal(pair->server.plain_len, 1000);
    tls_pair_free(pair);
}

static void goodbye_comes_after_all_that_was_said(void **state)
{
    struct tls_pair *pair = up(*state);
    tls_say(&pair->server, "last words");
    tls_session_end(&pair->server.tls);
    tls_deliver(&pair->server, &pair->client, 0);
    assert_heard(&pair->client, "last words");
    assert_int_equal(pair->client.rc, ERR_CLOSED);
    assert_true(pair->client.tls.ended);
    assert_int_equal(tls_session_feed(&pair->client.tls, (const uint8_t *)"x", 1), ERR_CLOSED);
    assert_int_equal(tls_session_write(&pair->client.tls, (const uint8_t *)"x", 1), ERR_TLS);
    tls_session_end(&pair->client.tls);
    assert_int_equal(pair->client.sent_len, 0); /* Nobody would hear it. */
    tls_pair_free(pair);
}

static void who_has_said_goodbye_says_nothing_more_and_no_second_one(void **state)
{
    struct tls_pair *pair = up(*state);
    tls_session_end(&pair->server.tls);
    size_t len = pair->server.sent_len;
    assert_true(len > 0);
    tls_session_end(&pair->server.tls);
    assert_int_equal(tls_session_write(&pair->server.tls, (const uint8_t *)"x", 1), ERR_TLS);
    assert_int_equal(pair->server.sent_len, len);
    tls_pair_free(pair);
}

static void what_the_receiver_refuses_is_what_feed_returns(void **state)
{
    struct tls_pair *pair = up(*state);
    pair->server.stop = ERR_FRAME_SIZE;
    tls_say(&pair->client, "a");
    tls_say(&pair->client, "b");
    tls_deliver(&pair->client, &pair->server, 0);
    assert_int_equal(pair->server.rc, ERR_FRAME_SIZE);
    assert_heard(&pair->server, "a");
    tls_say(&pair->server, "why"); /* The session itself is well: the reason can be said. */
    tls_deliver(&pair->server, &pair->client, 0);
    assert_heard(&pair->client, "why");
    tls_pair_free(pair);
}

static void a_flipped_bit_is_noticed_and_its_text_not_heard(void **state)
{
    const struct tls_world *w = *state;
    struct tls_pair *pair = up(w);
    tls_say(&pair->client, "ping");
    size_t len = pair->client.sent_len;
    tls_pair_free(pair);
    for (size_t i = 0; i < len; i++) {
        pair = up(w);
        tls_say(&pair->client, "ping");
        pair->client.sent[i] ^= 1;
        tls_deliver(&pair->client, &pair->server, 0);
        assert_int_equal(pair->server.plain_len, 0);
        /* A length made longer is only known for wrong when more has come. */
        assert_true(pair->server.rc == ERR_TLS || i == 3 || i == 4);
        assert_int_not_equal(pair->server.rc, ERR_CERTIFICATE);
        tls_pair_free(pair);
    }
}

/* OpenSSL's error queue belongs to the thread: another user's leftovers must not end our session.
 */
static void a_stale_error_breaks_nothing(void **state)
{
    const struct tls_world *w = *state;
    struct tls_pair *pair = tls_pair_new(w->client, w->server, "localhost", NULL);
    ERR_raise(ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED);
    pair->client.rc = tls_session_begin(&pair->client.tls);
    for (int i = 0; i < 3; i++) {
        ERR_raise(ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED);
        tls_deliver(&pair->client, &pair->server, 100);
        ERR_raise(ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED);
        tls_deliver(&pair->server, &pair->client, 100);
    }
    assert_true(pair->client.tls.up && pair->server.tls.up);
    ERR_raise(ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED);
    tls_say(&pair->client, "ping");
    ERR_raise(ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED);
    tls_deliver(&pair->client, &pair->server, 1);
    assert_int_equal(pair->server.rc, 0);
    assert_heard(&pair->server, "ping");
    ERR_clear_error();
    tls_pair_free(pair);
}

static void a_key_update_is_taken_and_answered(void **state)
{
    struct tls_pair *pair = up(*state);
    for (int i = 0; i < 3; i++) {
        pair->client.plain_len = pair->server.plain_len = 0;
        assert_int_equal(SSL_key_update(pair->client.tls.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
        tls_say(&pair->client, "ping");
        tls_deliver(&pair->client, &pair->server, 7);
        tls_say(&pair->server, "pong");
        tls_pair_settle(pair);
        assert_heard(&pair->server, "ping");
        assert_heard(&pair->client, "pong");
    }
    assert_int_equal(pair->client.rc, 0);
    assert_int_equal(pair->server.rc, 0);
    tls_pair_free(pair);
}

/* The server takes the client's hello and speaks before the client has finished: what TLS allows
 * and our own server never does. */
static void speak_early(struct tls_pair *pair, const char *text)
{
    struct tls_session *t = &pair->server.tls;
    uint8_t nothing[16];
    size_t len = 0;
    t->in = pair->client.sent;
    t->in_len = pair->client.sent_len;
    assert_int_equal(SSL_read_early_data(t->ssl, nothing, sizeof nothing, &len),
                     SSL_READ_EARLY_DATA_FINISH);
    assert_int_equal(t->in_len, 0);
    assert_int_equal(SSL_write_early_data(t->ssl, text, strlen(text), &len), 1);
    pair->client.sent_len = 0;
    memcpy(pair->server.sent, t->room->cipher, t->out_len);
    pair->server.sent_len = t->out_len;
    t->out_len = 0;
}

/* Goal: sessions share one room, and a callback may write to another session. Method: the client's
 * last flight lies in the room when the server's first words are handed over. */
static void writing_to_another_session_from_the_callback_spoils_neither(void **state)
{
    const struct tls_world *w = *state;
    struct tls_pair *two = up(w);
    struct tls_pair *one = tls_pair_new(w->client, w->server, "localhost", NULL);
    one->client.tls.room = two->client.tls.room;
    one->client.echo = &two->client;
    one->client.rc = tls_session_begin(&one->client.tls);
    speak_early(one, "to the other");
    tls_deliver(&one->server, &one->client, 0);
    assert_heard(&one->client, "to the other");
    tls_pair_settle(two);
    assert_heard(&two->server, "to the other");
    tls_pair_settle(one);
    assert_int_equal(one->server.rc, 0);
    assert_true(one->server.tls.up);
    tls_pair_free(one);
    tls_pair_free(two);
}

static void fingerprint(const struct test_pki *pki, const char *name, uint8_t ret[32])
{
    char path[TEST_PKI_PATH];
    test_pki_path(pki, name, ".crt", path);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    assert_int_equal(fclose(file), 0);
    unsigned char *key = NULL;
    int len = i2d_PUBKEY(X509_get0_pubkey(certificate), &key);
    assert_true(len > 0);
    assert_int_equal(EVP_Digest(key, (size_t)len, ret, NULL, EVP_sha256(), NULL), 1);
    OPENSSL_free(key);
    X509_free(certificate);
}

static void the_peer_is_its_key_and_its_practice(void **state)
{
    const struct tls_world *w = *state;
    struct tls_pair *pair = up(w);
    uint8_t seen[32] = {0}, wanted[32];
    int64_t practice = 0;
    fingerprint(&w->pki, "device", wanted);
    assert_int_equal(tls_session_peer(&pair->server.tls, seen, &practice), 0);
    assert_memory_equal(seen, wanted, sizeof wanted);
    assert_int_equal(practice, 7);
    tls_pair_free(pair);
}

static void a_practice_is_a_decimal_number_above_0(void **state)
{
    const struct tls_world *w = *state;
    static const struct {
        const char *organisation;
        int64_t practice; /* 0: refused. */
    } cases[] = {{"1", 1},    {"0042", 42}, {"999999999999999999", INT64_C(999999999999999999)},
                 {NULL, 0},   {"0", 0},     {"-1", 0},
                 {"7 ", 0},   {"0x7", 0},   {"1000000000000000000", 0},
                 {"seven", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t seen[32];
        int64_t practice = 0;
        test_pki_issue(&w->pki, "numbered",
                       &(struct test_pki_wish){.usage = TEST_PKI_CLIENT,
                                               .organisation = cases[i].organisation,
                                               .name = "n"});
        SSL_CTX *client = test_pki_context(&w->pki, TLS_CLIENT, "numbered", "ca");
        struct tls_pair *pair = tls_pair_new(client, w->server, "localhost", NULL);
        tls_pair_shake(pair, 0);
        assert_int_equal(tls_session_peer(&pair->server.tls, seen, &practice),
                         cases[i].practice != 0 ? 0 : ERR_CERTIFICATE);
        assert_int_equal(practice, cases[i].practice);
        tls_pair_free(pair);
        SSL_CTX_free(client);
    }
}

static void before_the_handshake_there_is_no_peer(void **state)
{
    const struct tls_world *w = *state;
    struct tls_pair *pair = tls_pair_new(w->client, w->server, "localhost", NULL);
    uint8_t seen[32];
    int64_t practice;
    assert_int_equal(tls_session_peer(&pair->server.tls, seen, &practice), ERR_CERTIFICATE);
    tls_session_end(&pair->server.tls);
    assert_int_equal(pair->server.sent_len, 0);
    assert_true(tls_session_why(&pair->server.tls)[0] != '\0');
    tls_pair_free(pair);
}

static void a_session_without_a_beginning_may_be_taken_down(void **state)
{
    (void)state;
    struct tls_session nothing = {0};
    tls_session_fini(&nothing);
    tls_session_fini(&nothing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_goes_both_ways),
        cmocka_unit_test(it_is_tls_1_3_with_our_protocol),
        cmocka_unit_test(any_cut_of_the_handshake_gives_the_same_session),
        cmocka_unit_test(byte_by_byte_gives_the_same_session),
        cmocka_unit_test(the_first_words_may_come_with_the_end_of_the_handshake),
        cmocka_unit_test(the_server_says_nothing_after_the_handshake),
        cmocka_unit_test(what_is_longer_than_a_record_and_the_room_arrives_whole),
        cmocka_unit_test(many_writes_in_one_delivery_are_all_drained),
        cmocka_unit_test(goodbye_comes_after_all_that_was_said),
        cmocka_unit_test(who_has_said_goodbye_says_nothing_more_and_no_second_one),
        cmocka_unit_test(what_the_receiver_refuses_is_what_feed_returns),
        cmocka_unit_test(a_flipped_bit_is_noticed_and_its_text_not_heard),
        cmocka_unit_test(a_stale_error_breaks_nothing),
        cmocka_unit_test(a_key_update_is_taken_and_answered),
        cmocka_unit_test(writing_to_another_session_from_the_callback_spoils_neither),
        cmocka_unit_test(the_peer_is_its_key_and_its_practice),
        cmocka_unit_test(a_practice_is_a_decimal_number_above_0),
        cmocka_unit_test(before_the_handshake_there_is_no_peer),
        cmocka_unit_test(a_session_without_a_beginning_may_be_taken_down),
    };
    return cmocka_run_group_tests(tests, tls_world_set_up, tls_world_tear_down);
}
