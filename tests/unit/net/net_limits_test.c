/* Goal: every wait has an end and every count a limit. Method: a limit of 1 ms, and the loop turns
 * until what must follow has followed; how long that took is not asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "tests/unit/net/world.h"

/* The peer heard why, was counted, and is gone for it. */
static void assert_cut(struct world *w, struct caller *c, const char *words, int rc)
{
    world_run(w, caller_has_ended, c);
    assert_string_equal(c->heard, words);
    caller_free(c);
    world_run(w, served_is_gone, w->served[0]);
    assert_int_equal(w->served[0]->gone_rc, rc);
    assert_int_equal(w->net.counters.cut_slow, 1);
    world_free(w);
}

static void who_does_not_finish_the_handshake_is_cut(void **state)
{
    (void)state;
    struct net_limits limits = world_limits();
    limits.handshake_ms = 1;
    struct world *w = world_new(&limits);
    struct caller *c = caller_new_plain(w);
    world_run(w, caller_has_ended, c);
    assert_int_equal(w->net.counters.handshake_failures, 1);
    assert_cut(w, c, "", ERR_SILENT); /* Without TLS there is no way to say why. */
}

static void who_does_not_greet_is_cut_and_told(void **state)
{
    (void)state;
    struct net_limits limits = world_limits();
    struct world *w = world_new(&limits);
    struct caller *c = caller_new(w);
    caller_up(c);
    w->net.limits.greeting_ms = 1;
    assert_cut(w, c, "!123|", ERR_SILENT);
}

static void a_greeted_one_is_not_held_to_the_greetings_time(void **state)
{
    (void)state;
    struct net_limits limits = world_limits();
    struct world *w = world_new(&limits);
    struct caller *c = caller_greeted(w);
    w->net.limits.handshake_ms = w->net.limits.greeting_ms = 1;
    world_run_sweep(w);
    assert_false(served_is_gone(w->served[0]));
    assert_int_equal(w->net.counters.cut_slow, 0);
    caller_free(c);
    world_free(w);
}

static void who_is_silent_is_cut_and_told(void **state)
{
    (void)state;
    struct net_limits limits = world_limits();
    struct world *w = world_new(&limits);
    struct caller *c = caller_greeted(w);
    w->net.limits.silence_ms = 1;
    assert_cut(w, c, "!123|", ERR_SILENT);
}

static void a_frame_that_does_not_come_to_its_end_is_cut_and_told(void **state)
{
    (void)state;
    static const uint8_t half[] = {0, 0, 0, 9, 'e'};
    struct net_limits limits = world_limits();
    struct world *w = world_new(&limits);
    struct caller *c = caller_greeted(w);
    w->net.limits.frame_ms = 1;
    caller_say_bytes(c, half, sizeof half);
    assert_cut(w, c, "!102|", ERR_FRAME_SLOW);
}

static bool is_inside(void *served)
{
    return frame_reader_inside(&((struct served *)served)->conn.frames);
}

static bool has_two_frames(void *served)
{
    return ((struct served *)served)->frames == 2;
}

/* Goal: a busy peer whose every read ends within a frame is not slow. Method: the first frame began
 * at the beginning of time; its last byte comes together with the first of the next. */
static void each_frame_has_its_own_time(void **state)
{
    (void)state;
    static const uint8_t half[] = {0, 0, 0, 2, '1'}, rest[] = {'1', 0, 0, 0, 2, '2'};
    struct net_limits limits = world_limits();
    limits.frame_ms = UINT32_MAX;
    struct world *w = world_new(&limits);
    struct caller *c = caller_greeted(w);
    struct served *s = w->served[0];
    caller_say_bytes(c, half, sizeof half);
    world_run(w, is_inside, s);
    s->conn.frame_since = 0;
    caller_say_bytes(c, rest, sizeof rest);
    world_run(w, has_two_frames, s); /* "g" and the first of these. */
    assert_true(is_inside(s));
    assert_true(s->conn.frame_since > 0);
    caller_free(c);
    world_free(w);
}

static bool is_paused(void *served)
{
    return ((struct served *)served)->conn.paused;
}

static void a_paused_peer_is_neither_silent_nor_slow(void **state)
{
    (void)state;
    static const uint8_t pause_and_half[] = {0, 0, 0, 1, 'p', 0, 0, 0, 9, 'e'};
    struct net_limits limits = world_limits();
    struct world *w = world_new(&limits);
    struct caller *c = caller_greeted(w);
    struct served *s = w->served[0];
    caller_say_bytes(c, pause_and_half, sizeof pause_and_half);
    world_run(w, is_paused, s);
    w->net.limits.silence_ms = w->net.limits.frame_ms = 1;
    world_run_sweep(w);
    assert_false(served_is_gone(s));
    assert_int_equal(s->conn.stage, CONN_OPEN);
    caller_free(c);
    world_free(w);
}

/* ---- a peer that does not read --------------------------------------------------------------- */

/* Says until the peer's and our own kernel are full; returns the bytes that were taken. */
static size_t fill(struct world *w, struct served *s, size_t until_unsent)
{
    enum { FRAME = 16 * 1024 };
    size_t taken = 0;
    while (s->gones == 0 && s->conn.stage == CONN_OPEN && s->conn.unsent < until_unsent) {
        uint8_t *room = conn_room(&s->conn, FRAME);
        if (room == NULL) {
            break;
        }
        memset(room, 0, FRAME);
        frame_head(room, FRAME - FRAME_HEAD);
        taken += FRAME;
        assert_true(s->conn.unsent + s->conn.out_len <= w->net.limits.unsent_max);
        (void)uv_run(&w->loop, UV_RUN_NOWAIT);
    }
    return taken;
}

