/* Goal: what Prometheus reads is whole lines in its text format 0.0.4, whatever room there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/base/metrics.h"

static const struct metric metrics[] = {
    {"attune_a_total", "Things counted.", METRIC_COUNTER, INT64_C(9223372036854775807)},
    {"attune_b", "A level.", METRIC_GAUGE, -3},
};
static const char first[] = "# HELP attune_a_total Things counted.\n"
                            "# TYPE attune_a_total counter\n"
                            "attune_a_total 9223372036854775807\n";
static const char second[] = "# HELP attune_b A level.\n"
                             "# TYPE attune_b gauge\n"
                             "attune_b -3\n";

static void three_lines_a_metric(void **state)
{
    (void)state;
    char room[1024], wanted[1024];
    size_t len = metrics_write(metrics, 2, room, sizeof room);
    (void)snprintf(wanted, sizeof wanted, "%s%s", first, second);
    assert_int_equal(len, strlen(wanted));
    assert_memory_equal(room, wanted, len);
}

static void nothing_to_list_is_nothing_written(void **state)
{
    (void)state;
    char room[8];
    assert_int_equal(metrics_write(metrics, 0, room, sizeof room), 0);
    assert_int_equal(metrics_write(metrics, 2, room, sizeof room), 0);
}

static void what_does_not_fit_is_left_out_whole(void **state)
{
    (void)state;
    char room[1024];
    size_t one = sizeof first - 1, both = one + sizeof second - 1;
    for (size_t size = 1; size <= both + 1; size++) {
        memset(room, '~', sizeof room);
        size_t len = metrics_write(metrics, 2, room, size);
        assert_int_equal(len, size > both ? both : size > one ? one : 0);
        assert_int_equal(room[size], '~'); /* Nothing beyond the room. */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_lines_a_metric),
        cmocka_unit_test(nothing_to_list_is_nothing_written),
        cmocka_unit_test(what_does_not_fit_is_left_out_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
