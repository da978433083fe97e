#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "server/aggregator/study/random.h"

enum { MANY = 200000 };

/* Goal: these numbers never change, on any machine. Method: the first ones as they are. */
static void one_seed_gives_the_same_numbers_everywhere(void **state)
{
    (void)state;
    struct random_stream r;
    random_init(&r, 1, 0);
    assert_true(random_bits(&r) == 0x6082e9993631e7d5U);
    assert_true(random_bits(&r) == 0xe9acc0d447272233U);
    assert_true(random_normal(&r) == -0x1.fcdb3202d59d2p+0);
}

static void neighbouring_streams_and_seeds_share_nothing(void **state)
{
    (void)state;
    double product = 0, other_seed = 0;
    for (uint64_t i = 0; i < MANY; i++) {
        struct random_stream a, b, c;
        random_init(&a, 1, i);
        random_init(&b, 1, i + 1);
        random_init(&c, 2, i);
        double x = random_normal(&a);
        product += x * random_normal(&b);
        other_seed += x * random_normal(&c);
    }
    /* The mean of MANY products of independent normal numbers: deviation 1 / sqrt(MANY). */
    assert_true(fabs(product / MANY) < 4 / sqrt(MANY));
    assert_true(fabs(other_seed / MANY) < 4 / sqrt(MANY));
}

static void normal_numbers_have_mean_0_and_deviation_1(void **state)
{
    (void)state;
    struct random_stream r;
    double sum = 0, squares = 0, beyond = 0;
    random_init(&r, 7, 7);
    for (int i = 0; i < MANY; i++) {
        double x = random_normal(&r);
        sum += x;
        squares += x * x;
        beyond += fabs(x) > 3;
    }
    assert_true(fabs(sum / MANY) < 4 / sqrt(MANY));
    assert_true(fabs(squares / MANY - 1) < 4 * sqrt(2.0 / MANY));
    assert_true(fabs(beyond / MANY - 0.0027) < 0.0005);
}

/* Goal: the inverse is the C library's distribution turned round, in the middle, where the
 * fractions meet, and far out. */
static void the_inverse_of_the_normal_distribution_is_exact(void **state)
{
    (void)state;
    static const double shares[] = {1e-300, 1e-30, 1e-12, 1e-6, 0.01, 0.0749, 0.0751, 0.3, 0.5};
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        double x = random_normal_at(shares[i]);
        double back = 0.5 * erfc(-x / sqrt(2));
        assert_true(fabs(back / shares[i] - 1) < 1e-11);
        assert_true(shares[i] < 0.01 || fabs(random_normal_at(1 - shares[i]) + x) < 1e-13);
    }
}

static void uniform_numbers_stay_within_0_and_1(void **state)
{
    (void)state;
    struct random_stream r;
    double sum = 0;
    random_init(&r, 0, UINT64_MAX);
    for (int i = 0; i < MANY; i++) {
        double x = random_uniform(&r);
        assert_true(x > 0 && x < 1);
        sum += x;
    }
    assert_true(fabs(sum / MANY - 0.5) < 4 * sqrt(1.0 / 12 / MANY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_seed_gives_the_same_numbers_everywhere),
        cmocka_unit_test(neighbouring_streams_and_seeds_share_nothing),
        cmocka_unit_test(normal_numbers_have_mean_0_and_deviation_1),
        cmocka_unit_test(the_inverse_of_the_normal_distribution_is_exact),
        cmocka_unit_test(uniform_numbers_stay_within_0_and_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
