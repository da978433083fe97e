#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/cli/arguments.h"
#include "proto/wire/err.h"

enum { COLOUR, QUIET };
static const struct arguments_option own[] = {
    {"colour", "NAME", ""}, {"quiet", NULL, ""}, {NULL, NULL, NULL}};
static const struct arguments_table table = {own, 1, 2};

#define PARSE(a, ...)                                                                              \
    arguments_parse(a, &table, (int)(sizeof(char *[]){__VA_ARGS__} / sizeof(char *)),              \
                    (char *[]){__VA_ARGS__})

static char word[] = "word", other[] = "other", third[] = "third", colour[] = "--colour",
            red[] = "red", colour_blue[] = "--colour=blue", quiet[] = "--quiet",
            quiet_yes[] = "--quiet=yes", json[] = "--json", help[] = "--help",
            unknown[] = "--colou", brief[] = "-q", end[] = "--", dash[] = "-",
            empty[] = "--colour=";

static void options_and_words_come_in_any_order(void **state)
{
    (void)state;
    struct arguments a;
    assert_int_equal(PARSE(&a, quiet, word, colour, red, json, other), 0);
    assert_string_equal(a.own[COLOUR], "red");
    assert_string_equal(a.own[QUIET], "");
    assert_non_null(a.common[ARGUMENTS_JSON]);
    assert_null(a.common[ARGUMENTS_SERVER]);
    assert_int_equal(a.word_count, 2);
    assert_string_equal(a.words[1], "other");
    assert_int_equal(PARSE(&a, colour_blue, dash), 0);
    assert_string_equal(a.own[COLOUR], "blue");
    assert_string_equal(a.words[0], "-");
    assert_int_equal(PARSE(&a, end, quiet), 0);
    assert_null(a.own[QUIET]);
    assert_string_equal(a.words[0], "--quiet");
    assert_int_equal(PARSE(&a, empty, word), 0);
    assert_string_equal(a.own[COLOUR], "");
}

static void what_makes_no_sense_is_said(void **state)
{
    (void)state;
    struct arguments a;
    assert_int_equal(PARSE(&a, word, unknown), ERR_FIELD);
    assert_string_equal(a.why, "unknown option --colou");
    assert_int_equal(PARSE(&a, word, brief), ERR_FIELD);
    assert_string_equal(a.why, "unknown option -q");
    assert_int_equal(PARSE(&a, word, colour), ERR_FIELD);
    assert_string_equal(a.why, "--colour needs NAME");
    assert_int_equal(PARSE(&a, word, quiet_yes), ERR_FIELD);
    assert_string_equal(a.why, "--quiet takes no value");
    assert_int_equal(PARSE(&a, word, quiet, quiet), ERR_FIELD);
    assert_string_equal(a.why, "--quiet is given twice");
    assert_int_equal(PARSE(&a, word, other, third), ERR_FIELD);
    assert_string_equal(a.why, "unexpected \"third\"");
    assert_int_equal(PARSE(&a, quiet), ERR_FIELD);
    assert_int_equal(PARSE(&a, help), 0); /* Help is for those who do not know. */
}

static void numbers_are_whole_and_within_bounds(void **state)
{
    (void)state;
    uint32_t n = 77;
    assert_int_equal(arguments_number(NULL, 1, 9, 5, &n), 0);
    assert_int_equal(n, 5);
    assert_int_equal(arguments_number("1", 1, 9, 5, &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(arguments_number("9", 1, 9, 5, &n), 0);
    assert_int_equal(n, 9);
    static const char *const texts[] = {"",   "0",  "10",          "-1",        "1.5",
                                        " 1", "1x", "99999999999", "4294967297"};
    for (size_t at = 0; at < sizeof texts / sizeof *texts; at++) {
        assert_int_equal(arguments_number(texts[at], 1, 9, 5, &n), ERR_FIELD);
    }
    assert_int_equal(arguments_number("4294967295", 0, UINT32_MAX, 5, &n), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_words_come_in_any_order),
        cmocka_unit_test(what_makes_no_sense_is_said),
        cmocka_unit_test(numbers_are_whole_and_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
