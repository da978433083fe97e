#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "spool_disk.h"

enum { IN_FOLDER = 2 /* bad and refused */ };

static const uint8_t id_a[LIMIT_ID_SIZE] = {0xaa, 1};
static const uint8_t id_b[LIMIT_ID_SIZE] = {0xbb, 2};
static const uint8_t record_a[] = "a record of one kiosk";
#define NAME_A "aa010000000000000000000000000000"

static int set_up(void **state)
{
    static struct disk disk;
    disk_init(&disk);
    *state = &disk;
    return disk_open(&disk, NULL);
}

static int tear_down(void **state)
{
    disk_fini(*state);
    return 0;
}

static void save_a(struct disk *d)
{
    assert_int_equal(spool_save(&d->spool, id_a, record_a, sizeof record_a), 0);
}

static void assert_reads_a(struct disk *d)
{
    uint8_t room[SPOOL_RECORD_SIZE];
    size_t len = 0;
    assert_int_equal(spool_read(&d->spool, id_a, room, &len), 0);
    assert_int_equal(len, sizeof record_a);
    assert_memory_equal(room, record_a, len);
}

static void what_is_saved_is_there_after_a_restart(void **state)
{
    struct disk *d = *state;
    save_a(d);
    assert_reads_a(d);
    assert_int_equal(disk_open(d, NULL), 0);
    assert_int_equal(disk_unsent(d), 1);
    assert_memory_equal(d->seen[0].id, id_a, LIMIT_ID_SIZE);
    assert_int_equal(d->bad, 0);
    assert_reads_a(d);
}

static void only_the_owner_can_look_into_it(void **state)
{
    struct disk *d = *state;
    struct stat stat_buffer;
    save_a(d);
    assert_int_equal(stat(d->folder, &stat_buffer), 0);
    assert_int_equal(stat_buffer.st_mode & 0777, 0700);
    assert_int_equal(stat(disk_path(d, NAME_A ".rating"), &stat_buffer), 0);
    assert_int_equal(stat_buffer.st_mode & 0777, 0600);
}

static void a_sent_record_is_not_sent_again_and_goes_when_told(void **state)
{
    struct disk *d = *state;
    save_a(d);
    assert_int_equal(spool_mark_sent(&d->spool, id_a), 0);
    assert_int_equal(disk_open(d, NULL), 0);
    assert_int_equal(disk_sent(d), 1);
    assert_int_equal(disk_unsent(d), 0);
    assert_int_equal(spool_remove(&d->spool, id_a), 0);
    assert_int_equal(spool_remove(&d->spool, id_a), 0);
    assert_int_equal(disk_files(d, "."), IN_FOLDER);
}

static void a_sent_record_that_is_asked_for_is_unsent_again_also_after_a_restart(void **state)
{
    struct disk *d = *state;
    save_a(d);
    assert_int_equal(spool_mark_unsent(&d->spool, id_a), ERR_DISK); /* It is not marked. */
    assert_int_equal(spool_mark_sent(&d->spool, id_a), 0);
    assert_int_equal(spool_mark_unsent(&d->spool, id_a), 0);
    assert_int_equal(d->spool.unsent, 1);
    assert_reads_a(d);
    assert_int_equal(disk_open(d, NULL), 0);
    assert_int_equal(disk_sent(d), 0);
    assert_int_equal(disk_unsent(d), 1);
    assert_int_equal(spool_mark_sent(&d->spool, id_a), 0);
}

