/* Goal: never more than so many a second, however often it is asked, and not less either. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/gateway/allowance.h"

enum { SECONDS = 20, MS = 1000 };

/* The most that went in one of some seconds, and all; asked every so often, for as many as may. */
static uint32_t most_in_a_second(uint32_t per_second, uint64_t every_ms, uint32_t *ret_all)
{
    struct allowance p;
    uint32_t in[SECONDS] = {0}, most = 0;
    allowance_init(&p, per_second, 5);
    for (uint64_t at = 0; at < SECONDS * MS; at += every_ms) {
        while (allowance_take(&p, 5 + at)) {
            in[at / MS]++;
        }
    }
    *ret_all = 0;
    for (int i = 0; i < SECONDS; i++) {
        most = in[i] > most ? in[i] : most;
        *ret_all += in[i];
    }
    return most;
}

static void so_many_a_second_go_and_no_more(void **state)
{
    static const uint32_t paces[] = {1, 3, 9, 10, 11, 99, 100, 10000};
    (void)state;
    for (size_t i = 0; i < sizeof paces / sizeof paces[0]; i++) {
        for (uint64_t every_ms = 1; every_ms <= ALLOWANCE_TURN_MS; every_ms *= 10) {
            uint32_t all = 0, at_once = paces[i] / 10 + 1;
            assert_true(most_in_a_second(paces[i], every_ms, &all) <= paces[i] + at_once);
            assert_in_range(all, paces[i] * (SECONDS - 1), paces[i] * SECONDS + at_once);
        }
    }
}

static void a_rest_saves_nothing_up(void **state)
{
    struct allowance p;
    uint32_t went = 0;
    (void)state;
    allowance_init(&p, 50, 0);
    while (allowance_take(&p, 3600 * MS)) {
        went++;
    }
    assert_int_equal(went, 6); /* A tenth of a second's, and one. */
}

static void none_a_second_is_none(void **state)
{
    struct allowance p;
    (void)state;
    allowance_init(&p, 0, 0);
    assert_false(allowance_take(&p, 0));
    assert_false(allowance_take(&p, 3600 * MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_a_second_go_and_no_more),
        cmocka_unit_test(a_rest_saves_nothing_up),
        cmocka_unit_test(none_a_second_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
