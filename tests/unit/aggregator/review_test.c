/* Goal: which ratings of a claim are evaluated, and with which history. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/aggregator/review.h"

enum { ROWS_MAX = 400 };

struct rows {
    struct store_claimed at[ROWS_MAX];
    size_t count;
};

static const struct store_rules defaults = {0};

static void add(struct rows *r, int64_t course, int16_t score, bool claimed)
{
    struct store_claimed *c = &r->at[r->count];
    *c = (struct store_claimed){.practice_id = 1,
                                .course_id = course,
                                .claimed = claimed,
                                .late = !claimed,
                                .language = "en",
                                .rules = &defaults};
    for (int i = 0; i < STORE_AREAS; i++) {
        c->scores[i] = score;
    }
    c->rating_id[0] = (uint8_t)r->count;
    c->rating_id[1] = (uint8_t)(r->count++ >> 8);
}

static void only_what_is_claimed_is_judged(void **state)
{
    (void)state;
    struct rows rows = {0};
    struct review review;
    add(&rows, 1, 40, false); /* Very low, and told long ago. */
    add(&rows, 1, 40, true);
    review_init(&review, NULL);
    review_take(&review, rows.at, rows.count);
    assert_int_equal(review.evaluated, 1);
    assert_int_equal(review.count, 3);
    assert_ptr_equal(review.alerts[0].rating, &rows.at[1]);
    assert_string_equal(review.alerts[0].rule, "VERY_LOW");
    assert_int_equal(review.alerts[0].tier, STORE_TIER_RED);
    assert_false(review.alerts[0].late);
    assert_string_equal(review.alerts[1].rule, "EARLY");
    assert_string_equal(review.alerts[2].rule, "LEVEL");
    assert_int_equal(review.alerts[2].tier, STORE_TIER_AMBER);
    assert_int_equal(review.alerts[2].usual[0], 40);
    review_fini(&review);
}

static void all_after_a_late_one_are_judged_again(void **state)
{
    (void)state;
    struct rows rows = {0};
    struct review review;
    add(&rows, 1, 40, false);
    add(&rows, 1, 40, true);
    for (int i = 0; i < 40; i++) {
        add(&rows, 1, 40, false);
    }
    review_init(&review, NULL);
    review_take(&review, rows.at, rows.count);
    assert_int_equal(review.evaluated, 41);
    for (size_t i = 0; i < review.count; i++) {
        assert_true(review.alerts[i].late || review.alerts[i].rating == &rows.at[1]);
    }
    review_fini(&review);
}

/* Goal: a course's length makes no difference. Method: 400 ratings, each tenth very low, claimed at
 * once and one by one: the same alerts. */
static void a_course_of_four_hundred_is_judged_as_one_of_twenty(void **state)
{
    (void)state;
    static struct rows rows;
    struct review all, one;
    size_t alerts = 0, ruptures = 0;
    rows.count = 0;
    for (int i = 0; i < ROWS_MAX; i++) {
        add(&rows, 1, i % 10 == 9 ? 40 : 95, true);
    }
    review_init(&all, NULL);
    review_take(&all, rows.at, rows.count);
    assert_int_equal(all.evaluated, ROWS_MAX);
    assert_int_equal(all.ask_count, 1);
    review_init(&one, NULL);
    for (size_t last = 0; last < ROWS_MAX; last++) {
        size_t from = last + 1 > HISTORY_MAX + 4 ? last + 1 - HISTORY_MAX - 4 : 0;
        for (size_t i = from; i <= last; i++) {
            rows.at[i].claimed = i == last;
        }
        review_take(&one, rows.at + from, last + 1 - from);
        assert_int_equal(one.evaluated, 1);
        for (size_t i = 0; i < one.count; i++) {
            assert_string_equal(one.alerts[i].rule, all.alerts[alerts + i].rule);
            assert_int_equal(one.alerts[i].tier, all.alerts[alerts + i].tier);
            assert_string_equal(one.alerts[i].why, all.alerts[alerts + i].why);
        }
        alerts += one.count;
        for (size_t i = 0; i < one.rupture_count; i++) {
            rows.at[last].opened = one.ruptures[i].opened == &rows.at[last];
            bool over = one.ruptures[i].state == STORE_RUPTURE_REPAIRED;
            rows.at[last].ended = over && one.ruptures[i].closed == &rows.at[last];
            ruptures += over;
        }
    }
    assert_int_equal(alerts, all.count);
    assert_int_equal(ruptures, ROWS_MAX / 10 - 1); /* The last one is still open. */
    review_fini(&all);
    review_fini(&one);
}

