/* Goal: what a person types is read or told, and never read as another code. Method: every wrong
 * symbol in every place, every swap of neighbours, every length, of some codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/enrol_code.h"
#include "proto/wire/err.h"

static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
enum { CODES = 16 };

/* Zeros, ones, and bytes that look random. */
static struct enrol_code code_number(unsigned n)
{
    struct enrol_code c;
    uint32_t seed = n * 2654435761u;
    for (size_t i = 0; i < sizeof c; i++) {
        seed = seed * 1664525u + 1013904223u;
        ((uint8_t *)&c)[i] = (uint8_t)(n == 0 ? 0 : n == 1 ? 0xff : seed >> 24);
    }
    return c;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    for (unsigned n = 0; n < CODES; n++) {
        struct enrol_code code = code_number(n), read;
        char text[ENROL_TEXT];
        enrol_code_write(&code, text);
        assert_int_equal(strlen(text), ENROL_TEXT - 1);
        assert_int_equal(text[4], '-');
        assert_int_equal(enrol_code_read(text, &read), 0);
        assert_memory_equal(&read, &code, sizeof code);
    }
}

static void every_single_wrong_letter_is_told(void **state)
{
    (void)state;
    for (unsigned n = 0; n < CODES; n++) {
        struct enrol_code code = code_number(n), read;
        char text[ENROL_TEXT];
        enrol_code_write(&code, text);
        for (size_t at = 0; text[at] != '\0'; at++) {
            char right = text[at];
            for (const char *s = symbols; right != '-' && *s != '\0'; s++) {
                text[at] = *s;
                assert_int_equal(enrol_code_judge(text, &read),
                                 *s == right ? ENROL_GOOD : ENROL_CHECK);
            }
            text[at] = right;
        }
    }
}

static void every_swap_of_neighbours_is_told(void **state)
{
    (void)state;
    size_t swaps = 0;
    for (unsigned n = 0; n < CODES; n++) {
        struct enrol_code code = code_number(n), read;
        char text[ENROL_TEXT], plain[ENROL_SYMBOLS + 1];
        size_t len = 0;
        enrol_code_write(&code, text);
        for (const char *c = text; *c != '\0'; c++) {
            if (*c != '-') {
                plain[len++] = *c;
            }
        }
        plain[len] = '\0';
        for (size_t at = 0; at + 1 < len; at++) {
            char first = plain[at], second = plain[at + 1];
            plain[at] = second;
            plain[at + 1] = first;
            assert_int_equal(enrol_code_judge(plain, &read),
                             first == second ? ENROL_GOOD : ENROL_CHECK);
            swaps += first != second;
            plain[at] = first;
            plain[at + 1] = second;
        }
    }
    assert_true(swaps > CODES * 30);
}

static void a_letter_too_few_or_too_many_is_told_as_such(void **state)
{
    (void)state;
    struct enrol_code code = code_number(3), read;
    char text[ENROL_TEXT + 1];
    enrol_code_write(&code, text);
    assert_int_equal(enrol_code_judge("", &read), ENROL_SHORT);
    char last = text[ENROL_TEXT - 2];
    text[ENROL_TEXT - 2] = '\0';
    assert_int_equal(enrol_code_judge(text, &read), ENROL_SHORT);
    text[ENROL_TEXT - 2] = last;
    text[ENROL_TEXT - 1] = '0';
    text[ENROL_TEXT] = '\0';
    assert_int_equal(enrol_code_judge(text, &read), ENROL_LONG);
    text[ENROL_TEXT - 1] = 'U';
    assert_int_equal(enrol_code_judge(text, &read), ENROL_LETTER);
    text[ENROL_TEXT - 1] = '\0';
    text[0] = '!';
    assert_int_equal(enrol_code_judge(text, &read), ENROL_LETTER);
    for (int typed = ENROL_SHORT; typed <= ENROL_CHECK; typed++) {
        assert_non_null(enrol_code_says((enum enrol_typed)typed));
    }
    assert_null(enrol_code_says(ENROL_GOOD));
}

