/* Goal: a practice's lines survive the way from a file to numbers and back, and what is wrong in a
 * file is said with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "proto/wire/err.h"
#include "server/aggregator/rules/settings.h"

static int parse(const char *text, struct rule_settings *into, struct config_fault *fault)
{
    return rule_settings_parse(text, strlen(text), into, fault);
}

static void an_empty_file_is_the_defaults(void **state)
{
    (void)state;
    struct rule_settings a, b;
    struct config_fault fault;
    rule_settings_defaults(&a);
    assert_int_equal(parse("# nothing\n\n", &b, &fault), 0);
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(a.cut, 360);
    assert_int_equal(a.drop_spreads, 20);
    assert_int_equal(a.unusual_on, 0);
}

static void what_is_printed_is_read_back(void **state)
{
    (void)state;
    struct rule_settings a, b;
    struct config_fault fault;
    char text[RULE_SETTINGS_TEXT_MAX];
    assert_int_equal(parse("cut = 33.5\nlevel.on = 0\nspread=2\n", &a, &fault), 0);
    assert_int_equal(a.cut, 335);
    assert_int_equal(a.spread, 20);
    rule_settings_print(&a, text);
    assert_int_equal(parse(text, &b, &fault), 0);
    assert_memory_equal(&a, &b, sizeof a);
}

static void what_is_stored_is_read_back_also_when_it_is_shorter(void **state)
{
    (void)state;
    struct rule_settings a, b, defaults;
    struct config_fault fault;
    int32_t numbers[RULE_SETTINGS];
    rule_settings_defaults(&defaults);
    assert_int_equal(parse("cut = 30\narea.spread = 1.2\n", &a, &fault), 0);
    rule_settings_to(&a, numbers);
    assert_int_equal(rule_settings_from(numbers, RULE_SETTINGS, &b), 0);
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(rule_settings_from(numbers, 1, &b), 0);
    assert_int_equal(b.cut, 300);
    assert_int_equal(b.area_spread, defaults.area_spread);
    assert_int_equal(rule_settings_from(numbers, RULE_SETTINGS + 1, &b), ERR_CONFIG);
    numbers[0] = 401;
    assert_int_equal(rule_settings_from(numbers, RULE_SETTINGS, &b), ERR_CONFIG);
    numbers[0] = -1;
    assert_int_equal(rule_settings_from(numbers, RULE_SETTINGS, &b), ERR_CONFIG);
    assert_int_equal(b.cut, 300); /* Untouched. */
}

static void what_is_wrong_is_said_with_its_line_and_changes_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned line;
        const char *said;
    } table[] = {
        {"cut = 36\ndorp.least = 4\n", 2, "drop.least"},
        {"cut = 40.1", 1, "from 0.0 to 40.0"},
        {"cut = 36.55", 1, "one decimal"},
        {"cut = -3", 1, "from 0.0"},
        {"cut = .5", 1, "from 0.0"},
        {"cut =", 1, "from 0.0"},
        {"cut = 4294967332", 1, "from 0.0"},
        {"level.on = 2", 1, "0 to 1"},
        {"level.on = 0.5", 1, "whole number"},
        {"\n\ncut", 3, "="},
        {"cut = 36\ncut = 36", 2, "twice"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct rule_settings s = {.cut = 7};
        struct config_fault fault = {0};
        assert_int_equal(parse(table[i].text, &s, &fault), ERR_CONFIG);
        assert_int_equal(fault.line, table[i].line);
        assert_non_null(strstr(fault.text, table[i].said));
        assert_int_equal(s.cut, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_is_the_defaults),
        cmocka_unit_test(what_is_printed_is_read_back),
        cmocka_unit_test(what_is_stored_is_read_back_also_when_it_is_shorter),
        cmocka_unit_test(what_is_wrong_is_said_with_its_line_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
