/* Goal: a report's rows are the sums of what may be shown, and its limits those of chance. Method:
 * two sites over three weeks, by hand; the limits against sums of the binomial made another way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "server/gateway/report/report.h"

enum { WEEKS = 3, CELLS = 15 };

static const struct {
    int64_t site, therapist;
    const char *site_name, *code;
    int64_t clients[WEEKS], held[WEEKS];
} practice[] = {
    {0, 0, "", "", {20, 18, 20}, {0, 0, 0}},        {1, 0, "South", "", {12, 10, 12}, {0, 0, 0}},
    {1, 1, "South", "t2", {6, 6, 6}, {10, 11, 12}}, {1, 2, "South", "t1", {6, 4, 6}, {20, 21, 22}},
    {2, 3, "North", "t3", {8, 8, 8}, {30, 31, 32}},
};

static size_t cells_of(struct rollup_cell *cells)
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof practice / sizeof practice[0]; i++) {
        for (unsigned week = 0; week < WEEKS; week++) {
            cells[count++] = (struct rollup_cell){
                .week = week,
                .site_id = practice[i].site,
                .therapist_id = practice[i].therapist,
                .site = practice[i].site_name,
                .therapist = practice[i].code,
                .clients = {practice[i].clients[week], practice[i].clients[week]},
                .numbers = {[ROLLUP_HELD] = practice[i].held[week],
                            [ROLLUP_RATED] = practice[i].held[week] - 2,
                            [ROLLUP_REPAIRED] = 3,
                            [ROLLUP_UNREPAIRED] = 1,
                            [ROLLUP_WAITING] = 1}};
        }
    }
    for (unsigned week = 0; week < WEEKS; week++) {
        cells[count++] = (struct rollup_cell){
            .week = week, .site_id = 2, .site = "North", .therapist = "", .clients = {8, 8}};
    }
    return count;
}

static void make(enum report_kind kind, int64_t own, struct report *ret_report)
{
    static struct rollup_cell cells[CELLS + WEEKS];
    size_t count = cells_of(cells);
    assert_true(count <= sizeof cells / sizeof cells[0]);
    report_make(kind, cells, count, WEEKS, own, ret_report);
}

static void the_practice_is_its_weeks_and_their_sum(void **state)
{
    (void)state;
    struct report r;
    make(REPORT_PRACTICE, 0, &r);
    assert_int_equal(r.count, WEEKS + 1);
    assert_int_equal(r.rows[0].numbers[ROLLUP_HELD], 60);
    assert_int_equal(r.rows[WEEKS].numbers[ROLLUP_HELD], 60 + 63 + 66);
    assert_int_equal(r.rows[WEEKS].weeks, 7);
    assert_int_equal(r.rows[WEEKS].waiting[0], 6); /* Of the last two weeks. */
    assert_int_equal(r.rows[WEEKS].waiting[1], 3);
    assert_false(r.rows[0].compared);
    report_fini(&r);
}

static void sites_come_by_name_and_a_hidden_week_is_in_no_figure(void **state)
{
    (void)state;
    struct report r;
    make(REPORT_SITES, 0, &r);
    assert_int_equal(r.count, 2);
    assert_string_equal(r.rows[0].name, "North");
    assert_string_equal(r.rows[1].name, "South");
    assert_int_equal(r.rows[0].numbers[ROLLUP_HELD], 30 + 32); /* Without week 1: t2 in South */
    assert_int_equal(r.rows[1].numbers[ROLLUP_HELD], 30 + 34); /* would know t1's four clients. */
    report_fini(&r);
    make(REPORT_THERAPISTS, 0, &r);
    assert_int_equal(r.count, 3);
    assert_string_equal(r.rows[0].name, "t1"); /* 4 clients in week 1, and t2 with it. */
    assert_int_equal(r.rows[0].numbers[ROLLUP_HELD], 20 + 22);
    assert_int_equal(r.rows[0].weeks, 5);
    assert_int_equal(r.rows[0].weeks_hidden, 2);
    assert_int_equal(r.rows[1].numbers[ROLLUP_HELD], 10 + 12);
    assert_int_equal(r.rows[1].weeks_hidden, 2);
    assert_int_equal(r.rows[2].numbers[ROLLUP_HELD], 30 + 32);
    report_fini(&r);
}

