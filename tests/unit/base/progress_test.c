#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/base/progress.h"

static void the_bar_is_as_full_as_the_work(void **state)
{
    (void)state;
    static const struct {
        unsigned percent;
        const char *line;
    } table[] = {
        {0, "rates [                    ]   0 %"},   {4, "rates [                    ]   4 %"},
        {5, "rates [#                   ]   5 %"},   {99, "rates [################### ]  99 %"},
        {100, "rates [####################] 100 %"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char room[PROGRESS_LINE];
        assert_string_equal(progress_line("rates", table[i].percent, room), table[i].line);
    }
}

/* Goal: into a pipe nothing is written, and what is done is counted, never beyond the total.
 * Method: standard error is a pipe for the while. */
static void into_a_pipe_nothing_is_written(void **state)
{
    (void)state;
    int ends[2], kept = dup(STDERR_FILENO);
    char byte;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    close(ends[1]);
    struct progress p;
    progress_init(&p, "rates", 10);
    progress_add(&p, 4);
    uint64_t part = p.done;
    progress_add(&p, 40);
    progress_end(&p);
    assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
    close(kept);
    assert_int_equal(read(ends[0], &byte, 1), 0);
    close(ends[0]);
    assert_int_equal(part, 4);
    assert_int_equal(p.done, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bar_is_as_full_as_the_work),
        cmocka_unit_test(into_a_pipe_nothing_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
