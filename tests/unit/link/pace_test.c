#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/link/pace.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"

enum { PING = LIMIT_PING_S * 1000, SILENCE = LIMIT_SILENCE_S * 1000 };

static void come_up(struct pace *p, int64_t now)
{
    int rc;
    pace_begin(p, now);
    assert_int_equal(pace_tick(p, now, &rc), PACE_CONNECT);
    pace_welcome(p, 0, now);
    pace_said(p, now);
}

static void it_connects_at_once_and_only_when_told(void **state)
{
    (void)state;
    struct pace p;
    int rc;
    pace_init(&p);
    assert_int_equal(pace_wake_ms(&p), INT64_MAX);
    assert_int_equal(pace_tick(&p, 1000, &rc), PACE_NOTHING);
    pace_begin(&p, 1000);
    assert_int_equal(pace_wake_ms(&p), 1000);
    assert_int_equal(pace_tick(&p, 1000, &rc), PACE_CONNECT);
    assert_int_equal(pace_tick(&p, 1000, &rc), PACE_NOTHING);
}

static void a_greeting_that_takes_too_long_is_given_up(void **state)
{
    (void)state;
    struct pace p;
    int rc = 0;
    pace_init(&p);
    pace_begin(&p, 0);
    assert_int_equal(pace_tick(&p, 0, &rc), PACE_CONNECT);
    pace_heard(&p, 9000); /* A trickle of bytes is no Welcome. */
    assert_int_equal(pace_tick(&p, PACE_GREETING_MS - 1, &rc), PACE_NOTHING);
    assert_int_equal(pace_tick(&p, PACE_GREETING_MS, &rc), PACE_GIVE_UP);
    assert_int_equal(rc, ERR_TIMEOUT);
}

static void it_pings_when_it_has_said_nothing(void **state)
{
    (void)state;
    struct pace p;
    int rc;
    pace_init(&p);
    come_up(&p, 0);
    assert_int_equal(pace_tick(&p, PING - 1, &rc), PACE_NOTHING);
    assert_int_equal(pace_tick(&p, PING, &rc), PACE_PING);
    pace_said(&p, PING);
    pace_heard(&p, PING);
    assert_int_equal(pace_wake_ms(&p), 2 * PING);
    pace_said(&p, PING + 5000); /* Any request will do. */
    assert_int_equal(pace_wake_ms(&p), 2 * PING + 5000);
}

static void the_server_may_ask_for_more_pings_and_not_for_fewer(void **state)
{
    (void)state;
    static const struct {
        uint32_t told;
        int64_t ping;
    } cases[] = {{0, PING}, {1, 1000}, {9, 9000}, {10, PING}, {11, PING}, {UINT32_MAX, PING}};
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        struct pace p;
        int rc;
        pace_init(&p);
        pace_begin(&p, 0);
        assert_int_equal(pace_tick(&p, 0, &rc), PACE_CONNECT);
        pace_welcome(&p, cases[at].told, 0);
        assert_int_equal(pace_wake_ms(&p), cases[at].ping);
    }
}

static void a_silent_server_is_given_up(void **state)
{
    (void)state;
    struct pace p;
    int rc = 0;
    pace_init(&p);
    come_up(&p, 0);
    pace_heard(&p, 5);
    for (int64_t now = PING; now < SILENCE + 5; now += PING) {
        assert_int_equal(pace_tick(&p, now, &rc), PACE_PING);
        pace_said(&p, now);
    }
    assert_int_equal(pace_wake_ms(&p), SILENCE + 5);
    assert_int_equal(pace_tick(&p, SILENCE + 5, &rc), PACE_GIVE_UP);
    assert_int_equal(rc, ERR_SILENT);
}

/* How long it stays away after this loss. */
static int64_t wait_after(struct pace *p, int rc, uint32_t random, int64_t now)
{
    pace_lost(p, rc, random, now);
    return p->state == PACE_STOPPED ? -1 : pace_wake_ms(p) - now;
}

