/* Goal: so many passwords are hashed at once and so many wait, each gets one verdict from the loop,
 * and nothing of it stays in memory. Method: a real loop, real threads, real hashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "server/gateway/hashing.h"

static struct hash_job jobs[6];
static unsigned verdicts, canceled, most_running;
static bool closed;

static void note(struct hash_job *job, int rc)
{
    verdicts++;
    canceled += rc == ERR_CANCELED;
    most_running = job->hashing->running > most_running ? job->hashing->running : most_running;
    for (size_t i = 0; i < sizeof job->password; i++) {
        assert_int_equal(job->password[i], 0);
        assert_int_equal(job->fresh[i], 0);
    }
}

static void on_closed(struct hashing *h)
{
    (void)h;
    closed = true;
}

static int set_up(void **state)
{
    (void)state;
    memset(jobs, 0, sizeof jobs);
    verdicts = canceled = most_running = 0;
    closed = false;
    return 0;
}

static struct hash_job *job(size_t at, const char *password)
{
    (void)snprintf(jobs[at].password, sizeof jobs[at].password, "%s", password);
    return &jobs[at];
}

static void run(uv_loop_t *loop)
{
    assert_int_equal(uv_run(loop, UV_RUN_DEFAULT), 0);
}

static void a_password_is_itself_alone_and_nobodys_is_nobodys(void **state)
{
    (void)state;
    uv_loop_t *loop = uv_default_loop();
    struct hashing h;
    char hash[PASSWORD_HASH];
    hashing_init(&h, 2, 8);
    hashing_start(&h, loop);
    (void)snprintf(jobs[0].fresh, sizeof jobs[0].fresh, "correct horse battery");
    assert_int_equal(hashing_add(&h, &jobs[0], note), 0);
    assert_int_equal(verdicts, 0); /* Not from inside the call. */
    run(loop);
    memcpy(hash, jobs[0].fresh_hash, sizeof hash);
    assert_int_equal(strncmp(hash, "$argon2id$v=19$m=65536,t=3,p=1$", 31), 0);
    static const char *const tried[] = {"correct horse battery", "correct horse batterz", ""};
    for (size_t i = 1; i <= 3; i++) {
        job(i, tried[i - 1])->compares = true;
        memcpy(jobs[i].hash, hash, sizeof hash);
        assert_int_equal(hashing_add(&h, &jobs[i], note), 0);
    }
    job(4, "correct horse battery")->compares = true; /* With nobody's. */
    (void)snprintf(jobs[4].fresh, sizeof jobs[4].fresh, "never made");
    assert_int_equal(hashing_add(&h, &jobs[4], note), 0);
    run(loop);
    assert_int_equal(verdicts, 5);
    assert_true(jobs[1].right && !jobs[2].right && !jobs[3].right && !jobs[4].right);
    assert_int_equal(jobs[4].fresh_hash[0], 0);
    hashing_close(&h, on_closed);
    assert_true(closed);
}

static void the_limits_hold_and_closing_cancels_what_waits(void **state)
{
    (void)state;
    uv_loop_t *loop = uv_default_loop();
    struct hashing h;
    hashing_init(&h, 2, 3);
    hashing_start(&h, loop);
    for (size_t i = 0; i < 5; i++) {
        assert_false(hashing_is_full(&h));
        job(i, "one of five")->compares = true;
        assert_int_equal(hashing_add(&h, &jobs[i], note), 0);
    }
    assert_int_equal(h.running, 2);
    assert_int_equal(h.waiting, 3);
    assert_true(hashing_is_full(&h));
    assert_int_equal(hashing_add(&h, job(5, "one more"), note), ERR_BUSY);
    hashing_close(&h, on_closed);
    assert_int_equal(canceled, 3); /* What waited; the other two are finished first. */
    assert_false(closed);
    assert_int_equal(hashing_add(&h, &jobs[5], note), ERR_CLOSING);
    run(loop);
    assert_true(closed);
    assert_int_equal(verdicts, 5);
    assert_int_equal(canceled, 5);
    assert_true(most_running <= 2);
    assert_int_equal(uv_loop_close(loop), 0);
}

static void whoever_is_gone_takes_nobodys_turn(void **state)
{
    (void)state;
    uv_loop_t *loop = uv_default_loop();
    struct hashing h;
    bool gone = false;
    hashing_init(&h, 1, 3);
    hashing_start(&h, loop);
    for (size_t i = 0; i < 4; i++) {
        job(i, "one of four")->compares = true;
        jobs[i].gone = i == 1 || i == 2 ? &gone : NULL;
        assert_int_equal(hashing_add(&h, &jobs[i], note), 0);
    }
    gone = true;
    run(loop);
    assert_int_equal(verdicts, 4);
    assert_int_equal(canceled, 2);
    assert_int_equal(h.counters.done, 2);
    hashing_close(&h, on_closed);
    assert_true(closed);
}

static void one_time_passwords_differ_and_pass_the_rule(void **state)
{
    (void)state;
    char one[PASSWORD_ONE_TIME + 1], other[PASSWORD_ONE_TIME + 1];
    password_init();
    password_one_time(one);
    password_one_time(other);
    assert_string_not_equal(one, other);
    assert_int_equal(strlen(one), PASSWORD_ONE_TIME);
    assert_int_equal(strspn(one, "abcdefghijkmnpqrstuvwxyz23456789-"), PASSWORD_ONE_TIME);
    assert_true(strlen(one) >= LIMIT_PASSWORD_BYTES_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_password_is_itself_alone_and_nobodys_is_nobodys, set_up),
        cmocka_unit_test_setup(whoever_is_gone_takes_nobodys_turn, set_up),
        cmocka_unit_test_setup(the_limits_hold_and_closing_cancels_what_waits, set_up),
        cmocka_unit_test(one_time_passwords_differ_and_pass_the_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