/* Goal: what was held is told, what was said is not, where five came and one answered. */
static void a_week_in_which_few_answered_tells_what_was_held_alone(void **state)
{
    (void)state;
    struct rollup_cell cells[] = {
        {.site = "", .therapist = "", .clients = {5, 1}},
        {.site_id = 1, .site = "North", .therapist = "", .clients = {5, 1}},
        {.site_id = 1,
         .therapist_id = 1,
         .site = "North",
         .therapist = "t1",
         .clients = {5, 1},
         .numbers = {[ROLLUP_HELD] = 5,
                     [ROLLUP_RATED] = 1,
                     [ROLLUP_COMPLETE] = 1,
                     [ROLLUP_TOTAL_SUM] = 123,
                     [ROLLUP_ANSWERS] = 1,
                     [ROLLUP_RUPTURES] = 1,
                     [ROLLUP_WAITING] = 1}}};
    struct report r;
    for (int kind = REPORT_PRACTICE; kind <= REPORT_THERAPISTS; kind++) {
        report_make((enum report_kind)kind, cells, 3, 1, 0, &r);
        assert_int_equal(r.rows[0].numbers[ROLLUP_HELD], 5);
        assert_int_equal(r.rows[0].numbers[ROLLUP_RATED], 1);
        for (int n = ROLLUP_COMPLETE; n < ROLLUP_NUMBERS; n++) {
            assert_int_equal(r.rows[0].numbers[n], 0);
        }
        assert_int_equal(r.rows[0].waiting[0], 0);
        assert_int_equal(r.rows[0].weeks, 1);
        assert_int_equal(r.rows[0].weeks_hidden, 1);
        report_fini(&r);
    }
    report_make(REPORT_THERAPISTS, cells, 3, 1, 1, &r); /* They have heard it anyway. */
    assert_int_equal(r.rows[0].numbers[ROLLUP_TOTAL_SUM], 123);
    assert_int_equal(r.rows[0].weeks_hidden, 0);
    report_fini(&r);
}

static void therapists_see_all_of_their_own_and_nobody_else(void **state)
{
    (void)state;
    struct report r;
    make(REPORT_THERAPISTS, 2, &r);
    assert_int_equal(r.count, 1);
    assert_string_equal(r.rows[0].name, "t1");
    assert_int_equal(r.rows[0].numbers[ROLLUP_HELD], 20 + 21 + 22);
    assert_int_equal(r.rows[0].weeks_hidden, 0);
    report_fini(&r);
}

static void nobody_is_compared_below_thirty_ratings(void **state)
{
    (void)state;
    struct report r;
    make(REPORT_THERAPISTS, 0, &r);
    assert_true(r.rows[0].compared); /* 38 ratings. */
    assert_int_equal(r.rows[0].coverage.of, 42);
    assert_int_equal(r.rows[0].repair.of, 8);
    assert_false(r.rows[1].compared); /* 18. */
    report_fini(&r);
    make(REPORT_SITES, 0, &r);
    assert_false(r.rows[0].compared);
    report_fini(&r);
}

/* By the ratio of neighbours, from the other end. */
static double tail_below(unsigned k, unsigned n, double p)
{
    double term = 1, sum = 0;
    for (unsigned i = 0; i < n; i++) {
        term *= 1 - p;
    }
    for (unsigned i = 0; i <= k; i++) {
        sum += term;
        term *= (double)(n - i) / (i + 1) * p / (1 - p);
    }
    return sum;
}

static void the_limits_are_those_of_chance(void **state)
{
    (void)state;
    static const double shares[] = {0.02, 0.3, 0.5, 0.77, 0.96};
    for (size_t s = 0; s < sizeof shares / sizeof shares[0]; s++) {
        for (unsigned n = 1; n <= 120; n += 7) {
            struct funnel f;
            double p = shares[s];
            funnel_limits(n, p, &f);
            unsigned low = (unsigned)(f.low_95 * n + 0.5), high = (unsigned)(f.high_95 * n + 0.5);
            unsigned lowest = (unsigned)(f.low_998 * n + 0.5);
            assert_true(tail_below(low, n, p) >= 0.025);
            assert_true(low == 0 || tail_below(low - 1, n, p) < 0.025);
            assert_true(high == 0 || 1 - tail_below(high - 1, n, p) >= 0.025 - 1e-9);
            assert_true(high == n || 1 - tail_below(high, n, p) < 0.025 + 1e-9);
            assert_true(lowest == 0 || tail_below(lowest - 1, n, p) < 0.001);
            assert_true(f.low_998 <= f.low_95 && f.low_95 <= f.high_95 && f.high_95 <= f.high_998);
        }
    }
    struct funnel sure;
    funnel_limits(40, 1, &sure);
    assert_true(sure.low_998 >= 1 && sure.high_998 <= 1);
}

static void means_and_spreads_are_in_hundredths(void **state)
{
    (void)state;
    assert_int_equal(report_mean(3, 93 + 88 + 70), 837);
    assert_int_equal(report_spread(3, 93 + 88 + 70, 93 * 93 + 88 * 88 + 70 * 70), 121);
    assert_int_equal(report_mean(0, 0), 0);
    assert_int_equal(report_spread(1, 93, 93 * 93), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_practice_is_its_weeks_and_their_sum),
        cmocka_unit_test(sites_come_by_name_and_a_hidden_week_is_in_no_figure),
        cmocka_unit_test(a_week_in_which_few_answered_tells_what_was_held_alone),
        cmocka_unit_test(therapists_see_all_of_their_own_and_nobody_else),
        cmocka_unit_test(nobody_is_compared_below_thirty_ratings),
        cmocka_unit_test(the_limits_are_those_of_chance),
        cmocka_unit_test(means_and_spreads_are_in_hundredths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
