/* Goal: parameters and results are PostgreSQL's binary format to the byte. Method: bytes written
 * out here by hand; results made with libpq's own PQsetvalue. That the server agrees is shown by
 * the tests in tests/integration/pg. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libpq-fe.h>
#include <string.h>

#include "server/pg/params.h"
#include "server/pg/rows.h"

static void is_value(const struct pg_params *p, unsigned i, const void *bytes, size_t len)
{
    assert_true(i < p->count);
    assert_false(p->values[i].null);
    assert_int_equal(p->values[i].len, len);
    assert_memory_equal(p->bytes + p->values[i].at, bytes, len);
}

static void scalars_are_in_network_order(void **state)
{
    (void)state;
    struct pg_params p;
    static const uint8_t id[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    pg_params_init(&p);
    pg_put_bool(&p, true);
    pg_put_int2(&p, -2);
    pg_put_int4(&p, 0x01020304);
    pg_put_int8(&p, -2);
    pg_put_uuid(&p, id);
    pg_put_text(&p, "a");
    pg_put_text(&p, "");
    pg_put_null(&p);
    pg_put_time(&p, INT64_C(946684800000));       /* 2000-01-01, PostgreSQL's zero. */
    pg_put_time(&p, INT64_C(946684800000) + 258); /* In microseconds 0x03efd0. */
    is_value(&p, 0, "\1", 1);
    is_value(&p, 1, "\xff\xfe", 2);
    is_value(&p, 2, "\1\2\3\4", 4);
    is_value(&p, 3, "\xff\xff\xff\xff\xff\xff\xff\xfe", 8);
    is_value(&p, 4, id, 16);
    is_value(&p, 5, "a", 1);
    is_value(&p, 6, "", 0);
    assert_true(p.values[7].null);
    is_value(&p, 8, "\0\0\0\0\0\0\0\0", 8);
    is_value(&p, 9, "\0\0\0\0\0\3\xef\xd0", 8);
    assert_int_equal(p.count, 10);
    pg_params_fini(&p);
}

static void an_array_has_a_head_and_counted_elements(void **state)
{
    (void)state;
    struct pg_params p;
    static const uint8_t wanted[] = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,  21,   0,    0,    0,
                                     2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 90, 0xff, 0xff, 0xff, 0xff};
    pg_params_init(&p);
    pg_put_array(&p, PG_INT2);
    pg_put_int2(&p, 90);
    pg_put_null(&p);
    pg_put_array_end(&p);
    pg_put_int2(&p, 7);
    is_value(&p, 0, wanted, sizeof wanted);
    is_value(&p, 1, "\0\7", 2);
    pg_params_fini(&p);
}

static void an_empty_array_has_no_dimension(void **state)
{
    (void)state;
    struct pg_params p;
    pg_params_init(&p);
    pg_put_array(&p, PG_UUID);
    pg_put_array_end(&p);
    pg_put_bool(&p, false);
    is_value(&p, 0, "\0\0\0\0\0\0\0\0\0\0\x0b\x86", 12);
    is_value(&p, 1, "\0", 1);
    pg_params_fini(&p);
}

/* Goal: memory that moves as it grows must not tear a value. */
static void many_elements_stay_in_order(void **state)
{
    (void)state;
    struct pg_params p;
    pg_params_init(&p);
    pg_put_array(&p, PG_INT8);
    for (int i = 0; i < 5000; i++) {
        pg_put_int8(&p, i);
    }
    pg_put_array_end(&p);
    assert_int_equal(p.values[0].len, 20 + 5000 * 12);
    for (size_t i = 0; i < 5000; i++) {
        const uint8_t *at = p.bytes + p.values[0].at + 20 + i * 12;
        assert_int_equal(at[10] << 8 | at[11], i);
    }
    pg_params_fini(&p);
}

/* ---- results --------------------------------------------------------------------------------- */

/* One row; each value has its length, NULL is null. */
static PGresult *one_row(int columns, const char *const *values, const int *lengths)
{
    PGresult *r = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PGresAttDesc names[8];
    memset(names, 0, sizeof names);
    for (int i = 0; i < columns; i++) {
        static char name[] = "x";
        names[i].name = name;
        names[i].format = 1;
    }
    assert_int_equal(PQsetResultAttrs(r, columns, names), 1);
    for (int i = 0; i < columns; i++) {
        char copy[256];
        if (values[i] != NULL) {
            memcpy(copy, values[i], (size_t)lengths[i]);
        }
        assert_int_equal(PQsetvalue(r, 0, i, values[i] == NULL ? NULL : copy,
                                    values[i] == NULL ? -1 : lengths[i]),
                         1);
    }
    return r;
}

