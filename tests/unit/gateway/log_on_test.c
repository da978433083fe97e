/* Goal: nobody is taken to be there for longer than either limit says, and the database never
 * believes that they are for longer than that. Method: each limit at N-1 and N. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/gateway/log_on.h"

static const int64_t NOW = 1000000, IDLE = 600000, LAST = 43200000;

static void nobody_is_there_at_first(void **state)
{
    (void)state;
    struct log_on l;
    log_on_init(&l);
    assert_int_equal(log_on_look(&l, NOW), LOG_ON_NONE);
    assert_false(log_on_used(&l, NOW));
    assert_int_equal(log_on_look(&l, NOW), LOG_ON_NONE);
}

static void without_use_it_goes_idle(void **state)
{
    (void)state;
    struct log_on l;
    log_on_begin(&l, NOW, IDLE, IDLE, LAST);
    assert_int_equal(log_on_look(&l, NOW), LOG_ON_GOOD);
    assert_int_equal(log_on_look(&l, NOW + IDLE - 1), LOG_ON_GOOD);
    assert_int_equal(log_on_look(&l, NOW + IDLE), LOG_ON_IDLE);
}

static void use_puts_it_off_and_comes_too_late_once_it_is_idle(void **state)
{
    (void)state;
    struct log_on l;
    log_on_begin(&l, NOW, IDLE, IDLE, LAST);
    (void)log_on_used(&l, NOW + IDLE - 1);
    assert_int_equal(log_on_look(&l, NOW + 2 * IDLE - 2), LOG_ON_GOOD);
    assert_int_equal(log_on_look(&l, NOW + 2 * IDLE - 1), LOG_ON_IDLE);
    assert_false(log_on_used(&l, NOW + 2 * IDLE - 1));
    assert_int_equal(log_on_look(&l, NOW + 2 * IDLE - 1), LOG_ON_IDLE);
}

static void the_absolute_limit_holds_whatever_is_done(void **state)
{
    (void)state;
    struct log_on l;
    log_on_begin(&l, NOW, IDLE, IDLE, LAST);
    for (int64_t at = NOW; at < NOW + LAST; at += IDLE / 2) {
        (void)log_on_used(&l, at);
        assert_int_equal(log_on_look(&l, at), LOG_ON_GOOD);
    }
    assert_int_equal(log_on_look(&l, NOW + LAST - 1), LOG_ON_GOOD);
    assert_int_equal(log_on_look(&l, NOW + LAST), LOG_ON_ENDED);
}

/* Resumed on another server: what was left goes on. */
static void what_is_left_of_the_idle_time_is_what_counts(void **state)
{
    (void)state;
    struct log_on l;
    log_on_begin(&l, NOW, IDLE, 1000, LAST);
    assert_int_equal(log_on_look(&l, NOW + 999), LOG_ON_GOOD);
    assert_int_equal(log_on_look(&l, NOW + 1000), LOG_ON_IDLE);
}

static void the_database_hears_of_use_ten_times_in_an_idle_time(void **state)
{
    (void)state;
    struct log_on l;
    log_on_begin(&l, NOW, IDLE, IDLE, LAST);
    unsigned told = 0;
    int64_t last_told = NOW;
    for (int64_t at = NOW; at < NOW + IDLE; at += 1000) {
        if (log_on_used(&l, at)) {
            told++;
            last_told = at;
        }
        assert_true(l.used_ms - last_told < IDLE / 10); /* It never lags by more. */
    }
    assert_int_equal(told, 9);
}

static void delays_grow_to_a_quarter_of_an_hour(void **state)
{
    (void)state;
    assert_int_equal(log_on_delays_ms[0], 1000);
    for (int i = 1; i < LOG_ON_DELAYS; i++) {
        assert_true(log_on_delays_ms[i] > log_on_delays_ms[i - 1]);
        assert_true(log_on_delays_ms[i] <= 2 * log_on_delays_ms[i - 1]);
    }
    assert_int_equal(log_on_delays_ms[LOG_ON_DELAYS - 1], 15 * 60 * 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_there_at_first),
        cmocka_unit_test(without_use_it_goes_idle),
        cmocka_unit_test(use_puts_it_off_and_comes_too_late_once_it_is_idle),
        cmocka_unit_test(the_absolute_limit_holds_whatever_is_done),
        cmocka_unit_test(what_is_left_of_the_idle_time_is_what_counts),
        cmocka_unit_test(the_database_hears_of_use_ten_times_in_an_idle_time),
        cmocka_unit_test(delays_grow_to_a_quarter_of_an_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