static void the_day_counts_from_the_acknowledgement(void **state)
{
    struct disk *d = *state;
    save_a(d);
    static const struct timespec long_ago[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    assert_int_equal(utimensat(AT_FDCWD, disk_path(d, NAME_A ".rating"), long_ago, 0), 0);
    assert_int_equal(spool_mark_sent(&d->spool, id_a), 0);
    assert_int_equal(disk_open(d, NULL), 0);
    assert_true(d->seen[0].age_ms < 3600 * 1000);
    assert_int_equal(utimensat(AT_FDCWD, disk_path(d, NAME_A ".sent"), long_ago, 0), 0);
    assert_int_equal(disk_open(d, NULL), 0);
    assert_true(d->seen[0].age_ms > (int64_t)24 * 3600 * 1000);
}

static void a_refused_record_is_kept_with_its_reason(void **state)
{
    struct disk *d = *state;
    save_a(d);
    assert_int_equal(spool_refuse(&d->spool, id_a, ERR_TICKET_USED), 0);
    assert_int_equal(access(disk_path(d, "refused/" NAME_A ".TICKET_USED"), F_OK), 0);
    assert_int_equal(disk_open(d, NULL), 0);
    assert_int_equal(d->seen_count, 0);
    assert_int_equal(disk_files(d, "refused"), 1);
}

static void the_same_id_is_saved_once(void **state)
{
    struct disk *d = *state;
    save_a(d);
    assert_int_equal(spool_save(&d->spool, id_a, record_a, 3), ERR_CONFLICT);
    assert_reads_a(d);
    assert_int_equal(spool_mark_sent(&d->spool, id_a), 0);
    assert_int_equal(spool_save(&d->spool, id_a, record_a, 3), ERR_CONFLICT);
}

static void a_second_program_is_turned_away(void **state)
{
    struct disk *d = *state;
    struct disk other = *d;
    spool_init(&other.spool, NULL);
    uint32_t bad;
    assert_int_equal(spool_open(&other.spool, d->folder, NULL, &bad), ERR_DISK);
    assert_non_null(strstr(other.spool.why, "another program"));
    spool_fini(&other.spool);
    save_a(d);
}

static void a_missing_parent_is_told_by_name(void **state)
{
    (void)state;
    struct spool s;
    uint32_t bad;
    spool_init(&s, NULL);
    assert_int_equal(spool_open(&s, "/nonexistent/spool", NULL, &bad), ERR_DISK);
    assert_non_null(strstr(s.why, "/nonexistent/spool"));
    assert_non_null(strstr(s.why, "No such file"));
    spool_fini(&s);
}

static void the_oldest_comes_first(void **state)
{
    struct disk *d = *state;
    save_a(d);
    assert_int_equal(spool_save(&d->spool, id_b, record_a, 3), 0);
    static const struct timespec long_ago[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    assert_int_equal(
        utimensat(AT_FDCWD, disk_path(d, "bb020000000000000000000000000000.rating"), long_ago, 0),
        0);
    assert_int_equal(disk_open(d, NULL), 0);
    assert_memory_equal(d->seen[0].id, id_b, LIMIT_ID_SIZE);
    assert_memory_equal(d->seen[1].id, id_a, LIMIT_ID_SIZE);
}

/* Goal: power lost at any byte of a file: no crash, the torn one aside, the others untouched. */
static void a_file_cut_at_any_byte_is_set_aside(void **state)
{
    struct disk *d = *state;
    uint8_t file[SPOOL_FILE_SIZE];
    size_t size = spool_file_put(file, id_b, record_a, sizeof record_a);
    save_a(d);
    for (size_t cut = 0; cut < size; cut++) {
        disk_put(d, "bb020000000000000000000000000000.rating", file, cut);
        assert_int_equal(disk_open(d, NULL), 0);
        assert_int_equal(d->bad, 1);
        assert_int_equal(disk_unsent(d), 1);
        assert_reads_a(d);
        assert_int_equal(disk_files(d, "bad"), cut + 1); /* None pushes out another. */
    }
    disk_put(d, "bb020000000000000000000000000000.rating", file, size);
    assert_int_equal(disk_open(d, NULL), 0);
    assert_int_equal(disk_unsent(d), 2);
    printf("fault=power_lost cuts=%zu set_aside=%zu intact=1 crashes=0\n", size, size);
}

static void a_flipped_bit_is_seen_at_the_start_and_when_reading(void **state)
{
    struct disk *d = *state;
    uint8_t file[SPOOL_FILE_SIZE], room[SPOOL_RECORD_SIZE];
    size_t len, size = spool_file_put(file, id_a, record_a, sizeof record_a);
    unsigned seen = 0;
    for (size_t bit = 0; bit < size * 8; bit++) { /* All of them, as bytes; */
        file[bit / 8] ^= (uint8_t)(1U << bit % 8);
        seen += spool_file_whole(file, size, id_a) ? 0 : 1;
        file[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_int_equal(seen, size * 8);
    printf("fault=bits_flipped flips=%zu set_aside=%u crashes=0\n", size * 8, seen);
    for (size_t at = 0; at < size; at += 5) { /* some, on a disk. */
        file[at] ^= 0x10;
        disk_put(d, NAME_A ".sent", file, size);
        assert_int_equal(disk_open(d, NULL), 0);
        assert_int_equal(d->bad, 1);
        assert_int_equal(d->seen_count, 0);
        file[at] ^= 0x10;
    }
    save_a(d);
    file[size - 1] ^= 1;
    disk_put(d, NAME_A ".rating", file, size);
    assert_int_equal(spool_read(&d->spool, id_a, room, &len), ERR_FIELD);
    assert_int_equal(access(disk_path(d, NAME_A ".rating"), F_OK), -1);
}

static void a_record_that_vanished_is_told(void **state)
{
    struct disk *d = *state;
    uint8_t room[SPOOL_RECORD_SIZE];
    size_t len;
    save_a(d);
    assert_int_equal(unlink(disk_path(d, NAME_A ".rating")), 0);
    assert_int_equal(spool_read(&d->spool, id_a, room, &len), ERR_FIELD);
    assert_int_equal(spool_mark_sent(&d->spool, id_a), ERR_DISK);
}

static void strange_files_are_set_aside_and_half_ones_removed(void **state)
{
    struct disk *d = *state;
    disk_put(d, "notes.txt", "hello", 5);
    disk_put(d, NAME_A ".tmp", "half", 4);
    disk_put(d, NAME_A ".other", "x", 1);
    uint8_t file[SPOOL_FILE_SIZE];
    size_t size = spool_file_put(file, id_a, record_a, sizeof record_a);
    disk_put(d, "../elsewhere", file, size); /* Whole, and still not ours. */
    assert_int_equal(symlink("../elsewhere", disk_path(d, NAME_A ".rating")), 0);
    assert_int_equal(mkdir(disk_path(d, "folder"), 0700), 0);
    assert_int_equal(mkdir(disk_path(d, "bb020000000000000000000000000000.rating"), 0700), 0);
    assert_int_equal(mkfifo(disk_path(d, "bb020000000000000000000000000000.sent"), 0600), 0);
    assert_int_equal(disk_open(d, NULL), 0);
    assert_int_equal(d->seen_count, 0);
    assert_int_equal(d->bad, 6);
    assert_int_equal(disk_files(d, "."), IN_FOLDER);
    assert_int_equal(disk_files(d, "bad"), 6);
}

/* Goal: no false "saved". Method: every call to the disk fails once, and what spool_save said is
 * held against what a restart finds. */
static void a_disk_that_fails_anywhere_never_says_saved(void **state)
{
    struct disk *d = *state;
    int failed = 0, saved = 0;
    for (int n = 1; saved == 0; n++) {
        assert_int_equal(disk_open(d, disk_failing(0)), 0);
        (void)disk_failing(n);
        int rc = spool_save(&d->spool, id_a, record_a, sizeof record_a);
        if (rc == 0) {
            assert_true(disk_calls() < n);
            saved++;
        } else {
            assert_int_equal(rc, ERR_DISK);
            assert_non_null(strstr(d->spool.why, "Input/output error"));
            failed++;
        }
        assert_int_equal(disk_open(d, NULL), 0);
        assert_int_equal(disk_unsent(d), rc == 0 ? 1 : 0);
        assert_int_equal(disk_files(d, "."), IN_FOLDER + (rc == 0 ? 1 : 0));
    }
    assert_true(failed >= 4); /* Writes, sync, rename, sync. */
    printf("fault=write_or_sync_fails calls=%d refused=%d saved=%d false_saved=0\n", failed, failed,
           saved);
    assert_reads_a(d);
}

/* Goal: the order in which things reach the disk: a rename that is durable before the bytes are
 * would leave a torn record under its final name. */
static void bytes_are_synced_before_the_name_and_the_name_before_saved(void **state)
{
    struct disk *d = *state;
    assert_int_equal(disk_open(d, disk_failing(0)), 0);
    (void)disk_failing(0);
    save_a(d);
    size_t writes = strspn(disk_log(), "w");
    assert_true(writes > 1);
    assert_string_equal(disk_log() + writes, "frd");
    (void)disk_failing(0);
    assert_int_equal(spool_mark_sent(&d->spool, id_a), 0);
    assert_string_equal(disk_log(), "rd");
    assert_int_equal(spool_save(&d->spool, id_b, record_a, 3), 0);
    (void)disk_failing(0);
    assert_int_equal(spool_refuse(&d->spool, id_b, ERR_FIELD), 0);
    assert_string_equal(disk_log(), "rdd");
}

static void a_mark_that_fails_leaves_the_record_to_be_sent_or_sent(void **state)
{
    struct disk *d = *state;
    save_a(d);
    for (int n = 1; n <= 2; n++) {
        assert_int_equal(disk_open(d, disk_failing(0)), 0);
        (void)disk_failing(n);
        assert_int_equal(spool_mark_sent(&d->spool, id_a), ERR_DISK);
        assert_int_equal(disk_open(d, NULL), 0);
        assert_int_equal(d->seen_count, 1);
    }
}

static void ten_thousand_unsent_are_enough(void **state)
{
    struct disk *d = *state;
    d->spool.unsent = SPOOL_RECORDS_MAX - 1;
    save_a(d);
    assert_int_equal(spool_save(&d->spool, id_b, record_a, 3), ERR_DISK);
    assert_non_null(strstr(d->spool.why, "10000"));
    assert_int_equal(spool_mark_sent(&d->spool, id_a), 0);
    assert_int_equal(spool_save(&d->spool, id_b, record_a, 3), 0);
}

static void the_practice_s_key_is_kept_beside_the_records_and_replaced_whole(void **state)
{
    struct disk *d = *state;
    static const uint8_t key[32] = {7, 7}, other[32] = {8, 8};
    uint8_t room[SPOOL_RECORD_SIZE];
    size_t len = 0;
    assert_int_equal(spool_read_key(&d->spool, room, &len), ERR_FIELD); /* Never offered. */
    assert_string_equal(d->spool.why, "");
    save_a(d);
    assert_int_equal(spool_keep_key(&d->spool, key, sizeof key), 0);
    assert_int_equal(spool_keep_key(&d->spool, other, sizeof other), 0);
    assert_int_equal(disk_open(d, NULL), 0);
    assert_int_equal(disk_unsent(d), 1);
    assert_int_equal(d->bad, 0);
    assert_int_equal(spool_read_key(&d->spool, room, &len), 0);
    assert_int_equal(len, sizeof other);
    assert_memory_equal(room, other, len);

    disk_put(d, "00000000000000000000000000000000.key", key, sizeof key); /* Torn. */
    assert_int_equal(spool_read_key(&d->spool, room, &len), ERR_FIELD);
    assert_non_null(strstr(d->spool.why, "bad/"));
    assert_int_equal(disk_files(d, "bad"), 1);
    disk_put(d, "aa000000000000000000000000000000.key", key, sizeof key); /* No key of ours. */
    assert_int_equal(disk_open(d, NULL), 0);
    assert_int_equal(d->bad, 1);
}

/* Goal: whichever step fails, the record that is there is the old or the new one. */
static void other_bytes_for_a_record_are_there_whole_or_not_at_all(void **state)
{
    struct disk *d = *state;
    static const uint8_t sealed[] = "the same, sealed";
    uint8_t room[SPOOL_RECORD_SIZE];
    size_t len;
    int rc = -1;
    save_a(d);
    for (int n = 1; rc != 0; n++) {
        assert_true(n < 100);
        d->spool.system = disk_failing(n);
        rc = spool_replace(&d->spool, id_a, sealed, sizeof sealed);
        assert_int_equal(disk_open(d, NULL), 0);
        assert_int_equal(disk_unsent(d), 1);
        assert_int_equal(d->bad, 0);
        assert_int_equal(spool_read(&d->spool, id_a, room, &len), 0);
        bool fresh = len == sizeof sealed && memcmp(room, sealed, len) == 0;
        bool old = len == sizeof record_a && memcmp(room, record_a, len) == 0;
        assert_true(rc == 0 ? fresh : fresh || old);
    }
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        EACH(what_is_saved_is_there_after_a_restart),
        EACH(only_the_owner_can_look_into_it),
        EACH(a_sent_record_is_not_sent_again_and_goes_when_told),
        EACH(a_sent_record_that_is_asked_for_is_unsent_again_also_after_a_restart),
        EACH(the_day_counts_from_the_acknowledgement),
        EACH(a_refused_record_is_kept_with_its_reason),
        EACH(the_same_id_is_saved_once),
        EACH(a_second_program_is_turned_away),
        EACH(a_missing_parent_is_told_by_name),
        EACH(the_oldest_comes_first),
        EACH(a_file_cut_at_any_byte_is_set_aside),
        EACH(a_flipped_bit_is_seen_at_the_start_and_when_reading),
        EACH(a_record_that_vanished_is_told),
        EACH(strange_files_are_set_aside_and_half_ones_removed),
        EACH(a_disk_that_fails_anywhere_never_says_saved),
        EACH(bytes_are_synced_before_the_name_and_the_name_before_saved),
        EACH(a_mark_that_fails_leaves_the_record_to_be_sent_or_sent),
        EACH(ten_thousand_unsent_are_enough),
        EACH(the_practice_s_key_is_kept_beside_the_records_and_replaced_whole),
        EACH(other_bytes_for_a_record_are_there_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