static void it_is_read_as_people_type(void **state)
{
    (void)state;
    struct enrol_code code = code_number(0), read; /* Zeros: letters that look like them. */
    char text[ENROL_TEXT], typed[2 * ENROL_TEXT];
    enrol_code_write(&code, text);
    size_t len = 0;
    for (const char *c = text; *c != '\0'; c++) {
        typed[len++] = *c == '-' ? ' ' : *c == '0' ? 'o' : *c;
    }
    typed[len] = '\0';
    assert_int_equal(enrol_code_read(typed, &read), 0);
    assert_memory_equal(&read, &code, sizeof code);
    assert_int_equal(enrol_code_symbol('l'), '1');
    assert_int_equal(enrol_code_symbol('I'), '1');
    assert_int_equal(enrol_code_symbol('u'), '\0');
    assert_int_equal(enrol_code_symbol('z'), 'Z');
    assert_int_equal(enrol_code_symbol('\0'), '\0');
}

static void another_form_is_no_code_of_ours(void **state)
{
    (void)state;
    struct enrol_code read = code_number(2), before = read;
    char text[ENROL_TEXT];
    unsigned good = 0;
    /* The forms 1 to 3 stand in the first symbol's upper bits; the checks fit one of each 1,024. */
    for (unsigned form = 1; form < 4; form++) {
        enrol_code_write(&before, text);
        text[0] = symbols[form * 8];
        for (unsigned pair = 0; pair < 1024; pair++) {
            text[ENROL_TEXT - 3] = symbols[pair / 32];
            text[ENROL_TEXT - 2] = symbols[pair % 32];
            good += enrol_code_judge(text, &read) == ENROL_GOOD;
        }
    }
    assert_int_equal(good, 0);
    assert_memory_equal(&read, &before, sizeof read);
}

static void a_picture_s_text_has_the_address(void **state)
{
    (void)state;
    struct enrol_code code = code_number(5), read;
    char uri[ENROL_URI], address[ENROL_ADDRESS];
    enrol_uri_write("[2001:db8::7]:7443", &code, uri);
    assert_int_equal(strncmp(uri, "attune:[2001:db8::7]:7443/", 26), 0);
    assert_int_equal(enrol_uri_read(uri, address, &read), 0);
    assert_string_equal(address, "[2001:db8::7]:7443");
    assert_memory_equal(&read, &code, sizeof code);
    enrol_uri_write("", &code, uri);
    assert_int_equal(enrol_uri_read(uri, address, &read), 0);
    assert_string_equal(address, "");
    assert_int_equal(enrol_uri_read(uri + 8, address, &read), 0); /* The code alone. */
    uri[0] = 'b';
    assert_int_equal(enrol_uri_read(uri, address, &read), ERR_CODE_TYPED);
}

static void an_address_has_its_most(void **state)
{
    (void)state;
    struct enrol_code code = code_number(6), read;
    char uri[ENROL_URI + 8], most[ENROL_ADDRESS], address[ENROL_ADDRESS], text[ENROL_TEXT];
    memset(most, 'a', sizeof most - 1);
    most[sizeof most - 1] = '\0';
    enrol_uri_write(most, &code, uri);
    assert_int_equal(enrol_uri_read(uri, address, &read), 0);
    enrol_code_write(&code, text);
    (void)snprintf(uri, sizeof uri, "attune:%sb/%s", most, text);
    assert_int_equal(enrol_uri_read(uri, address, &read), ERR_CODE_TYPED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(every_single_wrong_letter_is_told),
        cmocka_unit_test(every_swap_of_neighbours_is_told),
        cmocka_unit_test(a_letter_too_few_or_too_many_is_told_as_such),
        cmocka_unit_test(it_is_read_as_people_type),
        cmocka_unit_test(another_form_is_no_code_of_ours),
        cmocka_unit_test(a_picture_s_text_has_the_address),
        cmocka_unit_test(an_address_has_its_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
