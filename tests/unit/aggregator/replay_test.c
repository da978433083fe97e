/* Goal: what a replay says of courses that stopped, where the right answer is counted by hand.
 * Method: perfect ratings, and here and there one so low that VERY_LOW speaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/aggregator/replay.h"

enum { SESSIONS_MAX = 16 };

static size_t very_low(void)
{
    for (size_t rule = 0; rule < RULES; rule++) {
        if (rules_at(rule) == &rule_very_low) {
            return rule;
        }
    }
    fail();
    return RULES;
}

/* "......x.....": a session a sign, x is very low. */
static void replay(struct replay *r, const char *course, bool has_stopped)
{
    struct store_claimed ratings[SESSIONS_MAX] = {0};
    struct rule_settings settings;
    size_t count = 0;
    rule_settings_defaults(&settings);
    for (; course[count] != '\0'; count++) {
        for (int area = 0; area < STORE_AREAS; area++) {
            ratings[count].scores[area] = course[count] == 'x' ? 40 : 100;
        }
    }
    replay_course(r, ratings, count, has_stopped, &settings, NULL);
}

static void a_course_has_stopped_after_eight_weeks_without_a_session(void **state)
{
    (void)state;
    const int64_t day = (int64_t)24 * 3600 * 1000, last = 20000 * day;
    assert_false(replay_has_stopped(last, last));
    assert_false(replay_has_stopped(last - 56 * day + 1, last));
    assert_true(replay_has_stopped(last - 56 * day, last));
    assert_true(replay_has_stopped(last - 57 * day, last));
}

static void the_lead_is_counted_from_the_earliest_of_the_last_ten(void **state)
{
    (void)state;
    struct replay r = {0};
    const struct replay_count *c = &r.rules[very_low()];
    replay(&r, ".x...x......", true); /* The second is the seventh from the end: 6 ahead. */
    assert_int_equal(c->leads[6], 1);
    replay(&r, ".x..........", true); /* Long before. */
    assert_int_equal(replay_warned(c), 1);
    replay(&r, "..x.........", true); /* The tenth from the end. */
    assert_int_equal(c->leads[9], 1);
    replay(&r, "..x", true); /* At the end itself, of a short course. */
    assert_int_equal(c->leads[0], 1);
    replay(&r, "............", true);
    replay(&r, "..........x.", false); /* It goes on. */
    assert_int_equal(replay_warned(c), 3);
    assert_true(replay_lead(c) == 6);
    assert_int_equal(r.stopped, 5);
    assert_int_equal(r.courses, 6);
    assert_int_equal(c->courses, 5);
    replay(&r, "x.", true); /* 0 1 6 9: between two. */
    assert_true(replay_lead(c) == 3.5);
    replay(&r, "x.", true);
    assert_true(replay_lead(c) == 1);
}

static void one_course_alone_has_its_own_lead(void **state)
{
    (void)state;
    for (size_t ahead = 0; ahead < REPLAY_LEADS; ahead++) {
        struct replay r = {0};
        char course[] = "............";
        course[sizeof course - 2 - ahead] = 'x';
        replay(&r, course, true);
        assert_int_equal(replay_warned(&r.rules[very_low()]), 1);
        assert_true(replay_lead(&r.rules[very_low()]) == (double)ahead);
    }
}

/* Goal: what asks and alerts nobody is counted too. */
static void a_ceiling_is_counted_though_it_alerts_nobody(void **state)
{
    (void)state;
    struct replay r = {0};
    size_t ceiling = 0;
    while (rules_at(ceiling) != &rule_ceiling) {
        ceiling++;
    }
    replay(&r, ".....x...", false); /* At the fourth and the fifth. */
    assert_int_equal(r.rules[ceiling].prompts, 2);
    assert_int_equal(r.rules[ceiling].courses, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_course_has_stopped_after_eight_weeks_without_a_session),
        cmocka_unit_test(the_lead_is_counted_from_the_earliest_of_the_last_ten),
        cmocka_unit_test(one_course_alone_has_its_own_lead),
        cmocka_unit_test(a_ceiling_is_counted_though_it_alerts_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
