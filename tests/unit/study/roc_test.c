#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>

#include "server/aggregator/study/random.h"
#include "server/aggregator/study/roc.h"

static bool is_near(double value, double truth, double by)
{
    return fabs(value - truth) <= by;
}

static const double rates[] = {0.02, 0.10, 0.46};
enum { RATES = sizeof rates / sizeof rates[0], MANY = 100000 };

/* Goal: two bell curves one and a half deviations apart have the shares that the normal
 * distribution gives. */
static void two_bell_curves_have_their_known_shares(void **state)
{
    (void)state;
    static double ordinary[MANY], fallen[MANY];
    struct roc_point points[RATES];
    struct random_stream r;
    random_init(&r, 1, 1);
    for (size_t i = 0; i < MANY; i++) {
        ordinary[i] = random_normal(&r);
        fallen[i] = random_normal(&r) + 1.5;
    }
    roc_take(ordinary, fallen, MANY, rates, RATES, points);
    for (size_t i = 0; i < RATES; i++) {
        double truth = 0.5 * erfc((random_normal_at(1 - rates[i]) - 1.5) / sqrt(2));
        assert_true(is_near(points[i].found, truth, 4 * points[i].error));
        assert_true(points[i].error > 0 && points[i].error < 0.01);
    }
}

static void days_without_a_difference_are_found_at_the_rate_itself(void **state)
{
    (void)state;
    double ordinary[100], fallen[100];
    struct roc_point points[RATES];
    for (int same = 0; same < 2; same++) {
        for (int i = 0; i < 100; i++) {
            ordinary[i] = fallen[99 - i] = same == 1 ? 7 : i;
        }
        roc_take(ordinary, fallen, 100, rates, RATES, points);
        for (size_t i = 0; i < RATES; i++) {
            assert_true(is_near(points[i].found, rates[i], 1e-9));
        }
    }
}

/* Goal: between two thresholds the share lies on the line. Method: 10 of 100 ordinary days and 50
 * of 100 fallen ones have score 1, one and 20 have 2. */
static void between_two_scores_the_share_lies_on_the_line(void **state)
{
    (void)state;
    double ordinary[100], fallen[100];
    struct roc_point points[RATES];
    for (int i = 0; i < 100; i++) {
        ordinary[i] = i < 1 ? 2 : i < 11 ? 1 : 0;
        fallen[i] = i < 20 ? 2 : i < 70 ? 1 : 0;
    }
    roc_take(ordinary, fallen, 100, rates, RATES, points);
    assert_true(is_near(points[0].found, 0.20 + 0.50 * 0.1, 1e-9));
    assert_true(is_near(points[1].found, 0.20 + 0.50 * 0.9, 1e-9));
    assert_true(is_near(points[2].found, 0.70 + 0.30 * 35 / 89, 1e-9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_bell_curves_have_their_known_shares),
        cmocka_unit_test(days_without_a_difference_are_found_at_the_rate_itself),
        cmocka_unit_test(between_two_scores_the_share_lies_on_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
