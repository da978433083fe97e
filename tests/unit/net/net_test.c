/* Goal: frames go to and fro, whoever is closed hears the last words, and each connection is gone
 * exactly once (world_free checks it in every test). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "tests/unit/net/world.h"

static struct world *ordinary(void)
{
    struct net_limits limits = world_limits();
    return world_new(&limits);
}

static bool has_frames_3(void *served)
{
    return ((struct served *)served)->frames >= 3;
}

static void frames_go_in_and_what_is_said_comes_out_in_order(void **state)
{
    (void)state;
    struct world *w = ordinary();
    struct caller *c = caller_greeted(w);
    caller_say(c, "e one");
    caller_say(c, "e two");
    world_run(w, has_frames_3, w->served[0]);
    while (c->heard_frames < 2) {
        world_run(w, caller_has_heard, c);
        (void)uv_run(&w->loop, UV_RUN_ONCE);
    }
    assert_string_equal(c->heard, "e one|e two|");
    assert_int_equal(w->net.counters.frames, 3);
    assert_int_equal(w->net.counters.handshakes, 1);
    caller_free(c);
    world_run(w, served_is_gone, w->served[0]);
    assert_int_equal(w->served[0]->gone_rc, ERR_CLOSED);
    assert_int_equal(w->net.counters.open, 0);
    world_free(w);
}

static void a_closed_connection_hears_its_last_words_and_is_gone_with_the_first_reason(void **state)
{
    (void)state;
    struct world *w = ordinary();
    struct caller *c = caller_greeted(w);
    caller_say(c, "c");
    world_run(w, caller_has_ended, c);
    assert_string_equal(c->heard, "bye|");
    assert_int_equal(c->rc, ERR_CLOSED); /* close_notify came. */
    caller_free(c);
    world_run(w, served_is_gone, w->served[0]);
    assert_int_equal(w->served[0]->gone_rc, ERR_REPLACED);
    world_free(w);
}

static void a_refused_frame_ends_the_connection_after_what_was_said(void **state)
{
    (void)state;
    struct world *w = ordinary();
    struct caller *c = caller_greeted(w);
    caller_say(c, "r");
    caller_say(c, "e never heard");
    world_run(w, caller_has_ended, c);
    assert_string_equal(c->heard, "no|");
    caller_free(c);
    world_run(w, served_is_gone, w->served[0]);
    assert_int_equal(w->served[0]->gone_rc, ERR_MESSAGE);
    world_free(w);
}

static void who_is_refused_at_up_is_never_heard(void **state)
{
    (void)state;
    struct world *w = ordinary();
    w->up_rc = ERR_CERTIFICATE;
    struct caller *c = caller_new(w);
    caller_up(c);
    caller_say(c, "e never heard");
    world_run(w, caller_has_ended, c);
    assert_string_equal(c->heard, "");
    caller_free(c);
    world_run(w, served_is_gone, w->served[0]);
    assert_int_equal(w->served[0]->gone_rc, ERR_CERTIFICATE);
    assert_int_equal(w->served[0]->frames, 0);
    world_free(w);
}

