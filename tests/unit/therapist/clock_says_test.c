/* Goal: a good clock is not spoken of, a wrong one is, in words that fit how wrong it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/therapist/clock_says.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

static void up_to_a_minute_nothing_is_said(void **state)
{
    static const int64_t good[] = {0, 1, -1, CLOCK_GOOD_MS, -CLOCK_GOOD_MS};
    char room[CLOCK_SAYS];
    (void)state;
    for (size_t at = 0; at < sizeof good / sizeof good[0]; at++) {
        assert_string_equal(clock_says(good[at], room), "");
    }
    assert_string_not_equal(clock_says(CLOCK_GOOD_MS + 1, room), "");
    assert_string_not_equal(clock_says(-CLOCK_GOOD_MS - 1, room), "");
}

static void it_is_said_in_a_unit_of_which_there_are_two(void **state)
{
    static const struct {
        int64_t ahead_ms;
        const char *words;
    } said[] = {
        {61 * SECOND, "is 61 seconds fast."},
        {119 * SECOND, "is 119 seconds fast."},
        {2 * MINUTE, "is 2 minutes fast."},
        {-7 * MINUTE, "is 7 minutes slow."},
        {119 * MINUTE, "is 119 minutes fast."},
        {2 * HOUR, "is 2 hours fast."},
        {-47 * (int64_t)HOUR, "is 47 hours slow."},
        {48 * (int64_t)HOUR, "is 2 days fast."},
        {-400 * 24 * (int64_t)HOUR, "is 400 days slow."},
    };
    char room[CLOCK_SAYS];
    (void)state;
    for (size_t at = 0; at < sizeof said / sizeof said[0]; at++) {
        assert_non_null(strstr(clock_says(said[at].ahead_ms, room), said[at].words));
    }
}

static void any_clock_has_words_that_end(void **state)
{
    static const int64_t wild[] = {INT64_MAX, INT64_MIN, INT64_MIN + 1};
    char room[CLOCK_SAYS];
    (void)state;
    for (size_t at = 0; at < sizeof wild / sizeof wild[0]; at++) {
        const char *words = clock_says(wild[at], room);
        assert_string_equal(words + strlen(words) - strlen("to be set."), "to be set.");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(up_to_a_minute_nothing_is_said),
        cmocka_unit_test(it_is_said_in_a_unit_of_which_there_are_two),
        cmocka_unit_test(any_clock_has_words_that_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
