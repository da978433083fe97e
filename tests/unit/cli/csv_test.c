#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/cli/csv.h"
#include "proto/wire/err.h"

enum { MAX = 4 };

static void fields_are_cut_at_commas_and_quotes_come_off(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        size_t count;
        const char *fields[MAX];
    } cases[] = {
        {"", 1, {""}},
        {"a", 1, {"a"}},
        {"a,b\n", 2, {"a", "b"}},
        {"a,b\r\n", 2, {"a", "b"}},
        {",,", 3, {"", "", ""}},
        {"\"a,b\",c", 2, {"a,b", "c"}},
        {"\"say \"\"so\"\"\",x", 2, {"say \"so\"", "x"}},
        {"\"\"", 1, {""}},
        {"\"\",\"\"\n", 2, {"", ""}},
        {"a b, c ", 2, {"a b", " c "}},
        {"1,2,3,4", 4, {"1", "2", "3", "4"}},
    };
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        const char *fields[MAX];
        size_t count = 0;
        char *line = strdup(cases[at].line);
        assert_int_equal(csv_split(line, fields, MAX, &count), 0);
        assert_int_equal(count, cases[at].count);
        for (size_t field = 0; field < count; field++) {
            assert_string_equal(fields[field], cases[at].fields[field]);
        }
        free(line);
    }
}

static void what_is_no_line_is_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {"\"a",      "a\"b",      "\"a\"b",  "a,\"",
                                        "\"a\" ,b", "1,2,3,4,5", "\"a\"\"", ",,,,"};
    for (size_t at = 0; at < sizeof lines / sizeof *lines; at++) {
        const char *fields[MAX];
        size_t count = 77;
        char *line = strdup(lines[at]);
        assert_int_equal(csv_split(line, fields, MAX, &count), ERR_FIELD);
        assert_int_equal(count, 77);
        free(line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_cut_at_commas_and_quotes_come_off),
        cmocka_unit_test(what_is_no_line_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