static void a_course_does_not_look_into_another(void **state)
{
    (void)state;
    struct rows rows = {0};
    struct review review;
    for (int i = 0; i < 3; i++) {
        add(&rows, 1, 100, true);
    }
    add(&rows, 2, 80, true); /* Would be a drop in course 1. */
    add(&rows, 3, 100, false);
    review_init(&review, NULL);
    review_take(&review, rows.at, rows.count);
    assert_int_equal(review.evaluated, 4); /* The last follows none of its own course. */
    assert_int_equal(review.count, 2);
    assert_string_equal(review.alerts[0].rule, "EARLY");
    assert_string_equal(review.alerts[1].rule, "LEVEL");
    assert_int_equal(review.alerts[1].usual[0], STORE_NOT_ANSWERED);
    review_fini(&review);
}

/* Goal: twenty ratings are looked at, no more. Method: the twenty-first before is the only high
 * one. */
static void a_history_ends_after_twenty(void **state)
{
    (void)state;
    for (size_t before = 18; before <= 21; before++) {
        struct rows rows = {0};
        struct review review;
        for (size_t i = 0; i < before; i++) {
            add(&rows, 1, 70, false);
        }
        add(&rows, 1, 70, true);
        review_init(&review, NULL);
        review_take(&review, rows.at, rows.count);
        assert_true(review.count >= 2);
        size_t earlier = 0;
        char inputs[INPUTS_ROOM];
        (void)snprintf(inputs, sizeof inputs, "%s", review.alerts[0].inputs);
        *strstr(inputs, "\"usual_twice\"") = '\0'; /* The lines in force come after. */
        for (const char *at = inputs; (at = strstr(at, "280")) != NULL; at++) {
            earlier++;
        }
        assert_int_equal(earlier, 1 + (before < 19 ? before : 19)); /* Its own total too. */
        review_fini(&review);
    }
}

/* Goal: in whatever portions the ratings of a course are claimed, the last claim of a rating sees
 * the same history. */
static void the_same_rows_give_the_same_alerts(void **state)
{
    (void)state;
    struct rows rows = {0};
    struct review a, b;
    for (int i = 0; i < 30; i++) {
        add(&rows, 1 + i / 10, (int16_t)(100 - 7 * (i % 10)), true);
    }
    review_init(&a, NULL);
    review_init(&b, NULL);
    review_take(&a, rows.at, rows.count);
    review_take(&b, rows.at, rows.count);
    review_take(&b, rows.at, rows.count); /* What was there is replaced. */
    assert_int_equal(a.count, b.count);
    assert_true(a.count > 3);
    for (size_t i = 0; i < a.count; i++) {
        assert_string_equal(a.alerts[i].rule, b.alerts[i].rule);
        assert_string_equal(a.alerts[i].inputs, b.alerts[i].inputs);
    }
    review_fini(&a);
    review_fini(&b);
}

static void an_empty_claim_has_no_alerts(void **state)
{
    (void)state;
    struct review review;
    review_init(&review, NULL);
    review_take(&review, NULL, 0);
    assert_int_equal(review.count, 0);
    review_fini(&review);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_claimed_is_judged),
        cmocka_unit_test(all_after_a_late_one_are_judged_again),
        cmocka_unit_test(a_course_of_four_hundred_is_judged_as_one_of_twenty),
        cmocka_unit_test(a_course_does_not_look_into_another),
        cmocka_unit_test(a_history_ends_after_twenty),
        cmocka_unit_test(the_same_rows_give_the_same_alerts),
        cmocka_unit_test(an_empty_claim_has_no_alerts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
