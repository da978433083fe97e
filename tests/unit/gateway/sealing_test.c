#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "server/gateway/sealing.h"

#define SECRET_A "7777777777777777777777777777777777777777777777777777777777777777"
#define ID_A "a1ec4ad5c6a287e1" /* PROTOCOL.md, section 12. */
#define NAME_A "20300317T174640000Z-" ID_A ".key"

struct folder {
    char parent[64], path[80];
    char why[SEALING_WHY];
    struct sealing keys;
};

static int set_up(void **state)
{
    static struct folder f;
    (void)snprintf(f.parent, sizeof f.parent, "/tmp/sealing-XXXXXX");
    assert_non_null(mkdtemp(f.parent));
    (void)snprintf(f.path, sizeof f.path, "%s/keys", f.parent);
    f.keys = (struct sealing){.count = 0};
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct folder *f = *state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r %s", f->parent);
    return system(command); // NOLINT(cert-env33-c): a path of our own.
}

static void put(const struct folder *f, const char *name, const char *text, mode_t mode)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", f->path, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void a_new_key_is_the_newest_and_nobody_else_s(void **state)
{
    struct folder *f = *state;
    struct seal_key first;
    assert_int_equal(sealing_make_first(f->path), 0); /* Makes the folder, too. */
    assert_int_equal(sealing_make_first(f->path), 0); /* There is one. */
    assert_int_equal(sealing_load(f->path, &f->keys, f->why), 0);
    assert_int_equal(f->keys.count, 1);
    first = f->keys.pairs[0].key;
    put(f, "20200101T000000000Z-" ID_A ".key", SECRET_A "\n", 0600); /* Older. */
    put(f, "README", "passed over", 0644);
    assert_int_equal(sealing_load(f->path, &f->keys, f->why), 0);
    assert_int_equal(f->keys.count, 2);
    assert_memory_equal(&f->keys.pairs[0].key, &first, sizeof first);
    for (size_t i = 2; i < SEALING_KEYS_MAX; i++) {
        assert_int_equal(sealing_make(f->path), 0);
    }
    assert_int_equal(sealing_load(f->path, &f->keys, f->why), 0);
    assert_int_equal(f->keys.count, SEALING_KEYS_MAX);
    assert_memory_equal(&f->keys.pairs[SEALING_KEYS_MAX - 2].key, &first, sizeof first);
    assert_int_equal(sealing_make(f->path), 0);
    assert_int_equal(sealing_load(f->path, &f->keys, f->why), ERR_CONFIG);
    assert_non_null(strstr(f->why, "more than 16"));

    struct stat stat_of;
    assert_int_equal(stat(f->path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, 0700);
}

/* Goal: a folder with one bad file gives no keys at all, and the sentence names what is wrong. */
static void a_bad_file_is_refused_by_name_and_the_keys_stay_as_they_were(void **state)
{
    struct folder *f = *state;
    static const struct {
        const char *name, *text;
        mode_t mode;
        const char *said;
    } bad[] = {
        {NAME_A, SECRET_A "\n", 0640, "chmod 600"},
        {NAME_A, SECRET_A "\n", 0604, "chmod 600"},
        {NAME_A, SECRET_A, 0600, "64 hex digits"},
        {NAME_A, SECRET_A "\n\n", 0600, "64 hex digits"},
        {NAME_A, "", 0600, "64 hex digits"},
        {NAME_A, "x" SECRET_A, 0600, "64 hex digits"},
        {"20300317T174640000Z-a1ec4ad5c6a287e2.key", SECRET_A "\n", 0600, "its key is " ID_A},
        {"mine.key", SECRET_A "\n", 0600, "mine.key: not a sealing key's name"},
    };
    assert_int_equal(sealing_load(f->path, &f->keys, f->why), ERR_CONFIG);
    assert_non_null(strstr(f->why, "No such file"));
    assert_int_equal(mkdir(f->path, 0700), 0);
    assert_int_equal(sealing_load(f->path, &f->keys, f->why), ERR_CONFIG);
    assert_non_null(strstr(f->why, "pki sealing-key"));
    f->keys.count = 7;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char path[256];
        put(f, bad[i].name, bad[i].text, bad[i].mode);
        assert_int_equal(sealing_load(f->path, &f->keys, f->why), ERR_CONFIG);
        assert_non_null(strstr(f->why, bad[i].said));
        assert_null(strstr(f->why, "7777"));
        assert_int_equal(f->keys.count, 7);
        (void)snprintf(path, sizeof path, "%s/%s", f->path, bad[i].name);
        assert_int_equal(unlink(path), 0);
    }
    put(f, NAME_A, SECRET_A "\n", 0600);
    assert_int_equal(sealing_load(f->path, &f->keys, f->why), 0);
    assert_int_equal(f->keys.count, 1);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(a_new_key_is_the_newest_and_nobody_else_s),
        EACH(a_bad_file_is_refused_by_name_and_the_keys_stay_as_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