static void who_leaves_too_much_unread_is_cut(void **state)
{
    (void)state;
    struct net_limits limits = world_limits();
    limits.unsent_max = 128 * 1024;
    struct world *w = world_new(&limits);
    struct caller *c = caller_greeted(w);
    struct served *s = w->served[0];
    caller_stop_reading(c);
    assert_true(fill(w, s, SIZE_MAX) > limits.unsent_max);
    world_run(w, served_is_gone, s);
    assert_int_equal(s->gone_rc, ERR_SILENT);
    assert_int_equal(w->net.counters.cut_slow, 1);
    caller_free(c);
    world_free(w);
}

static void who_leaves_anything_unread_for_too_long_is_cut(void **state)
{
    (void)state;
    struct net_limits limits = world_limits();
    struct world *w = world_new(&limits);
    struct caller *c = caller_greeted(w);
    struct served *s = w->served[0];
    caller_stop_reading(c);
    (void)fill(w, s, 1);
    assert_true(s->conn.unsent > 0);
    w->net.limits.unsent_ms = 1;
    world_run(w, served_is_gone, s);
    assert_int_equal(s->gone_rc, ERR_SILENT);
    assert_int_equal(w->net.counters.cut_slow, 1);
    caller_free(c);
    world_free(w);
}

static bool has_taken_all(void *served)
{
    return ((struct served *)served)->conn.unsent == 0;
}

static void who_reads_again_gets_all_of_it(void **state)
{
    (void)state;
    struct net_limits limits = world_limits();
    struct world *w = world_new(&limits);
    struct caller *c = caller_greeted(w);
    struct served *s = w->served[0];
    caller_stop_reading(c);
    size_t said = fill(w, s, 1);
    caller_go_on_reading(c);
    world_run(w, has_taken_all, s);
    caller_say(c, "e");
    size_t frames = said / (16 * 1024);
    while (c->heard_frames < frames + 1) {
        (void)uv_run(&w->loop, UV_RUN_ONCE);
    }
    assert_int_equal(c->heard_bytes, said - frames * FRAME_HEAD + 1);
    assert_int_equal(c->rc, 0);
    caller_free(c);
    world_free(w);
}

/* ---- at the door ----------------------------------------------------------------------------- */

static void above_connections_max_a_stranger_waits_at_the_door(void **state)
{
    (void)state;
    struct net_limits limits = world_limits();
    limits.connections_max = 2;
    struct world *w = world_new(&limits);
    struct caller *first = caller_greeted(w), *second = caller_greeted(w);
    struct caller *third = caller_new(w);
    world_run_sweep(w);
    assert_int_equal(w->served_count, 2);
    assert_int_equal(w->net.counters.open, 2);
    assert_false(third->tls.up);
    caller_free(first);
    caller_up(third); /* Let in once there is a place. */
    assert_int_equal(w->served_count, 3);
    caller_free(second);
    caller_free(third);
    world_free(w);
}

static void above_handshakes_max_a_stranger_waits_at_the_door(void **state)
{
    (void)state;
    struct net_limits limits = world_limits();
    limits.handshakes_max = 1;
    struct world *w = world_new(&limits);
    struct caller *silent = caller_new_plain(w);
    while (w->served_count < 1) {
        (void)uv_run(&w->loop, UV_RUN_ONCE);
    }
    struct caller *honest = caller_new(w);
    world_run_sweep(w);
    assert_int_equal(w->served_count, 1);
    caller_free(silent);
    caller_up(honest);
    assert_int_equal(w->net.counters.handshaking, 0);
    caller_free(honest);
    world_free(w);
}

static void with_few_handshakes_a_second_everybody_gets_in_all_the_same(void **state)
{
    (void)state;
    struct net_limits limits = world_limits();
    limits.handshakes_per_second = 4;
    struct world *w = world_new(&limits);
    struct caller *callers[3];
    for (size_t i = 0; i < 3; i++) {
        callers[i] = caller_new(w);
    }
    for (size_t i = 0; i < 3; i++) {
        world_run(w, caller_is_up, callers[i]);
    }
    for (size_t i = 0; i < 3; i++) {
        caller_free(callers[i]);
    }
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_does_not_finish_the_handshake_is_cut),
        cmocka_unit_test(who_does_not_greet_is_cut_and_told),
        cmocka_unit_test(a_greeted_one_is_not_held_to_the_greetings_time),
        cmocka_unit_test(who_is_silent_is_cut_and_told),
        cmocka_unit_test(a_frame_that_does_not_come_to_its_end_is_cut_and_told),
        cmocka_unit_test(each_frame_has_its_own_time),
        cmocka_unit_test(a_paused_peer_is_neither_silent_nor_slow),
        cmocka_unit_test(who_leaves_too_much_unread_is_cut),
        cmocka_unit_test(who_leaves_anything_unread_for_too_long_is_cut),
        cmocka_unit_test(who_reads_again_gets_all_of_it),
        cmocka_unit_test(above_connections_max_a_stranger_waits_at_the_door),
        cmocka_unit_test(above_handshakes_max_a_stranger_waits_at_the_door),
        cmocka_unit_test(with_few_handshakes_a_second_everybody_gets_in_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
