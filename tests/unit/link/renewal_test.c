/* Goal: devices that began together do not renew together, and each does so in time; an identity's
 * files are there all at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>

#include "client/link/identity_files.h"
#include "client/link/link_renewal.h"

enum { DAY = 24 * 3600 };

static void it_is_between_two_thirds_and_seven_ninths_of_a_life(void **state)
{
    (void)state;
    assert_int_equal(renewal_due_s(1000, 1000 + 90 * DAY, 0), 1000 + 60 * DAY);
    for (uint32_t share = 0; share <= UINT16_MAX; share += 257) {
        int64_t due = renewal_due_s(0, 90 * DAY, (uint16_t)share);
        assert_true(due >= 60 * DAY && due < 70 * DAY);
    }
}

/* 5,000 kiosks of one morning: no hour of the ten days has many of them. */
static void many_are_spread_over_the_days(void **state)
{
    (void)state;
    unsigned hours[10 * 24] = {0}, most = 0;
    uint32_t seed = 7;
    for (unsigned i = 0; i < 5000; i++) {
        seed = seed * 1664525u + 1013904223u;
        int64_t due = renewal_due_s(0, 90 * DAY, (uint16_t)(seed >> 16));
        unsigned hour = (unsigned)((due - 60 * DAY) / 3600);
        assert_in_range(hour, 0, 10 * 24 - 1);
        most = ++hours[hour] > most ? hours[hour] : most;
    }
    assert_in_range(most, 20, 50); /* 21 on average. */
}

static void check_file(const char *folder, const char *name, const char *wanted)
{
    char *path = g_build_filename(folder, name, NULL), *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_string_equal(text, wanted);
    g_free(text);
    g_free(path);
}

static void files_are_put_together_and_what_is_there_besides_stays(void **state)
{
    (void)state;
    char why[IDENTITY_FILES_WHY];
    char *folder = g_dir_make_tmp("attune-identity-XXXXXX", NULL);
    char *inner = g_build_filename(folder, "id", NULL), *other = g_build_filename(inner, "x", NULL);
    const struct identity_file first[] = {{"device.crt", "1", 1}, {"ca.crt", "2", 1}};
    const struct identity_file second[] = {{"device.crt", "3", 1}};
    assert_true(identity_files_missing(inner));
    assert_int_equal(identity_files_put(inner, first, 2, why), 0);
    assert_false(identity_files_missing(inner));
    assert_true(g_file_set_contents(other, "mine", -1, NULL));
    assert_int_equal(identity_files_put(inner, second, 1, why), 0);
    check_file(inner, "device.crt", "3");
    check_file(inner, "ca.crt", "2");
    check_file(inner, "x", "mine");
    char *file = g_build_filename(other, "under-a-file", NULL);
    assert_int_not_equal(identity_files_put(file, first, 2, why), 0);
    assert_true(strlen(why) > 0);
    g_free(file);
    for (const char *const *name = (const char *const[]){"device.crt", "ca.crt", "x", NULL};
         *name != NULL; name++) {
        char *path = g_build_filename(inner, *name, NULL);
        assert_int_equal(g_unlink(path), 0);
        g_free(path);
    }
    assert_int_equal(g_rmdir(inner), 0); /* Nothing else was left. */
    assert_int_equal(g_rmdir(folder), 0);
    g_free(other);
    g_free(inner);
    g_free(folder);
}

static void a_key_stays_the_same_through_failed_tries(void **state)
{
    (void)state;
    char why[IDENTITY_FILES_WHY];
    char *folder = g_dir_make_tmp("attune-identity-XXXXXX", NULL);
    EVP_PKEY *one = NULL, *again = NULL, *next = NULL;
    assert_int_equal(identity_files_new_key(folder, &one, why), 0);
    assert_int_equal(identity_files_new_key(folder, &again, why), 0);
    assert_int_equal(EVP_PKEY_eq(one, again), 1);
    identity_files_drop_new_key(folder);
    assert_int_equal(identity_files_new_key(folder, &next, why), 0);
    assert_int_not_equal(EVP_PKEY_eq(one, next), 1);
    char *path = g_build_filename(folder, "device.key.new", NULL);
    GStatBuf status;
    assert_int_equal(g_stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(g_unlink(path), 0);
    assert_int_equal(g_rmdir(folder), 0);
    g_free(path);
    g_free(folder);
    EVP_PKEY_free(one);
    EVP_PKEY_free(again);
    EVP_PKEY_free(next);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_between_two_thirds_and_seven_ninths_of_a_life),
        cmocka_unit_test(many_are_spread_over_the_days),
        cmocka_unit_test(files_are_put_together_and_what_is_there_besides_stays),
        cmocka_unit_test(a_key_stays_the_same_through_failed_tries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
