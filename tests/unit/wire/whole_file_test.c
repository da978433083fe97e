/* Goal: a file is there whole or not at all, and for whom it is meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/wire/err.h"
#include "proto/wire/whole_file.h"

enum { PATH_ROOM = 128, BYTES = 3000 };

static const uint8_t *bytes_of(uint8_t what)
{
    static uint8_t bytes[BYTES];
    memset(bytes, what, sizeof bytes);
    return bytes;
}

static void assert_holds(const char *path, uint8_t what)
{
    uint8_t found[BYTES + 1];
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, found, sizeof found), BYTES);
    assert_int_equal(close(fd), 0);
    assert_memory_equal(found, bytes_of(what), BYTES);
}

static size_t files_in(const char *folder)
{
    char pattern[PATH_ROOM];
    glob_t found;
    (void)snprintf(pattern, sizeof pattern, "%s/*", folder);
    size_t count = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return count;
}

/* Method: a limit on a file's size, in a process of its own. */
static void a_full_disk_leaves_what_was_there(void **state)
{
    (void)state;
    char folder[] = "/tmp/attune-whole-XXXXXX", path[PATH_ROOM];
    int status;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/a.pdf", folder);
    assert_int_equal(whole_file_write(path, bytes_of(1), BYTES, 0600), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct rlimit limit = {500, 500};
        (void)signal(SIGXFSZ, SIG_IGN);
        int rc = setrlimit(RLIMIT_FSIZE, &limit) == 0
                     ? whole_file_write(path, bytes_of(2), BYTES, 0600)
                     : 0;
        _exit(rc == ERR_DISK && errno == EFBIG ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_holds(path, 1);
    assert_int_equal(files_in(folder), 1);
    assert_int_equal(whole_file_write(path, bytes_of(3), BYTES, 0600), 0);
    assert_holds(path, 3);
    assert_int_equal(files_in(folder), 1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void its_mode_is_as_asked_less_what_the_umask_takes(void **state)
{
    (void)state;
    char folder[] = "/tmp/attune-whole-XXXXXX", path[PATH_ROOM];
    struct stat found;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/a", folder);
    mode_t before = umask(027);
    assert_int_equal(whole_file_write(path, bytes_of(1), BYTES, 0666), 0);
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0640);
    assert_int_equal(whole_file_write(path, bytes_of(1), BYTES, 0600), 0);
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    assert_int_equal(umask(before), 027);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void what_cannot_be_written_says_why(void **state)
{
    (void)state;
    char folder[] = "/tmp/attune-whole-XXXXXX", far[PATH_MAX];
    assert_int_equal(whole_file_write("/nowhere/that/is/a.pdf", bytes_of(1), BYTES, 0600),
                     ERR_DISK);
    assert_int_equal(errno, ENOENT);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(whole_file_write(folder, bytes_of(1), BYTES, 0600), ERR_DISK);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(rmdir(folder), 0);
    memset(far, 'a', sizeof far - 1);
    far[sizeof far - 1] = '\0';
    assert_int_equal(whole_file_write(far, bytes_of(1), BYTES, 0600), ERR_DISK);
    assert_int_equal(errno, ENAMETOOLONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_leaves_what_was_there),
        cmocka_unit_test(its_mode_is_as_asked_less_what_the_umask_takes),
        cmocka_unit_test(what_cannot_be_written_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
