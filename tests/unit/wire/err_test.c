#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/wire/err.h"

static const struct {
    int rc;
    unsigned code;
    const char *name;
} list[] = {
#define ROW(name, code, text) {ERR_##name, code, #name},
    ERR_LIST(ROW)
#undef ROW
};

enum { COUNT = sizeof list / sizeof list[0] };

static void every_code_finds_its_error_name_and_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(list[i].rc < 0);
        assert_int_equal(err_from_code(list[i].code), list[i].rc);
        assert_string_equal(err_name(list[i].rc), list[i].name);
        assert_true(err_text(list[i].rc)[0] != '\0');
    }
}

static void no_code_is_used_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(list[i].code, list[j].code);
        }
    }
}

static void what_a_later_version_says_is_an_error_all_the_same(void **state)
{
    (void)state;
    static const unsigned strange[] = {0, 1, 100, 999, 1u << 31, UINT32_MAX, (unsigned)ERR_BUSY};
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        assert_int_equal(err_from_code(strange[i]), ERR_INTERNAL);
    }
    assert_string_equal(err_name(-999), "UNKNOWN");
    assert_string_equal(err_name(401), "UNKNOWN");
    assert_true(err_text(-999)[0] != '\0');
    assert_string_equal(err_name(0), "OK");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_finds_its_error_name_and_sentence),
        cmocka_unit_test(no_code_is_used_twice),
        cmocka_unit_test(what_a_later_version_says_is_an_error_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
