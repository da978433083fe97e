/* Goal: whatever stands in the audit is said to a client in whole words: no code, no id. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/cli/who_words.h"

static void what_is_known_is_said_and_what_is_not_is_said_to_be_something(void **state)
{
    (void)state;
    assert_string_equal(who_words_action("ratings.read"), "saw your answers");
    assert_string_equal(who_words_action("goal.put"), "wrote down a goal with you");
    assert_string_equal(who_words_action("x.y"), "did something else with what is kept about you");
    assert_string_equal(who_words_reason("cover"), "stood in for your therapist");
    assert_string_equal(who_words_reason(""), "the system's own work");
    assert_string_equal(who_words_reason("x"), "was allowed to");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_known_is_said_and_what_is_not_is_said_to_be_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
