#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/wire/be.h"

static void the_greatest_byte_is_the_first_and_nothing_beside_is_touched(void **state)
{
    (void)state;
    static const uint8_t expected[] = {0xee, 1, 2, 3, 4, 0xee};
    uint8_t bytes[] = {0xee, 0, 0, 0, 0, 0xee};
    assert_ptr_equal(put_be(bytes + 1, 4, 0x01020304), bytes + 5);
    assert_memory_equal(bytes, expected, sizeof bytes);
    assert_int_equal(get_be(bytes + 1, 4), 0x01020304);
}

static void every_size_gives_back_its_lowest_bytes(void **state)
{
    (void)state;
    const uint64_t number = UINT64_C(0xf1e2d3c4b5a69788);
    for (size_t size = 0; size <= 8; size++) {
        uint8_t bytes[8];
        assert_ptr_equal(put_be(bytes, size, number), bytes + size);
        uint64_t lowest = size == 8 ? number : number & ((UINT64_C(1) << 8 * size) - 1);
        assert_true(get_be(bytes, size) == lowest);
    }
}

static void a_number_below_zero_comes_back(void **state)
{
    (void)state;
    uint8_t bytes[8];
    (void)put_be(bytes, sizeof bytes, (uint64_t)INT64_MIN + 7);
    assert_true((int64_t)get_be(bytes, sizeof bytes) == INT64_MIN + 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_greatest_byte_is_the_first_and_nothing_beside_is_touched),
        cmocka_unit_test(every_size_gives_back_its_lowest_bytes),
        cmocka_unit_test(a_number_below_zero_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