static void values_are_read_as_they_were_sent(void **state)
{
    (void)state;
    const char *const values[] = {"\1", "\xff\xfe", "\0\0\0\0\0\0\1\2",
                                  NULL, "now",      "\xff\xff\xff\xff\xff\xff\xff\xff"};
    const int lengths[] = {1, 2, 8, 0, 3, 8};
    PGresult *result = one_row(6, values, lengths);
    struct pg_rows rows;
    pg_rows_init(&rows, result);
    assert_int_equal(rows.count, 1);
    assert_true(pg_bool(&rows, 0, 0));
    assert_int_equal(pg_int2(&rows, 0, 1), -2);
    assert_int_equal(pg_int8(&rows, 0, 2), 258);
    assert_true(pg_is_null(&rows, 0, 3));
    assert_int_equal(pg_int8(&rows, 0, 3), 0);
    assert_string_equal(pg_text(&rows, 0, 3), "");
    assert_string_equal(pg_text(&rows, 0, 4), "now");
    /* A microsecond before 2000 is in the millisecond before. */
    assert_int_equal(pg_time(&rows, 0, 5), INT64_C(946684799999));
    assert_false(rows.bad);
    PQclear(result);
}

static void a_value_of_the_wrong_size_is_bad_and_reads_as_nothing(void **state)
{
    (void)state;
    const char *const values[] = {"\1\2\3", "\0\0\0\0\0\0\1\2"};
    const int lengths[] = {3, 8};
    PGresult *result = one_row(2, values, lengths);
    for (int i = 0; i < 4; i++) {
        struct pg_rows rows;
        uint8_t id[16];
        pg_rows_init(&rows, result);
        if (i == 0) {
            assert_int_equal(pg_int2(&rows, 0, 0), 0);
        } else if (i == 1) {
            pg_uuid(&rows, 0, 1, id);
            assert_int_equal(id[7], 0);
        } else if (i == 2) {
            assert_int_equal(pg_int8(&rows, 0, 2), 0); /* No such column, */
        } else {
            assert_int_equal(pg_int8(&rows, 1, 1), 0); /* no such row. */
        }
        assert_true(rows.bad);
    }
    PQclear(result);
}

/* Goal: an array's claims about itself are never believed. Method: cut it at every byte, and let
 * its count lie. */
static void an_array_is_read_within_its_bytes(void **state)
{
    (void)state;
    static const uint8_t good[] = {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 1,
                                   0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0,  0, 0, 0, 9};
    for (size_t len = 0; len <= sizeof good; len++) {
        const char *const value = (const char *)good;
        const int length = (int)len;
        PGresult *result = one_row(1, &value, &length);
        struct pg_rows rows;
        pg_rows_init(&rows, result);
        struct pg_array a = pg_array(&rows, 0, 0, 8);
        assert_int_equal(rows.bad, len != sizeof good);
        assert_int_equal(a.count, len == sizeof good);
        if (a.count == 1) {
            assert_int_equal(pg_array_at(&a, 0)[7], 9);
        }
        PQclear(result);
    }
    for (int count = 0; count < 256; count += 5) {
        uint8_t lying[sizeof good];
        memcpy(lying, good, sizeof good);
        lying[12] = lying[15] = (uint8_t)count;
        const char *const value = (const char *)lying;
        const int length = sizeof lying;
        PGresult *result = one_row(1, &value, &length);
        struct pg_rows rows;
        pg_rows_init(&rows, result);
        assert_int_equal(pg_array(&rows, 0, 0, 8).count, 0);
        assert_true(rows.bad);
        PQclear(result);
    }
}

static void no_result_is_no_rows(void **state)
{
    (void)state;
    struct pg_rows rows;
    pg_rows_init(&rows, NULL);
    assert_int_equal(rows.count, 0);
    assert_true(pg_is_null(&rows, 0, 0));
    assert_string_equal(pg_text(&rows, 0, 0), "");
    assert_true(rows.bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_are_in_network_order),
        cmocka_unit_test(an_array_has_a_head_and_counted_elements),
        cmocka_unit_test(an_empty_array_has_no_dimension),
        cmocka_unit_test(many_elements_stay_in_order),
        cmocka_unit_test(values_are_read_as_they_were_sent),
        cmocka_unit_test(a_value_of_the_wrong_size_is_bad_and_reads_as_nothing),
        cmocka_unit_test(an_array_is_read_within_its_bytes),
        cmocka_unit_test(no_result_is_no_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
