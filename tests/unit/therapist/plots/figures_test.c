/* Goal: totals, what is usual, and where chance takes a share. Method: counted by hand; the limits
 * beside those that a server reports, which are exact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "client/therapist/plots/figures.h"
#include "server/gateway/report/funnel.h"
#include "tests/unit/therapist/plots/samples.h"

static void a_missing_area_is_no_total(void **state)
{
    (void)state;
    struct plot_session s = {.scores = {100, 95, 0, 1}};
    assert_int_equal(plot_total(&s), 196);
    for (int area = 0; area < PLOT_AREAS; area++) {
        struct plot_session without = s;
        without.scores[area] = PLOT_MISSING;
        assert_int_equal(plot_total(&without), PLOT_MISSING);
    }
}

/* Totals 293 317 343 359 - 368 376 343 261. */
static void usual_is_the_median_of_up_to_five_earlier_totals(void **state)
{
    (void)state;
    static const int usual[] = {PLOT_MISSING, 293, 305, 317, 330, 330, 343, 359, 359};
    for (size_t i = 0; i < sample_nine.count; i++) {
        assert_int_equal(plot_usual(&sample_nine, i), usual[i]);
    }
    assert_int_equal(plot_usual_area(&sample_nine, 8, 2), 92); /* 89 92 93 96 80 */
    assert_int_equal(plot_usual_area(&sample_nine, 2, 0), 77); /* 74 79: a half is rounded up. */
    assert_int_equal(plot_last(&sample_nine), 8);
    assert_int_equal(plot_last(&sample_empty), 0);
    assert_int_equal(plot_last(&sample_unrated), 1);
}

static void another_wording_begins_anew(void **state)
{
    (void)state;
    static const int usual[] = {PLOT_MISSING, 360, 370,          PLOT_MISSING, 260,
                                280,          280, PLOT_MISSING, 360,          380};
    for (size_t i = 0; i < sample_wordings.count; i++) {
        assert_int_equal(plot_is_break(&sample_wordings, i), i == 3 || i == 7);
        assert_int_equal(plot_usual(&sample_wordings, i), usual[i]);
    }
    assert_int_equal(plot_last(&sample_wordings), 8);
}

static void below_the_cut_is_low_and_on_it_is_not(void **state)
{
    (void)state;
    assert_true(plot_is_low(&sample_nine, 359));
    assert_false(plot_is_low(&sample_nine, 360));
    assert_false(plot_is_low(&sample_nine, PLOT_MISSING));
    assert_false(plot_is_low(&sample_wordings, 10)); /* No cut. */
    assert_true(plot_is_low_area(&sample_nine, 60));
    assert_false(plot_is_low_area(&sample_nine, 61));
    assert_false(plot_is_low_area(&sample_nine, PLOT_MISSING));
}

/* Goal: no therapist is outside here and within there. Method: every count of many numbers. */
static void no_count_is_on_another_side_than_the_exact_limits_say(void **state)
{
    (void)state;
    static const double shares[] = {0.02, 0.3, 0.5, 0.81, 0.97};
    static const uint32_t numbers[] = {1, 2, 9, 30, 31, 57, 100, 333, 1000};
    for (size_t at = 0; at < sizeof shares / sizeof shares[0]; at++) {
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
            struct funnel exact;
            funnel_limits(numbers[i], shares[at], &exact);
            for (uint32_t part = 0; part <= numbers[i]; part++) {
                const struct plot_dot d = {part, numbers[i], NULL};
                double value = (double)part / numbers[i], much = 1e-12;
                bool is_out_998 = value < exact.low_998 - much || value > exact.high_998 + much;
                bool is_out_95 = value < exact.low_95 - much || value > exact.high_95 + much;
                assert_int_equal(plot_dot_place(&d, shares[at]), is_out_998  ? PLOT_OUTSIDE_998
                                                                 : is_out_95 ? PLOT_OUTSIDE_95
                                                                             : PLOT_WITHIN);
            }
        }
    }
}

static void limits_narrow_as_numbers_grow(void **state)
{
    (void)state;
    struct plot_limits before, now;
    plot_limits_take(10, 0.81, &before);
    for (uint32_t of = 20; of <= PLOT_CASES_MAX; of *= 2) {
        plot_limits_take(of, 0.81, &now);
        assert_true(now.low_95 > before.low_95 && now.low_998 > before.low_998);
        assert_true(now.high_95 <= before.high_95 && now.high_998 <= before.high_998);
        assert_true(now.low_998 < now.low_95 && now.low_95 < 0.81);
        assert_true(now.high_998 >= now.high_95 && now.high_95 > 0.81);
        before = now;
    }
}

/* Method: what a server must never say, and might. */
static void impossible_numbers_do_no_harm(void **state)
{
    (void)state;
    static const struct plot_dot dots[] = {{0, 0, NULL},
                                           {7, 0, NULL},
                                           {9, 3, NULL},
                                           {UINT32_MAX, UINT32_MAX, NULL},
                                           {0, UINT32_MAX, NULL}};
    static const double shares[] = {-1, 0, 0.5, 1, 7};
    for (size_t i = 0; i < sizeof dots / sizeof dots[0]; i++) {
        for (size_t at = 0; at < sizeof shares / sizeof shares[0]; at++) {
            assert_in_range(plot_dot_place(&dots[i], shares[at]), PLOT_WITHIN, PLOT_OUTSIDE_998);
        }
        assert_true(plot_dot_share(&dots[i]) >= 0 && plot_dot_share(&dots[i]) <= 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_area_is_no_total),
        cmocka_unit_test(usual_is_the_median_of_up_to_five_earlier_totals),
        cmocka_unit_test(another_wording_begins_anew),
        cmocka_unit_test(below_the_cut_is_low_and_on_it_is_not),
        cmocka_unit_test(no_count_is_on_another_side_than_the_exact_limits_say),
        cmocka_unit_test(limits_narrow_as_numbers_grow),
        cmocka_unit_test(impossible_numbers_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
