/* Goal: whatever was answered for stands in the journal and is read again; half a line is not, and
 * a line that somebody has changed is found. Method: a file in a folder of the test's own. */
#include <fcntl.h>
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

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "server/gateway/journal.h"

struct world {
    char path[64];
    uv_loop_t loop;
    struct journal journal;
    struct journal_call call;
    int told, rc;
};

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    char folder[] = "/tmp/journal.XXXXXX", why[JOURNAL_WHY];
    assert_non_null(w);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(w->path, sizeof w->path, "%s/erasures", folder);
    assert_int_equal(uv_loop_init(&w->loop), 0);
    assert_int_equal(journal_open(&w->journal, w->path, false, why), 0);
    journal_start(&w->journal, &w->loop);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    journal_fini(&w->journal);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    (void)unlink(w->path); /* Some have none by now. */
    *strrchr(w->path, '/') = '\0';
    assert_int_equal(rmdir(w->path), 0);
    free(w);
    return 0;
}

static struct store_erased erased(int64_t practice, uint8_t hash, bool destroyed)
{
    return (struct store_erased){
        .practice_id = practice, .token_hash = {hash, [31] = 0xff}, .destroyed = destroyed};
}

static void on_saved(struct journal_call *call, int rc)
{
    struct world *w = container_of(call, struct world, call);
    w->told++;
    w->rc = rc;
}

