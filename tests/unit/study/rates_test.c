/* Goal: the published figures come out of the rules as they stand, the same from the same seed.
 * Method: a few thousand clients, so that a threshold moved by a point is seen, in seconds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/aggregator/study/rates.h"
#include "server/aggregator/study/watch.h"

enum { FEW = 500, MANY = 12000 };

static char *print_rates(uint64_t clients, uint64_t seed, size_t workers)
{
    static struct sheet sheets[RATES_SHEETS];
    const struct study_wish wish = {clients, seed, workers};
    struct progress p;
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    assert_non_null(to);
    progress_init(&p, "rates", RATES_PASSES * clients);
    rates_run(&wish, &p, sheets, NULL);
    assert_int_equal(p.done, p.total);
    for (size_t i = 0; i < RATES_SHEETS; i++) {
        sheet_print(&sheets[i], to);
    }
    assert_int_equal(fclose(to), 0);
    return text;
}

static void one_seed_gives_one_table_to_the_byte(void **state)
{
    (void)state;
    char *alone = print_rates(FEW, 5, 1), *together = print_rates(FEW, 5, 3);
    char *other = print_rates(FEW, 6, 3);
    assert_string_equal(alone, together);
    assert_string_not_equal(alone, other);
    free(alone);
    free(together);
    free(other);
}

static void expect_near_the_page(const struct sheet *s, double by)
{
    for (size_t row = 0; row < s->rows; row++) {
        for (size_t column = 0; column < s->columns; column++) {
            const struct figure *f = &s->figures[row][column];
            if (f->beside == BESIDE_PAGE && fabs(f->value - f->other) > 4 * f->error + by) {
                fail_msg("%s, %s: %.3f, not %.2f", s->row_names[row], s->column_names[column],
                         f->value, f->other);
            }
        }
    }
}

/* Four standard errors and half a digit: about .01. A drop of 3.5 or 4.5 instead of 4, a cut or a
 * line for an area moved by a point: each is seen. */
static void the_rules_cost_and_find_what_is_published(void **state)
{
    (void)state;
    static struct sheet s[RATES_SHEETS];
    const struct study_wish wish = {MANY, 1, 2};
    struct progress p;
    progress_init(&p, "rates", RATES_PASSES * MANY);
    rates_run(&wish, &p, s, NULL);
    expect_near_the_page(&s[RATES_RULES], 0.005);
    expect_near_the_page(&s[RATES_FIVE], 0.01);
    expect_near_the_page(&s[RATES_TEN], 0.01);
    assert_int_equal(
        sheet_count(&s[RATES_RULES], "agrees") + sheet_count(&s[RATES_RULES], "differs"), 22);
    assert_int_equal(sheet_count(&s[RATES_UNUSUAL], "reached"), 16);
    assert_int_equal(sheet_count(&s[RATES_UNUSUAL], "missed"), 0);
}

/* Goal: events are ordered as their depth is, and a watcher that prompts more finds more. */
static void more_prompts_find_more_and_deeper_falls_are_found_more(void **state)
{
    (void)state;
    static struct sheet s;
    const struct study_wish wish = {4 * FEW, 3, 2};
    struct progress p;
    progress_init(&p, "simulate", 4 * FEW);
    simulate_run(&wish, &p, &s);
    assert_int_equal(s.rows, WATCHERS);
    assert_int_equal(s.columns, SIMULATE_COLUMNS);
    for (size_t row = 0; row < s.rows; row++) {
        const struct figure *f = s.figures[row];
        const struct rule *rule = row < WATCHER_RULES ? NULL : rules_at(row - WATCHER_RULES);
        if (rule != NULL && rule != &rule_very_low && rule != &rule_drop && rule != &rule_slide &&
            rule != &rule_area_drop && rule != &rule_level) {
            continue; /* Not about falls of the total from the fifth session on. */
        }
        assert_true(f[SIMULATE_PER_SESSION].value < f[SIMULATE_DIP_15].value);
        assert_true(f[SIMULATE_DIP_15].value < f[SIMULATE_DIP_25].value);
        assert_true(f[SIMULATE_IN_FIVE].value < f[SIMULATE_LASTING_15].value);
        assert_true(f[SIMULATE_PER_SESSION].value < f[SIMULATE_IN_EIGHT].value);
        assert_true(f[SIMULATE_DIP_15].value < f[SIMULATE_SLIDE_25].value);
    }
    for (size_t column = 0; column < s.columns; column++) {
        assert_true(s.figures[WATCHER_TOTAL][column].value <=
                    s.figures[WATCHER_CHANGE][column].value);
        assert_true(s.figures[WATCHER_RED][column].value <=
                    s.figures[WATCHER_RED_EACH][column].value);
        assert_true(s.figures[WATCHER_UNUSUAL_2][column].value <
                    s.figures[WATCHER_UNUSUAL_9][column].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_seed_gives_one_table_to_the_byte),
        cmocka_unit_test(the_rules_cost_and_find_what_is_published),
        cmocka_unit_test(more_prompts_find_more_and_deeper_falls_are_found_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
