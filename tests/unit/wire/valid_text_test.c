#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "proto/wire/valid.h"

static void text_is_utf8_of_the_shortest_form(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"Raum 1", true},
        {"K\xc3\xa4the", true},
        {"\xe6\x98\x9f\xf0\x9f\x8c\x99", true},
        {"\xef\xbf\xbd", true},
        {"\xed\x9f\xbf", true},      /* U+D7FF */
        {"\xee\x80\x80", true},      /* U+E000 */
        {"\xf4\x8f\xbf\xbf", true},  /* U+10FFFF */
        {"\xf4\x90\x80\x80", false}, /* U+110000 */
        {"\xed\xa0\x80", false},     /* A surrogate. */
        {"\xed\xbf\xbf", false},
        {"\xc0\x80", false}, /* NUL in two bytes. */
        {"\xc1\xbf", false}, /* Longer than needed. */
        {"\xe0\x9f\xbf", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"\x80", false}, /* A continuation alone. */
        {"a\xbf", false},
        {"\xc3", false}, /* Cut. */
        {"\xe6\x98", false},
        {"\xf0\x9f\x8c", false},
        {"\xc3(", false},
        {"\xe6(\x9f", false},
        {"\xe6\x98(", false},
        {"\xf0\x9f\x8c(", false},
        {"\xf5\x80\x80\x80", false},
        {"\xfe", false},
        {"\xff", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len = strlen(cases[i].text);
        char *exact = malloc(len + 1); /* So that the sanitizer sees a byte too many. */
        assert_non_null(exact);
        memcpy(exact, cases[i].text, len + 1);
        assert_int_equal(valid_text(exact, 64), cases[i].good ? 0 : ERR_FIELD);
        free(exact);
    }
}

static void control_characters_are_refused_wherever_they_stand(void **state)
{
    (void)state;
    for (int c = 1; c < 0xa0; c++) {
        char text[8] = "ab";
        bool good = c >= 0x20 && c < 0x7f;
        size_t at = 2;
        if (c >= 0x80) {
            text[at++] = (char)0xc2; /* U+0080 to U+009F. */
        }
        text[at] = (char)c;
        assert_int_equal(valid_text(text, 64), good ? 0 : ERR_FIELD);
        assert_int_equal(valid_text(text + 2, 64), good ? 0 : ERR_FIELD);
    }
    assert_int_equal(valid_text("\xc2\xa0", 64), 0);
}

static void text_has_1_to_as_many_bytes_as_are_allowed(void **state)
{
    (void)state;
    assert_int_equal(valid_text("", 3), ERR_FIELD);
    assert_int_equal(valid_text("a", 3), 0);
    assert_int_equal(valid_text("abc", 3), 0);
    assert_int_equal(valid_text("abcd", 3), ERR_FIELD);
    assert_int_equal(valid_text("a\xc3\xa4", 3), 0);
    assert_int_equal(valid_text("ab\xc3\xa4", 3), ERR_FIELD); /* Bytes, not characters. */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_utf8_of_the_shortest_form),
        cmocka_unit_test(control_characters_are_refused_wherever_they_stand),
        cmocka_unit_test(text_has_1_to_as_many_bytes_as_are_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