static void what_is_not_tls_is_closed_and_counted(void **state)
{
    (void)state;
    static const char http[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    struct world *w = ordinary();
    struct caller *c = caller_new_plain(w);
    caller_send_raw(c, (const uint8_t *)http, sizeof http - 1);
    world_run(w, caller_has_ended, c);
    caller_free(c);
    world_run(w, served_is_gone, w->served[0]);
    assert_int_equal(w->served[0]->gone_rc, ERR_TLS);
    assert_int_equal(w->served[0]->ups, 0);
    assert_int_equal(w->net.counters.handshake_failures, 1);
    assert_int_equal(w->net.counters.handshaking, 0);
    world_free(w);
}

/* ---- frames' size ---------------------------------------------------------------------------- */

static void say_length(struct caller *c, size_t len)
{
    uint8_t *frame = calloc(1, FRAME_HEAD + len);
    assert_non_null(frame);
    frame_head(frame, len);
    caller_say_bytes(c, frame, FRAME_HEAD + len);
    free(frame);
}

static bool has_a_frame_of_the_greetings_limit(void *served)
{
    return ((struct served *)served)->last_len == LIMIT_FRAME_GREETING;
}

static bool has_a_frame_of_the_limit(void *served)
{
    return ((struct served *)served)->last_len == LIMIT_FRAME_BODY;
}

static void before_the_greeting_4096_bytes_are_taken_and_4097_refused(void **state)
{
    (void)state;
    struct world *w = ordinary();
    struct caller *c = caller_new(w);
    caller_up(c);
    say_length(c, LIMIT_FRAME_GREETING);
    world_run(w, has_a_frame_of_the_greetings_limit, w->served[0]);
    say_length(c, LIMIT_FRAME_GREETING + 1);
    world_run(w, caller_has_ended, c);
    assert_string_equal(c->heard, "!101|");
    caller_free(c);
    world_run(w, served_is_gone, w->served[0]);
    assert_int_equal(w->served[0]->gone_rc, ERR_FRAME_SIZE);
    world_free(w);
}

static void after_the_greeting_16384_bytes_are_taken_and_16385_refused(void **state)
{
    (void)state;
    struct world *w = ordinary();
    struct caller *c = caller_greeted(w);
    say_length(c, LIMIT_FRAME_BODY);
    world_run(w, has_a_frame_of_the_limit, w->served[0]);
    say_length(c, LIMIT_FRAME_BODY + 1);
    world_run(w, caller_has_ended, c);
    assert_string_equal(c->heard, "!101|");
    caller_free(c);
    world_free(w);
}

/* Goal: the kernel answers bytes that nobody reads with a reset, which destroys what is still on
 * its way. Method: two megabytes behind the refused length; the client reads only afterwards. */
static void the_last_words_arrive_although_two_megabytes_are_still_coming(void **state)
{
    (void)state;
    enum { PIECE = 16 * 1024, PIECES = 128 };
    struct world *w = ordinary();
    struct caller *c = caller_greeted(w);
    uint8_t *bytes = malloc(PIECE);
    assert_non_null(bytes);
    memset(bytes, 0xff, PIECE); /* A length of 2^32-1 to begin with. */
    caller_stop_reading(c);
    for (unsigned i = 0; i < PIECES; i++) {
        caller_say_bytes(c, bytes, PIECE);
        (void)uv_run(&w->loop, UV_RUN_NOWAIT); /* The server is cutting meanwhile. */
    }
    free(bytes);
    caller_go_on_reading(c);
    world_run(w, caller_has_ended, c);
    assert_string_equal(c->heard, "!101|");
    assert_int_equal(c->rc, ERR_CLOSED);
    caller_free(c);
    world_run(w, served_is_gone, w->served[0]);
    assert_int_equal(w->served[0]->gone_rc, ERR_FRAME_SIZE);
    world_free(w);
}

/* ---- pause ----------------------------------------------------------------------------------- */

static bool is_paused(void *served)
{
    return ((struct served *)served)->conn.paused;
}

static void a_paused_peer_is_not_read_and_loses_nothing(void **state)
{
    (void)state;
    struct world *w = ordinary();
    struct caller *c = caller_greeted(w);
    struct served *s = w->served[0];
    caller_say(c, "p");
    world_run(w, is_paused, s);
    caller_say(c, "e after all");
    world_run_sweep(w);
    assert_int_equal(s->frames, 2);
    conn_resume(&s->conn);
    world_run(w, caller_has_heard, c);
    assert_string_equal(c->heard, "e after all|");
    caller_free(c);
    world_free(w);
}

static void a_paused_peer_may_be_closed(void **state)
{
    (void)state;
    struct world *w = ordinary();
    struct caller *c = caller_greeted(w);
    struct served *s = w->served[0];
    caller_say(c, "p");
    world_run(w, is_paused, s);
    conn_close(&s->conn, ERR_CLOSING);
    assert_false(s->conn.paused); /* Its last bytes are read past. */
    world_run(w, caller_has_ended, c);
    assert_int_equal(c->rc, ERR_CLOSED);
    caller_free(c);
    world_run(w, served_is_gone, s);
    assert_int_equal(s->gone_rc, ERR_CLOSING);
    world_free(w);
}

/* ---- the net's own life ---------------------------------------------------------------------- */

static void closing_the_net_ends_every_connection_whatever_its_stage(void **state)
{
    (void)state;
    struct world *w = ordinary();
    struct caller *lingering = caller_greeted(w);
    caller_say(lingering, "c");
    world_run(w, caller_has_ended, lingering); /* It has not hung up: the server lingers. */
    struct caller *greeting = caller_new(w);
    caller_up(greeting);
    struct caller *open = caller_greeted(w);
    struct caller *silent = caller_new_plain(w);
    while (w->served_count < 4) {
        (void)uv_run(&w->loop, UV_RUN_ONCE);
    }
    world_close(w);
    assert_int_equal(w->served[0]->gone_rc, ERR_REPLACED);
    for (size_t i = 1; i < 4; i++) {
        assert_int_equal(w->served[i]->gone_rc, ERR_CLOSING);
    }
    assert_int_equal(w->net.counters.open, 0);
    assert_int_equal(w->net.counters.handshaking, 0);
    caller_free(lingering);
    caller_free(greeting);
    caller_free(open);
    caller_free(silent);
    world_free(w);
}

static void a_stopped_net_goes_on_with_those_it_has(void **state)
{
    (void)state;
    struct world *w = ordinary();
    struct caller *c = caller_greeted(w);
    net_stop(&w->net);
    net_stop(&w->net); /* Without effect. */
    caller_say(c, "e still here");
    world_run(w, caller_has_heard, c);
    assert_string_equal(c->heard, "e still here|");
    caller_free(c);
    world_free(w);
}

static void a_new_context_serves_those_who_come_after_it(void **state)
{
    (void)state;
    struct world *w = ordinary();
    uint8_t old[32], new[32];
    int64_t practice;
    struct caller *first = caller_greeted(w);
    const struct test_pki_wish wish = {.usage = TEST_PKI_SERVER, .alternative = "DNS:localhost"};
    test_pki_issue(&w->pki, "renewed", &wish);
    SSL_CTX *context = test_pki_context(&w->pki, TLS_SERVER, "renewed", "ca");
    net_context(&w->net, &context);
    assert_null(context);
    struct caller *second = caller_greeted(w);
    /* A server's certificate names no practice: the fingerprint is there all the same. */
    assert_int_equal(tls_session_peer(&first->tls, old, &practice), ERR_CERTIFICATE);
    assert_int_equal(tls_session_peer(&second->tls, new, &practice), ERR_CERTIFICATE);
    assert_memory_not_equal(old, new, sizeof old);
    caller_say(first, "e the old one goes on");
    world_run(w, caller_has_heard, first);
    caller_free(first);
    caller_free(second);
    world_free(w);
}

static void on_closed(struct net *n)
{
    n->loop = NULL;
}

static void an_address_that_is_not_ours_is_refused_and_close_is_owed(void **state)
{
    (void)state;
    struct world *w = ordinary(); /* For its authority. */
    struct net *n = calloc(1, sizeof *n);
    uv_loop_t loop;
    struct net_limits limits = world_limits();
    assert_non_null(n);
    assert_int_equal(uv_loop_init(&loop), 0);
    SSL_CTX *context = test_pki_context(&w->pki, TLS_SERVER, "server", "ca");
    const struct config_address address = {.host = "192.0.2.1", .port = 0}; /* RFC 5737. */
    net_init(n, &limits, w->net.handler);
    assert_int_equal(net_start(n, &loop, &address, &context), ERR_CONFIG);
    assert_null(context);
    net_close(n, on_closed);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_null(n->loop);
    assert_int_equal(uv_loop_close(&loop), 0);
    free(n);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_go_in_and_what_is_said_comes_out_in_order),
        cmocka_unit_test(
            a_closed_connection_hears_its_last_words_and_is_gone_with_the_first_reason),
        cmocka_unit_test(a_refused_frame_ends_the_connection_after_what_was_said),
        cmocka_unit_test(who_is_refused_at_up_is_never_heard),
        cmocka_unit_test(what_is_not_tls_is_closed_and_counted),
        cmocka_unit_test(before_the_greeting_4096_bytes_are_taken_and_4097_refused),
        cmocka_unit_test(after_the_greeting_16384_bytes_are_taken_and_16385_refused),
        cmocka_unit_test(the_last_words_arrive_although_two_megabytes_are_still_coming),
        cmocka_unit_test(a_paused_peer_is_not_read_and_loses_nothing),
        cmocka_unit_test(a_paused_peer_may_be_closed),
        cmocka_unit_test(closing_the_net_ends_every_connection_whatever_its_stage),
        cmocka_unit_test(a_stopped_net_goes_on_with_those_it_has),
        cmocka_unit_test(a_new_context_serves_those_who_come_after_it),
        cmocka_unit_test(an_address_that_is_not_ours_is_refused_and_close_is_owed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
