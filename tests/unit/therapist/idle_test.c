/* Goal: the screen locks at the limit and not before it, and a touch that comes too late does not
 * keep it open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/therapist/idle.h"

enum { LIMIT = 1000 };

static void it_locks_at_the_limit_and_not_before(void **state)
{
    struct idle i;
    (void)state;
    idle_init(&i, LIMIT, 0);
    assert_false(idle_tick(&i, LIMIT - 1));
    assert_int_equal(idle_wake_ms(&i), LIMIT);
    assert_true(idle_tick(&i, LIMIT));
    assert_false(idle_tick(&i, LIMIT + 1)); /* Told once. */
    assert_true(i.locked);
    assert_true(idle_wake_ms(&i) == INT64_MAX);
}

static void a_touch_in_time_puts_it_off_and_a_late_one_does_not(void **state)
{
    struct idle i;
    (void)state;
    idle_init(&i, LIMIT, 0);
    idle_touched(&i, LIMIT - 1);
    assert_false(idle_tick(&i, 2 * LIMIT - 2));
    idle_touched(&i, 2 * LIMIT); /* The machine slept: nobody was here at the limit. */
    assert_true(idle_tick(&i, 2 * LIMIT));
    idle_touched(&i, 2 * LIMIT + 1);
    assert_true(i.locked);
}

static void unlocking_begins_anew(void **state)
{
    struct idle i;
    (void)state;
    idle_init(&i, LIMIT, 0);
    idle_lock(&i);
    assert_false(idle_tick(&i, 10 * LIMIT));
    idle_unlock(&i, 10 * LIMIT);
    assert_false(idle_tick(&i, 11 * LIMIT - 1));
    assert_true(idle_tick(&i, 11 * LIMIT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_locks_at_the_limit_and_not_before),
        cmocka_unit_test(a_touch_in_time_puts_it_off_and_a_late_one_does_not),
        cmocka_unit_test(unlocking_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
