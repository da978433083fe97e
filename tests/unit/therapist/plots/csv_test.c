/* Goal: tables that every program reads alike (RFC 4180), and that no spreadsheet runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "client/therapist/plots/csv_write.h"
#include "tests/unit/therapist/plots/samples.h"

static void expect_line(const char *const *fields, size_t count, const char *expected)
{
    struct plot_bytes b = {0};
    struct csv c;
    csv_init(&c, &b);
    for (size_t i = 0; i < count; i++) {
        csv_text(&c, fields[i]);
    }
    csv_end(&c);
    assert_int_equal(b.count, strlen(expected));
    assert_memory_equal(b.at, expected, b.count);
    plot_bytes_fini(&b);
}

#define EXPECT_LINE(expected, ...)                                                                 \
    expect_line((const char *const[]){__VA_ARGS__},                                                \
                sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *), expected)

static void what_must_be_quoted_is(void **state)
{
    (void)state;
    EXPECT_LINE("a,b c,\r\n", "a", "b c", "");
    EXPECT_LINE("\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\"'\r\"\r\n", "a,b", "say \"hi\"",
                "two\nlines", "\r");
    EXPECT_LINE(",,\r\n", NULL, NULL, "");
    EXPECT_LINE("\"\"\"\"\r\n", "\"");
    EXPECT_LINE("Zoë,\xe2\x80\x93\r\n", "Zoë", "\xe2\x80\x93");
}

static void no_field_is_a_formula(void **state)
{
    (void)state;
    EXPECT_LINE("'=1+1,'+1,'-1,'@SUM(A1)\r\n", "=1+1", "+1", "-1", "@SUM(A1)");
    EXPECT_LINE("\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\",'\tx,\"'\rx\"\r\n", "=HYPERLINK(\"x\",\"y\")",
                "\tx", "\rx");
    EXPECT_LINE("a=1,1-2\r\n", "a=1", "1-2");
}

static void expect_text(struct plot_bytes *b, const char *expected)
{
    plot_bytes_add(b, "", 1);
    assert_string_equal((const char *)b->at, expected);
    plot_bytes_fini(b);
}

static void a_course_is_its_figures(void **state)
{
    (void)state;
    struct plot_bytes b = {0};
    const struct plot_history h = {sample_wordings.sessions + 2, 4, 360, 60, 20};
    csv_course(&b, &h);
    expect_text(&b, "session,date,understanding,relevance,safety,fit,total,usual,instrument,alert,"
                    "repaired\r\n"
                    "13,2025-12-18,10.0,10.0,10.0,10.0,40.0,,attune/1,,\r\n"
                    "14,2026-01-08,6.0,7.0,7.0,6.0,26.0,,attune/2,yes,\r\n"
                    "15,2026-01-22,7.0,8.0,7.0,8.0,30.0,26.0,attune/2,yes,yes\r\n"
                    "16,2026-02-05,8.0,,7.0,8.0,,28.0,attune/2,,\r\n");
}

static void a_practice_is_its_figures_without_what_is_hidden(void **state)
{
    (void)state;
    struct plot_bytes b = {0};
    const struct plot_dot dots[] = {{29, 29, "t01"}, {20, 30, "=t02"}, {40, 50, NULL}};
    const struct plot_shares shares = {NULL, "x", .5, dots, 3};
    csv_shares(&b, &shares);
    expect_text(&b, "code,part,of\r\n'=t02,20,30\r\n,40,50\r\n");
    const struct plot_week weeks[] = {{{2026, 3, 2}, false, 40, {30, 1, 2}},
                                      {{2026, 3, 9}, true, 7, {5, 1, 1}}};
    struct plot_calendar c = {PLOT_WEEKS_SHARE, NULL, {NULL}, weeks, 2};
    csv_weeks(&b, &c);
    expect_text(&b, "monday,hidden,part,of\r\n2026-03-02,,30,40\r\n2026-03-09,yes\r\n");
    c = (struct plot_calendar){PLOT_WEEKS_STACK, NULL, {"older, open", "newer"}, weeks, 2};
    csv_weeks(&b, &c);
    expect_text(&b,
                "monday,hidden,\"older, open\",newer\r\n2026-03-02,,30,1\r\n2026-03-09,yes\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_must_be_quoted_is),
        cmocka_unit_test(no_field_is_a_formula),
        cmocka_unit_test(a_course_is_its_figures),
        cmocka_unit_test(a_practice_is_its_figures_without_what_is_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