static int save(struct world *w)
{
    int told = w->told;
    journal_save(&w->journal, &w->call, on_saved);
    assert_int_equal(w->told, told); /* From the loop. */
    assert_int_equal(uv_run(&w->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(w->told, told + 1);
    return w->rc;
}

static void learn(struct world *w, struct store_erased one)
{
    journal_learn(&w->journal, &one, 1);
}

/* As the next start does. */
static int open_again(struct world *w)
{
    char why[JOURNAL_WHY];
    journal_fini(&w->journal);
    int rc = journal_open(&w->journal, w->path, false, why);
    journal_start(&w->journal, &w->loop);
    return rc;
}

static void add_text(const struct world *w, const char *text)
{
    int file = open(w->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    assert_int_equal(close(file), 0);
}

static off_t size_of(const struct world *w)
{
    struct stat stat_of;
    assert_int_equal(stat(w->path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, 0600);
    return stat_of.st_size;
}

static void what_was_saved_is_read_again_each_once(void **state)
{
    struct world *w = *state;
    size_t count;
    learn(w, erased(2, 9, false));
    learn(w, erased(1, 7, true));
    learn(w, erased(2, 9, false));
    assert_int_equal(save(w), 0);
    off_t size = size_of(w);
    learn(w, erased(1, 7, false)); /* Known, and more than that. */
    assert_int_equal(save(w), 0);
    assert_int_equal(size_of(w), size);
    assert_int_equal(open_again(w), 0);
    struct store_erased *list = journal_list(&w->journal, &count);
    assert_int_equal(count, 2);
    assert_true(list[0].practice_id == 1 && list[0].destroyed && list[0].token_hash[0] == 7);
    assert_true(list[1].practice_id == 2 && !list[1].destroyed && list[1].token_hash[31] == 0xff);
    free(list);
}

static void that_the_numbers_went_too_is_said_by_a_second_line(void **state)
{
    struct world *w = *state;
    learn(w, erased(1, 7, false));
    assert_int_equal(save(w), 0);
    learn(w, erased(1, 7, true));
    assert_int_equal(save(w), 0);
    assert_int_equal(open_again(w), 0);
    assert_int_equal(w->journal.count, 1);
    assert_true(w->journal.entries[0].erased.destroyed);
}

static void half_a_line_is_cut_off_and_what_comes_next_stands_whole(void **state)
{
    struct world *w = *state;
    learn(w, erased(1, 7, false));
    assert_int_equal(save(w), 0);
    off_t size = size_of(w);
    add_text(w, "erased 1 1 00ab");
    assert_int_equal(open_again(w), 0);
    assert_int_equal(size_of(w), size);
    learn(w, erased(1, 8, false));
    assert_int_equal(save(w), 0);
    assert_int_equal(open_again(w), 0);
    assert_int_equal(w->journal.count, 2);
}

static void half_a_line_of_another_server_is_cut_off_by_the_next_that_writes(void **state)
{
    struct world *w = *state;
    struct world other = *w;
    char why[JOURNAL_WHY];
    assert_int_equal(journal_open(&other.journal, w->path, false, why), 0);
    learn(&other, erased(1, 7, false));
    journal_start(&other.journal, &w->loop);
    journal_save(&other.journal, &other.call, on_saved);
    assert_int_equal(uv_run(&w->loop, UV_RUN_DEFAULT), 0);
    journal_fini(&other.journal);
    add_text(w, "erased 1 1 00ab"); /* And there it ended. */
    learn(w, erased(1, 8, false));
    assert_int_equal(save(w), 0);
    assert_int_equal(open_again(w), 0);
    assert_int_equal(w->journal.count, 2);
}

static void a_line_that_is_none_is_found(void **state)
{
    struct world *w = *state;
    static const char *const lines[] = {"\n", "erased 1 1 00 keep\n", "erased 2 1 00 keep\n"};
    char good[JOURNAL_LINE], changed[JOURNAL_LINE];
    struct store_erased one = erased(3, 5, true), read;
    size_t len = journal_line(&one, good);
    assert_true(journal_read_line(good, len, &read));
    assert_memory_equal(read.token_hash, one.token_hash, sizeof one.token_hash);
    for (size_t at = 0; at < len; at++) { /* Whatever is changed makes it none, or another one. */
        memcpy(changed, good, len);
        changed[at] ^= 1;
        assert_true(!journal_read_line(changed, len, &read) || read.practice_id != 3 ||
                    memcmp(read.token_hash, one.token_hash, sizeof one.token_hash) != 0);
        assert_false(journal_read_line(good, at, &read));
    }
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        add_text(w, lines[i]);
        assert_int_equal(open_again(w), ERR_CONFIG);
        assert_int_equal(truncate(w->path, 0), 0);
    }
    assert_int_equal(open_again(w), 0);
}

static void a_file_that_is_only_judged_is_not_made(void **state)
{
    struct world *w = *state;
    char why[JOURNAL_WHY];
    journal_fini(&w->journal);
    assert_int_equal(unlink(w->path), 0);
    assert_int_equal(journal_open(&w->journal, w->path, true, why), 0);
    assert_int_equal(access(w->path, F_OK), -1);
}

static void a_full_disk_is_told_and_the_next_call_tries_again(void **state)
{
    struct world *w = *state;
    int file = w->journal.file;
    w->journal.file = open("/dev/full", O_WRONLY | O_APPEND | O_CLOEXEC);
    learn(w, erased(1, 7, false));
    assert_int_equal(save(w), ERR_DISK);
    assert_int_equal(close(w->journal.file), 0);
    w->journal.file = file;
    assert_int_equal(save(w), 0);
    assert_int_equal(open_again(w), 0);
    assert_int_equal(w->journal.count, 1);
}

static void without_a_file_it_is_remembered_all_the_same(void **state)
{
    struct world *w = *state;
    struct journal only = {.file = 0};
    char why[JOURNAL_WHY];
    struct store_erased one = erased(1, 7, false);
    (void)w;
    assert_int_equal(journal_open(&only, "", false, why), 0);
    journal_learn(&only, &one, 1);
    assert_int_equal(only.count, 1);
    journal_fini(&only);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_saved_is_read_again_each_once),
        TEST(that_the_numbers_went_too_is_said_by_a_second_line),
        TEST(half_a_line_is_cut_off_and_what_comes_next_stands_whole),
        TEST(half_a_line_of_another_server_is_cut_off_by_the_next_that_writes),
        TEST(a_line_that_is_none_is_found),
        TEST(a_file_that_is_only_judged_is_not_made),
        TEST(a_full_disk_is_told_and_the_next_call_tries_again),
        TEST(without_a_file_it_is_remembered_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
