/* Method: a failpoint reads the environment once a process, so each case is a child of its own that
 * reports by its exit status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "proto/wire/failpoint.h"

enum { PASSINGS = 4, NEVER = 9, WOKEN = 10, TWICE = 11 };

#ifdef ATTUNE_FAILPOINTS

static volatile sig_atomic_t woken;

static void on_alarm(int number)
{
    (void)number;
    woken = 1;
}

/* The child passes two points PASSINGS times each; it exits with the turn at which the second one
 * failed, NEVER when it did not, WOKEN when an alarm found it asleep, 99 when the first one did. */
static int run_until_woken(const char *armed, useconds_t alarm_us)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(STDERR_FILENO); /* The refusals are not this test's output. */
        (void)setenv("ATTUNE_FAILPOINT", armed, 1);
        int seen = NEVER;
        (void)signal(SIGALRM, on_alarm);
        (void)ualarm(alarm_us, 0); /* 0: none. */
        for (int turn = 1; turn <= PASSINGS; turn++) {
            if (failpoint(FAILPOINT_server_queued) != 0) {
                _exit(99);
            }
            if (failpoint(FAILPOINT_kiosk_before_sync) == ERR_INTERNAL) {
                seen = seen == NEVER ? turn : TWICE;
            }
        }
        _exit(woken ? WOKEN : seen);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static int run(const char *armed)
{
    return run_until_woken(armed, 0);
}

static void the_armed_point_fails_at_its_turn_and_no_other(void **state)
{
    (void)state;
    assert_int_equal(WEXITSTATUS(run("kiosk_before_sync:error")), 1);
    assert_int_equal(WEXITSTATUS(run("kiosk_before_sync:error:3")), 3);
    assert_int_equal(WEXITSTATUS(run("kiosk_before_sync:error:5")), NEVER);
    assert_int_equal(WEXITSTATUS(run("kiosk_after_sync:error")), NEVER);
    assert_int_equal(WEXITSTATUS(run("")), NEVER);
}

static void kill_is_a_kill(void **state)
{
    (void)state;
    int status = run("kiosk_before_sync:kill:2");
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void sleep_delays_and_goes_on(void **state)
{
    (void)state;
    assert_int_equal(WEXITSTATUS(run_until_woken("kiosk_before_sync:sleep:4", 20000)), WOKEN);
}

static void a_misspelled_one_ends_the_program_with_78(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "kiosk_before_sink:error",
        "kiosk_before_syn:error",
        "kiosk_before_sync",
        "kiosk_before_sync:",
        "kiosk_before_sync:explode",
        "kiosk_before_sync:error:",
        "kiosk_before_sync:error:0",
        "kiosk_before_sync:error:x",
        "kiosk_before_sync:error:1x",
        "kiosk_before_sync:errors:1",
        ":error",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int status = run(wrong[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 78);
    }
}

#else

static void without_the_build_option_a_point_is_nothing(void **state)
{
    (void)state;
    assert_int_equal(failpoint(FAILPOINT_kiosk_before_sync), 0);
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef ATTUNE_FAILPOINTS
        cmocka_unit_test(the_armed_point_fails_at_its_turn_and_no_other),
        cmocka_unit_test(kill_is_a_kill),
        cmocka_unit_test(sleep_delays_and_goes_on),
        cmocka_unit_test(a_misspelled_one_ends_the_program_with_78),
#else
        cmocka_unit_test(without_the_build_option_a_point_is_nothing),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
