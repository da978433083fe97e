#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/kiosk/spool_file.h"

static const uint8_t the_id[LIMIT_ID_SIZE] = {0xab, 0x00, 0xff, 9};

static size_t make(uint8_t file[SPOOL_FILE_SIZE], size_t len)
{
    uint8_t record[SPOOL_RECORD_SIZE];
    for (size_t at = 0; at < len; at++) {
        record[at] = (uint8_t)(at * 31);
    }
    return spool_file_put(file, the_id, record, len);
}

static void a_file_is_whole_at_its_own_size_only(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 2, 100, SPOOL_RECORD_SIZE - 1, SPOOL_RECORD_SIZE};
    for (size_t at = 0; at < sizeof lengths / sizeof *lengths; at++) {
        uint8_t file[SPOOL_FILE_SIZE + 1] = {0};
        size_t size = make(file, lengths[at]);
        assert_int_equal(size, SPOOL_HEAD + lengths[at]);
        for (size_t cut = 0; cut <= size + 1; cut++) {
            assert_int_equal(spool_file_whole(file, cut, the_id), cut == size);
        }
    }
}

static void every_single_bit_counts(void **state)
{
    (void)state;
    uint8_t file[SPOOL_FILE_SIZE];
    size_t size = make(file, 80);
    for (size_t bit = 0; bit < size * 8; bit++) {
        file[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(spool_file_whole(file, size, the_id));
        file[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(spool_file_whole(file, size, the_id));
}

static void another_ids_file_is_not_this_ones(void **state)
{
    (void)state;
    uint8_t file[SPOOL_FILE_SIZE], id[LIMIT_ID_SIZE];
    size_t size = make(file, 10);
    memcpy(id, the_id, sizeof id);
    id[15] ^= 1;
    assert_false(spool_file_whole(file, size, id));
}

static void a_name_holds_the_id(void **state)
{
    (void)state;
    char name[SPOOL_NAME_SIZE];
    uint8_t id[LIMIT_ID_SIZE] = {0};
    spool_file_name(name, the_id, "rating");
    assert_string_equal(name, "ab00ff09000000000000000000000000.rating");
    assert_string_equal(spool_file_id(name, id), "rating");
    assert_memory_equal(id, the_id, sizeof id);
}

static void other_names_are_not_ours(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",
        "a",
        ".rating",
        "ab00ff09000000000000000000000000",
        "ab00ff0900000000000000000000000.rating",
        "ab00ff090000000000000000000000000.rating",
        "AB00ff09000000000000000000000000.rating",
        "gb00ff09000000000000000000000000.rating",
        "../../../../../../etc/passwd.rating",
    };
    for (size_t at = 0; at < sizeof names / sizeof *names; at++) {
        uint8_t id[LIMIT_ID_SIZE];
        assert_null(spool_file_id(names[at], id));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_whole_at_its_own_size_only),
        cmocka_unit_test(every_single_bit_counts),
        cmocka_unit_test(another_ids_file_is_not_this_ones),
        cmocka_unit_test(a_name_holds_the_id),
        cmocka_unit_test(other_names_are_not_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
