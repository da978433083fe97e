#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/cli/table.h"

static void check(const char *const *cells, size_t count, size_t columns, const char *expected)
{
    struct table t;
    table_init(&t, cells, columns);
    for (size_t at = columns; at < count; at++) {
        table_add(&t, cells[at]);
    }
    char *text = table_text(&t);
    assert_string_equal(text, expected);
    free(text);
    table_fini(&t);
}

static void columns_are_as_wide_as_their_widest_cell(void **state)
{
    (void)state;
    static const char *const cells[] = {"A", "B", "C", "long", "x", "y", "", "longer", "z"};
    check(cells, 9, 3, "A     B       C\nlong  x       y\n      longer  z\n");
}

static void characters_are_counted_and_not_bytes(void **state)
{
    (void)state;
    static const char *const cells[] = {"A", "B", "Müße", "1", "abcd", "2"};
    check(cells, 6, 2, "A     B\nMüße  1\nabcd  2\n");
    assert_int_equal(table_width("Müße"), 4);
}

static void a_line_never_ends_with_spaces(void **state)
{
    (void)state;
    static const char *const cells[] = {"A", "B", "x", NULL, "y"};
    check(cells, 5, 2, "A  B\nx\ny\n");
}

static void nothing_moves_the_terminals_cursor(void **state)
{
    (void)state;
    static const char *const cells[] = {"A", "a\x1b[2Jb\nc\x7f"};
    check(cells, 2, 1, "A\na?[2Jb?c?\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
        cmocka_unit_test(characters_are_counted_and_not_bytes),
        cmocka_unit_test(a_line_never_ends_with_spaces),
        cmocka_unit_test(nothing_moves_the_terminals_cursor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
