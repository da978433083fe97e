/* Goal: however many are refused, what is kept has a bound, and nothing is counted twice or lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "server/gateway/refusals.h"

static void the_same_again_is_counted_and_what_differs_stands_apart(void **state)
{
    (void)state;
    static struct refusals r;
    for (int i = 0; i < 1000; i++) {
        refusals_note(&r, 1, "desk 1", 203, 1);
    }
    refusals_note(&r, 1, "desk 1", 303, 1);
    refusals_note(&r, 1, "desk 2", 203, 1);
    refusals_note(&r, 2, "desk 1", 203, 1);
    assert_int_equal(r.count, 4);
    assert_int_equal(r.list[0].count, 1000);
}

static void those_without_a_place_are_counted_together(void **state)
{
    (void)state;
    static struct refusals r;
    char actor[32];
    uint64_t sum = 0;
    for (int i = 0; i < 3 * REFUSALS_MAX; i++) {
        (void)snprintf(actor, sizeof actor, "device %d", i);
        refusals_note(&r, 1, actor, 201, 1);
    }
    assert_int_equal(r.count, REFUSALS_MAX);
    for (size_t i = 0; i < r.count; i++) {
        sum += r.list[i].count;
    }
    assert_int_equal(sum, 3 * REFUSALS_MAX);
    assert_string_equal(r.list[REFUSALS_MAX - 1].actor, "others");
    assert_string_equal(r.list[REFUSALS_MAX - 2].actor, "device 126");
}

static void a_name_that_is_too_long_is_cut_and_still_the_same(void **state)
{
    (void)state;
    static struct refusals r;
    char actor[REFUSALS_ACTOR + 10];
    memset(actor, 'a', sizeof actor - 1);
    actor[sizeof actor - 1] = '\0';
    refusals_note(&r, 1, actor, 201, 1);
    refusals_note(&r, 1, actor, 201, 1);
    assert_int_equal(r.count, 1);
    assert_int_equal(strlen(r.list[0].actor), REFUSALS_ACTOR - 1);
}

static void the_world_is_no_refusal(void **state)
{
    (void)state;
    static const unsigned yes[] = {101, 113, 120, 201, 202, 203, 219,
                                   230, 301, 303, 306, 313, 330, 409},
                          no[] = {0, 123, 204, 212, 302, 305, 311, 312, 318, 401, 403, 503};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        assert_true(refusals_is_one(yes[i]));
    }
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        assert_false(refusals_is_one(no[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_again_is_counted_and_what_differs_stands_apart),
        cmocka_unit_test(those_without_a_place_are_counted_together),
        cmocka_unit_test(a_name_that_is_too_long_is_cut_and_still_the_same),
        cmocka_unit_test(the_world_is_no_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
