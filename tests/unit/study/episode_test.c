/* Goal: one open rupture per course, move by move. Method: a course in a table, with what is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/aggregator/study/episode.h"

static const struct rule_settings settings = {.cut = 360, .spread = 15};

struct session {
    int total, lowest; /* Tenths; the first area is the lowest. */
    bool is_red, is_told, is_open;
};

static void go(int usual, const struct session *sessions, size_t count)
{
    struct episode e = {0};
    for (size_t i = 0; i < count; i++) {
        struct figures f = {.total = sessions[i].total, .usual_twice = 2 * usual, .earlier = 5};
        for (int area = 0; area < AREAS; area++) {
            f.scores[area] = (int16_t)(area == 0 ? sessions[i].lowest : 90);
        }
        assert_int_equal(episode_tells(&e, &f, sessions[i].is_red), sessions[i].is_told);
        episode_add(&e, &f, &settings, sessions[i].is_red);
        assert_int_equal(e.is_open, sessions[i].is_open);
    }
}

#define GO(usual, ...)                                                                             \
    do {                                                                                           \
        static const struct session sessions[] = {__VA_ARGS__};                                    \
        go(usual, sessions, sizeof sessions / sizeof sessions[0]);                                 \
    } while (0)

static void what_is_not_red_is_never_told(void **state)
{
    (void)state;
    GO(380, {300, 60, false, false, false}, {200, 10, false, false, false});
}

static void while_it_is_open_only_a_deeper_fall_is_told(void **state)
{
    (void)state;
    GO(380, {300, 60, true, true, true}, {299, 60, true, false, true}, {261, 60, true, false, true},
       {260, 60, true, true, true}, {221, 60, true, false, true}, {220, 60, true, true, true});
}

static void another_area_at_five_is_told_once(void **state)
{
    (void)state;
    GO(380, {300, 51, true, true, true}, {300, 50, true, true, true}, {300, 40, true, false, true});
}

static void it_ends_at_the_cut_and_the_next_red_is_told(void **state)
{
    (void)state;
    GO(380, {330, 60, true, true, true}, {359, 60, false, false, true});
    GO(380, {325, 60, true, true, true}, {360, 60, false, false, false},
       {330, 60, true, true, true});
}

static void it_ends_at_what_was_usual_if_that_is_below_the_cut(void **state)
{
    (void)state;
    GO(320, {290, 60, true, true, true}, {319, 60, false, false, true});
    GO(320, {290, 60, true, true, true}, {320, 60, false, false, false});
}

static void it_ends_four_points_above_the_lowest(void **state)
{
    (void)state;
    GO(380, {280, 60, true, true, true}, {319, 60, true, false, true}, {240, 60, true, true, true},
       {279, 60, true, false, true}, {280, 60, true, false, false}, {270, 60, true, true, true});
}

static void the_first_rating_of_a_course_has_only_the_cut(void **state)
{
    (void)state;
    struct episode e = {0};
    struct figures low = {.total = 250, .scores = {60, 60, 60, 70}};
    struct figures higher = {.total = 289, .scores = {70, 70, 70, 79}, .earlier = 1};
    higher.usual_twice = 2 * low.total;
    episode_add(&e, &low, &settings, true);
    assert_true(e.is_open);
    episode_add(&e, &higher, &settings, true);
    assert_true(e.is_open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_red_is_never_told),
        cmocka_unit_test(while_it_is_open_only_a_deeper_fall_is_told),
        cmocka_unit_test(another_area_at_five_is_told_once),
        cmocka_unit_test(it_ends_at_the_cut_and_the_next_red_is_told),
        cmocka_unit_test(it_ends_at_what_was_usual_if_that_is_below_the_cut),
        cmocka_unit_test(it_ends_four_points_above_the_lowest),
        cmocka_unit_test(the_first_rating_of_a_course_has_only_the_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
