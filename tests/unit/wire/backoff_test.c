#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/wire/backoff.h"

static void the_ceiling_doubles_until_it_is_the_maximum(void **state)
{
    (void)state;
    struct backoff b;
    static const uint32_t ceilings[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
    backoff_init(&b, 1000, 60000);
    for (size_t i = 0; i < sizeof ceilings / sizeof ceilings[0]; i++) {
        assert_int_equal(backoff_next(&b, UINT32_MAX), ceilings[i]);
    }
}

static void the_least_luck_waits_the_floor(void **state)
{
    (void)state;
    struct backoff b;
    backoff_init(&b, 1000, 60000);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(backoff_next(&b, 0), 1000);
    }
}

/* Full jitter: half the luck is half the way. */
static void chance_spreads_evenly_between_floor_and_ceiling(void **state)
{
    (void)state;
    struct backoff b;
    backoff_init(&b, 1000, 60000);
    (void)backoff_next(&b, 0);
    assert_in_range(backoff_next(&b, UINT32_MAX / 2), 1499, 1501);
    assert_in_range(backoff_next(&b, UINT32_MAX / 4 * 3), 3249, 3251);
}

static void a_success_starts_from_the_floor_again(void **state)
{
    (void)state;
    struct backoff b;
    backoff_init(&b, 1000, 60000);
    for (int i = 0; i < 10; i++) {
        (void)backoff_next(&b, 1);
    }
    backoff_reset(&b);
    assert_int_equal(backoff_next(&b, UINT32_MAX), 1000);
    assert_int_equal(backoff_next(&b, UINT32_MAX), 2000);
}

static void the_widest_range_does_not_overflow(void **state)
{
    (void)state;
    struct backoff b;
    backoff_init(&b, 1, UINT32_MAX);
    uint32_t last = 0;
    for (int i = 0; i < 200; i++) {
        uint32_t delay = backoff_next(&b, UINT32_MAX);
        assert_true(delay >= last);
        last = delay;
    }
    assert_int_equal(last, UINT32_MAX);
    backoff_init(&b, 5, 5);
    assert_int_equal(backoff_next(&b, 0), 5);
    assert_int_equal(backoff_next(&b, UINT32_MAX), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ceiling_doubles_until_it_is_the_maximum),
        cmocka_unit_test(the_least_luck_waits_the_floor),
        cmocka_unit_test(chance_spreads_evenly_between_floor_and_ceiling),
        cmocka_unit_test(a_success_starts_from_the_floor_again),
        cmocka_unit_test(the_widest_range_does_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
