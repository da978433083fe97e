#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/cli/hex.h"
#include "proto/wire/err.h"

static void an_id_goes_out_and_in_again(void **state)
{
    (void)state;
    static const uint8_t id[LIMIT_ID_SIZE] = {0x00, 0xff, 0x12, 0xab, [15] = 0x9f};
    uint8_t back[LIMIT_ID_SIZE];
    char text[HEX_ID];
    hex_print(text, id, sizeof id);
    assert_string_equal(text, "00ff12ab00000000000000000000009f");
    assert_int_equal(hex_id_parse(text, back), 0);
    assert_memory_equal(back, id, sizeof id);
    assert_int_equal(hex_id_parse("00FF12AB00000000000000000000009F", back), 0);
    assert_memory_equal(back, id, sizeof id);
}

static void nothing_else_is_an_id(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "00",
                                        "00000000000000000000000000000000",
                                        "00ff12ab00000000000000000000009",
                                        "00ff12ab00000000000000000000009f0",
                                        "00ff12ab-0000-0000-0000-00000000009f",
                                        "0gff12ab00000000000000000000009f",
                                        "00ff12ab0000000000000000000000 f"};
    for (size_t at = 0; at < sizeof texts / sizeof *texts; at++) {
        uint8_t id[LIMIT_ID_SIZE] = {42};
        assert_int_equal(hex_id_parse(texts[at], id), ERR_FIELD);
        assert_int_equal(id[0], 42);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_goes_out_and_in_again),
        cmocka_unit_test(nothing_else_is_an_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
