#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "server/aggregator/study/sheet.h"

enum { PAGE_CLIENTS = 200000 };

/* Goal: agreement ends at two standard errors of the difference and half a last digit. Method: on
 * as many clients as the page's, errors of .01: sqrt(2) × .02 + .005 = .03328. */
static void agreement_ends_at_two_standard_errors(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *verdict;
    } table[] = {{0.5332, "agrees"}, {0.5334, "differs"}, {0.4668, "agrees"}, {0.4666, "differs"}};
    struct sheet s;
    sheet_init(&s, PAGE_CLIENTS, "title");
    size_t column = sheet_add_column(&s, "column");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        size_t row = sheet_add_row(&s, "row");
        sheet_put(&s, row, column, table[i].value, 0.01);
        sheet_put_page(&s, row, column, 0.50);
        assert_string_equal(sheet_verdict(&s, &s.figures[row][column]), table[i].verdict);
    }
    assert_int_equal(sheet_count(&s, "agrees"), 2);
    assert_int_equal(sheet_count(&s, "differs"), 2);
}

static void a_goal_is_reached_at_itself(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s, 10, "title");
    size_t row = sheet_add_row(&s, "row"), column = sheet_add_column(&s, "column");
    sheet_put(&s, row, column, 0.95, 0.5);
    sheet_put_goal(&s, row, column, 0.95);
    assert_string_equal(sheet_verdict(&s, &s.figures[row][column]), "reached");
    sheet_put_goal(&s, row, column, 0.951);
    assert_string_equal(sheet_verdict(&s, &s.figures[row][column]), "missed");
}

static void what_is_not_published_has_no_verdict(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s, 10, "title");
    size_t row = sheet_add_row(&s, "row"), column = sheet_add_column(&s, "column");
    sheet_put_page(&s, row, column, 0.5);
    assert_string_equal(sheet_verdict(&s, &s.figures[row][column]), ""); /* No figure. */
    sheet_put(&s, row, column, 0.5, 0.1);
    sheet_put_page(&s, row, column, NAN);
    assert_string_equal(sheet_verdict(&s, &s.figures[row][column]), "");
}

static void a_sheet_is_printed_a_line_a_figure(void **state)
{
    (void)state;
    struct sheet s;
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    assert_non_null(to);
    sheet_init(&s, PAGE_CLIENTS, "A title");
    size_t row = sheet_add_row(&s, "a row"), column = sheet_add_column(&s, "a column");
    (void)sheet_add_column(&s, "an empty column");
    sheet_put(&s, row, column, 0.3014, 0.0005);
    sheet_put_page(&s, row, column, 0.30);
    sheet_print(&s, to);
    assert_int_equal(fclose(to), 0);
    assert_non_null(strstr(text, "A title\n\n"));
    assert_non_null(strstr(text, " 0.301   0.300 to 0.302  page 0.30  agrees\n"));
    assert_null(strstr(text, "an empty column"));
    free(text);
}

static void names_that_are_too_long_are_cut(void **state)
{
    (void)state;
    struct sheet s;
    char name[3 * SHEET_NAME];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    sheet_init(&s, 1, name);
    (void)sheet_add_row(&s, name);
    assert_int_equal(strlen(s.title), sizeof s.title - 1);
    assert_int_equal(strlen(s.row_names[0]), SHEET_NAME - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agreement_ends_at_two_standard_errors),
        cmocka_unit_test(a_goal_is_reached_at_itself),
        cmocka_unit_test(what_is_not_published_has_no_verdict),
        cmocka_unit_test(a_sheet_is_printed_a_line_a_figure),
        cmocka_unit_test(names_that_are_too_long_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
