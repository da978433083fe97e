/* Goal: a kiosk that dies between any two steps has saved what it said, and starts again. Method: a
 * child runs one save with a failpoint armed to kill it, and says "saved" through a pipe as a kiosk
 * would on its screen; the parent opens the spool again and holds the two against each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "spool_disk.h"

static const uint8_t the_id[LIMIT_ID_SIZE] = {7};

static _Noreturn void child(struct disk *d, const char *failpoint, int tell)
{
    setenv("ATTUNE_FAILPOINT", failpoint, 1);
    int rc = disk_open(d, NULL);
    rc = rc == 0 ? spool_save(&d->spool, the_id, (const uint8_t *)"abc", 3) : rc;
    if (rc == 0 && write(tell, "s", 1) != 1) {
        _exit(3);
    }
    _exit(rc == 0 ? 0 : 2);
}

/* Runs the child; what it said and how it ended. */
static bool said_saved(struct disk *d, const char *failpoint, int *ret_status)
{
    int ends[2];
    char byte;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        child(d, failpoint, ends[1]);
    }
    close(ends[1]);
    bool said = read(ends[0], &byte, 1) == 1;
    close(ends[0]);
    assert_int_equal(waitpid(pid, ret_status, 0), pid);
    return said;
}

static void what_was_said_to_be_saved_is_there(void **state)
{
    (void)state;
    static const struct {
        const char *failpoint;
        bool said, there;
    } cases[] = {
        {"kiosk_before_write:kill", false, false}, {"kiosk_before_sync:kill", false, false},
        {"kiosk_after_sync:kill", false, true},    {"kiosk_before_write:error", false, false},
        {"kiosk_before_sync:error", false, false}, {"kiosk_after_sync:error", false, false},
        {"kiosk_after_send:kill", true, true},
    };
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        struct disk d;
        int status;
        disk_init(&d);
        bool said = said_saved(&d, cases[at].failpoint, &status);
        assert_int_equal(said, cases[at].said);
        assert_true(said || status != 0);
        assert_int_equal(disk_open(&d, NULL), 0);
        assert_int_equal(d.bad, 0);
        assert_int_equal(disk_unsent(&d), cases[at].there ? 1 : 0);
        disk_fini(&d);
    }
}

int main(void)
{
#ifdef ATTUNE_FAILPOINTS
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_said_to_be_saved_is_there)};
    return cmocka_run_group_tests(tests, NULL, NULL);
#else
    (void)what_was_said_to_be_saved_is_there;
    return 0; /* No failpoints in this build. */
#endif
}
