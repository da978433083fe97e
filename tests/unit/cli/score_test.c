#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/cli/score.h"
#include "proto/wire/err.h"

/* Goal: what is printed is read back, for every score there is. */
static void every_tenth_goes_out_and_in_again(void **state)
{
    (void)state;
    for (uint32_t tenths = 0; tenths <= 100; tenths++) {
        char text[SCORE_TEXT];
        uint32_t back = 999;
        score_print(text, tenths);
        assert_int_equal(score_parse(text, &back), 0);
        assert_int_equal(back, tenths);
    }
}

static void whole_numbers_are_scores(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t tenths;
    } cases[] = {{"0", 0}, {"7", 70}, {"10", 100}, {"10.0", 100}, {"0.1", 1}, {"9.9", 99}};
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        uint32_t tenths = 999;
        assert_int_equal(score_parse(cases[at].text, &tenths), 0);
        assert_int_equal(tenths, cases[at].tenths);
    }
}

static void nothing_else_is_a_score(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",         "nan", "NaN", "inf", "10.1", "11",    "100",   "7,5",
        "-1",       "-0",  "+7",  " 7",  "7 ",   "7.",    ".5",    "7.55",
        "7.5x",     "1e1", "0x7", "07",  "00",   "7.5.1", "10.00", "99999999999999999999",
        "\xd9\xa7", "7\n"};
    for (size_t at = 0; at < sizeof texts / sizeof *texts; at++) {
        uint32_t tenths = 999;
        assert_int_equal(score_parse(texts[at], &tenths), ERR_FIELD);
        assert_int_equal(tenths, 999); /* Touched only on success. */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tenth_goes_out_and_in_again),
        cmocka_unit_test(whole_numbers_are_scores),
        cmocka_unit_test(nothing_else_is_a_score),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