static void it_comes_back_between_a_second_and_a_minute(void **state)
{
    (void)state;
    int64_t longest = 0, shortest = INT64_MAX;
    for (uint32_t random = 1; random != 0 && random < 0xf0000000u; random = random * 3 + 7) {
        struct pace p;
        int rc;
        pace_init(&p);
        pace_begin(&p, 0);
        for (int tries = 0; tries < 12; tries++) {
            assert_int_equal(pace_tick(&p, pace_wake_ms(&p), &rc), PACE_CONNECT);
            int64_t wait = wait_after(&p, ERR_UNREACHABLE, random, 1000000 * tries);
            assert_true(wait >= LIMIT_RECONNECT_MS_MIN && wait <= LIMIT_RECONNECT_MS_MAX);
            longest = wait > longest ? wait : longest;
            shortest = wait < shortest ? wait : shortest;
        }
    }
    assert_true(longest > 20 * 1000 && shortest < 2000);
}

/* Goal: a server that welcomes and falls over is not stormed. */
static void only_a_connection_that_held_starts_from_the_floor(void **state)
{
    (void)state;
    struct pace p;
    pace_init(&p);
    for (int tries = 0; tries < 8; tries++) {
        come_up(&p, 0);
        (void)wait_after(&p, ERR_CLOSED, 0, PING - 1);
    }
    assert_true(p.backoff.tries > 1);
    come_up(&p, 0);
    (void)wait_after(&p, ERR_CLOSED, 0, PING);
    assert_int_equal(p.backoff.tries, 1);
}

static void what_a_person_must_mend_waits_long(void **state)
{
    (void)state;
    static const int codes[] = {ERR_CERTIFICATE, ERR_DEVICE_UNKNOWN, ERR_DEVICE_REVOKED,
                                ERR_CERTIFICATE_REVOKED, ERR_PERSON_REVOKED};
    static const uint32_t randoms[] = {0, 1, 30000, 30001, UINT32_MAX};
    for (size_t code = 0; code < 3; code++) {
        for (size_t at = 0; at < 5; at++) {
            struct pace p;
            int rc;
            pace_init(&p);
            pace_begin(&p, 0);
            assert_int_equal(pace_tick(&p, 0, &rc), PACE_CONNECT);
            int64_t wait = wait_after(&p, codes[code], randoms[at], 0);
            assert_true(wait >= 30 * 1000 && wait <= 60 * 1000);
        }
    }
}

static void the_replaced_one_stays_away(void **state)
{
    (void)state;
    struct pace p;
    int rc;
    pace_init(&p);
    come_up(&p, 0);
    assert_int_equal(wait_after(&p, ERR_REPLACED, 5, 100), -1);
    assert_int_equal(pace_wake_ms(&p), INT64_MAX);
    assert_int_equal(pace_tick(&p, INT64_MAX - 1, &rc), PACE_NOTHING);
}

static void a_draining_server_names_the_wait_once(void **state)
{
    (void)state;
    struct pace p;
    pace_init(&p);
    come_up(&p, 0);
    pace_draining(&p, 1234);
    assert_int_equal(wait_after(&p, ERR_CLOSED, 99, 500), 1234);
    come_up(&p, 2000);
    pace_draining(&p, UINT32_MAX);
    assert_int_equal(wait_after(&p, ERR_CLOSED, 99, 2500), LIMIT_RECONNECT_MS_MAX);
    come_up(&p, 100000);
    assert_true(wait_after(&p, ERR_CLOSED, 0, 100000) < LIMIT_RECONNECT_MS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_connects_at_once_and_only_when_told),
        cmocka_unit_test(a_greeting_that_takes_too_long_is_given_up),
        cmocka_unit_test(it_pings_when_it_has_said_nothing),
        cmocka_unit_test(the_server_may_ask_for_more_pings_and_not_for_fewer),
        cmocka_unit_test(a_silent_server_is_given_up),
        cmocka_unit_test(it_comes_back_between_a_second_and_a_minute),
        cmocka_unit_test(only_a_connection_that_held_starts_from_the_floor),
        cmocka_unit_test(what_a_person_must_mend_waits_long),
        cmocka_unit_test(the_replaced_one_stays_away),
        cmocka_unit_test(a_draining_server_names_the_wait_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
