/* Goal: each rule but the first three (rules_test.c) fires on its line and on neither side of it,
 * and every rule can say everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "server/aggregator/evaluate.h"

static struct rule_settings settings;

static int set_up(void **state)
{
    (void)state;
    rule_settings_defaults(&settings);
    return 0;
}

static void add(struct history *h, int a, int b, int c, int d)
{
    const int16_t scores[AREAS] = {(int16_t)a, (int16_t)b, (int16_t)c, (int16_t)d};
    memcpy(h->scores[h->count++], scores, sizeof scores);
}

static void add_all(struct history *h, int score)
{
    add(h, score, score, score, score);
}

static void add_skip(struct history *h)
{
    add_all(h, SCORE_MISSING);
    h->skipped[h->count - 1] = true;
}

static enum tier judge(const struct rule *rule, const struct history *h)
{
    struct figures f;
    figures_take(h, &f);
    return rule_judge(rule, &f, &settings);
}

static void tension_needs_no_number(void **state)
{
    (void)state;
    static const enum tier expected[] = {TIER_NONE, TIER_NONE, TIER_AMBER, TIER_RED};
    for (int tension = TENSION_NOT_ANSWERED; tension <= TENSION_UNRESOLVED; tension++) {
        struct history h = {0};
        add_all(&h, tension % 2 == 0 ? 100 : SCORE_MISSING);
        h.tension[0] = (enum tension)tension;
        assert_int_equal(judge(&rule_tension, &h), expected[tension]);
    }
}

static void early_is_for_the_first_three_sessions(void **state)
{
    (void)state;
    for (size_t before = 0; before <= 3; before++) {
        struct history h = {0};
        for (size_t i = 0; i < before; i++) {
            add_skip(&h); /* A session all the same. */
        }
        add_all(&h, 80);
        assert_int_equal(judge(&rule_early, &h), before < 3 ? TIER_AMBER : TIER_NONE);
    }
    for (int score = 59; score <= 61; score++) {
        struct history h = {0};
        add(&h, 100, 100, score, 100);
        assert_int_equal(judge(&rule_early, &h), score <= 60 ? TIER_AMBER : TIER_NONE);
    }
    struct history h = {0};
    add(&h, 81, 80, 80, 80);
    assert_int_equal(judge(&rule_early, &h), TIER_NONE);
}

static void area_drop_names_the_area_three_below_its_median(void **state)
{
    (void)state;
    for (int fit = 69; fit <= 71; fit++) {
        for (size_t earlier = 2; earlier <= 3; earlier++) {
            struct history h = {0};
            for (size_t i = 0; i < earlier; i++) {
                add(&h, 90, 90, 90, 100);
            }
            add(&h, 90, 85, 90, fit);
            enum tier expected = fit <= 70 && earlier == 3 ? TIER_AMBER : TIER_NONE;
            assert_int_equal(judge(&rule_area_drop, &h), expected);
            if (expected == TIER_AMBER) {
                struct figures f;
                figures_take(&h, &f);
                assert_int_equal(rule_area_drop.area(&f, &settings), 3);
            }
        }
    }
}

/* M = 380, s = sqrt(4 × 15² / (3 + 3)) = 12.25, the limit 380 - 2.7 × 12.25 × 0.5 = 363.47; after
 * three at the mean E = 380 - 0.4 × the drop: 41 gives 363.6, 42 gives 363.2. */
static void slide_is_below_the_charts_limit(void **state)
{
    (void)state;
    for (int drop = 40; drop <= 43; drop++) {
        struct history h = {0};
        for (int i = 0; i < 3; i++) {
            add_all(&h, 95);
        }
        add(&h, 95 - drop, 95, 95, 95);
        /* The total is 380 - drop: below 36.0 all along. */
        assert_int_equal(judge(&rule_slide, &h), drop >= 42 ? TIER_RED : TIER_NONE);
    }
    struct history slow = {0};
    for (int i = 0; i < 8; i++) {
        add_all(&slow, 100);
    }
    for (int score = 97; score > 91; score -= 2) {
        add_all(&slow, score);
    }
    assert_int_equal(judge(&rule_slide, &slow), TIER_AMBER); /* Above the cut. */
}

static void area_low_is_three_of_four_and_a_point_below_the_others(void **state)
{
    (void)state;
    for (int low = 1; low <= 4; low++) {
        struct history h = {0};
        for (int i = 0; i < 4; i++) {
            add(&h, 95, i < low ? 75 : 85, 95, 95);
        }
        assert_int_equal(judge(&rule_area_low, &h), low >= 3 ? TIER_PATTERN : TIER_NONE);
    }
    for (int others = 89; others <= 91; others++) {
        struct history h = {0};
        for (int i = 0; i < 4; i++) {
            add(&h, others, others, others, 80);
        }
        assert_int_equal(judge(&rule_area_low, &h), others >= 90 ? TIER_PATTERN : TIER_NONE);
    }
}

static void silent_is_a_skip_after_a_low_one_or_two_of_three(void **state)
{
    (void)state;
    for (int score = 89; score <= 90; score++) {
        struct history h = {0};
        add_all(&h, score);
        add_skip(&h);
        assert_int_equal(judge(&rule_silent, &h), score < 90 ? TIER_AMBER : TIER_NONE);
        add_all(&h, 100);
        assert_int_equal(judge(&rule_silent, &h), TIER_NONE); /* Not a skip. */
        add_skip(&h);
        assert_int_equal(judge(&rule_silent, &h), TIER_AMBER); /* Two of three. */
        add_all(&h, 100);
        add_all(&h, 100);
        add_skip(&h);
        assert_int_equal(judge(&rule_silent, &h), TIER_NONE); /* One of three. */
    }
}

static void strength_is_two_above_in_each_of_three(void **state)
{
    (void)state;
    for (int score = 89; score <= 91; score++) {
        struct history h = {0};
        add(&h, 90, 70, 90, 90);
        add(&h, 90, 95, 90, 90);
        add(&h, 90, score, 90, 90);
        add(&h, 90, 95, 90, 90);
        assert_int_equal(judge(&rule_strength, &h), score >= 90 ? TIER_GOOD : TIER_NONE);
    }
    struct history few = {0};
    for (int i = 0; i < 3; i++) {
        add_all(&few, 100);
    }
    assert_int_equal(judge(&rule_strength, &few), TIER_NONE);
}

/* A course of one score in the third area, with a goal for it agreed at the third rating. */
static enum tier with_goal(const int *scores, size_t count, struct finding *ret_first)
{
    struct history h = {0};
    struct rupture r = {0};
    struct finding found[RULES];
    struct evaluation whole;
    for (size_t i = 0; i < count; i++) {
        add(&h, 95, 95, scores[i], 95);
    }
    h.goals[2] = 1U << 2;
    const struct judgement j = {.history = &h, .settings = &settings, .texts = &texts_english};
    size_t findings = evaluate(&j, &r, &whole, found);
    for (size_t i = 0; i < findings; i++) {
        if (found[i].rule == &rule_strength) {
            *ret_first = found[i];
        }
    }
    return judge(&rule_strength, &h);
}

static void strength_is_also_a_goals_area_a_point_above_what_it_was(void **state)
{
    (void)state;
    struct finding f = {0};
    for (int score = 79; score <= 81; score++) {
        const int met[] = {70, 70, 70, score, score, score};
        assert_int_equal(with_goal(met, 6, &f), score >= 80 ? TIER_GOOD : TIER_NONE);
        assert_int_equal(with_goal(met, 5, &f), TIER_NONE); /* Two after it are too few. */
    }
    assert_string_equal(f.why,
                        "Since the goal for it was agreed, Safety is at least 1.0 above what "
                        "it was before. Something is working.");
    const int stays[] = {70, 70, 70, 80, 80, 80, 80, 80};
    assert_int_equal(with_goal(stays, 7, &f), TIER_NONE); /* It was told at the one before. */
    const int late[] = {70, 70, 70, 70, 70, 85, 85, 85};
    assert_int_equal(with_goal(late, 7, &f), TIER_NONE);
    assert_int_equal(with_goal(late, 8, &f), TIER_GOOD); /* Of five after it, three are above. */
    const int later[] = {70, 70, 70, 70, 70, 70, 85, 85, 85};
    assert_int_equal(with_goal(later, 9, &f), TIER_NONE); /* The sixth after it is another story. */
}

/* Goal: four perfect totals in a row ask, three or a total a tenth lower do not; and it never is an
 * alert. */
static void ceiling_asks_and_says_nothing(void **state)
{
    (void)state;
    for (int last = 99; last <= 100; last++) {
        struct history h = {0};
        struct rupture r = {0};
        struct finding found[RULES];
        struct evaluation whole;
        const struct judgement j = {.history = &h, .settings = &settings, .texts = &texts_english};
        add_all(&h, 100);
        add_all(&h, 100);
        add_all(&h, 100);
        assert_int_equal(judge(&rule_ceiling, &h), TIER_NONE);
        add(&h, 100, 100, 100, last);
        assert_int_equal(judge(&rule_ceiling, &h), last == 100 ? TIER_ASK : TIER_NONE);
        assert_int_equal(evaluate(&j, &r, &whole, found), 0);
        assert_int_equal(whole.ask_better, last == 100);
        assert_int_equal(whole.event, RUPTURE_NONE);
    }
    struct history h = {0};
    add_all(&h, 100);
    add_all(&h, 100);
    add_skip(&h); /* What is missing stands in no row of totals. */
    add_all(&h, 100);
    assert_int_equal(judge(&rule_ceiling, &h), TIER_NONE);
    add_all(&h, 100);
    assert_int_equal(judge(&rule_ceiling, &h), TIER_ASK);
    settings.ceiling_on = 0;
    assert_int_equal(judge(&rule_ceiling, &h), TIER_NONE);
    settings.ceiling_on = 1;
}

/* Goal: in force it has DROP's place, and says how seldom so low a rating is. */
static void unusual_has_drops_place_where_the_practice_says_so(void **state)
{
    (void)state;
    struct client_model m = client_model_default();
    struct chance *chance = chance_new(&m, 1);
    for (int on = 0; on <= 1; on++) {
        struct history h = {0};
        struct rupture r = {0};
        struct finding found[RULES];
        struct evaluation whole;
        settings.unusual_on = on;
        const struct judgement j = {.history = &h,
                                    .settings = &settings,
                                    .chance = on ? chance : NULL,
                                    .texts = &texts_english};
        for (int i = 0; i < 4; i++) {
            add_all(&h, 100);
        }
        add_all(&h, 80);
        size_t count = evaluate(&j, &r, &whole, found);
        assert_true(count > 0);
        assert_int_equal(whole.event, RUPTURE_OPENED);
        assert_string_equal(found[0].rule->id, on ? "UNUSUAL" : "DROP");
        assert_true(!on || strstr(found[0].why, "about once in ") != NULL);
        for (size_t i = 1; i < count; i++) {
            assert_int_not_equal(found[i].tier, TIER_RED);
        }
        h = (struct history){0};
        r = (struct rupture){0};
        add_all(&h, 80); /* No earlier one: nothing to be unusual beside. */
        (void)evaluate(&j, &r, &whole, found);
        assert_int_equal(whole.event, RUPTURE_NONE);
    }
    settings.unusual_on = 0;
    chance_free(chance);
}

/* Goal: always perfect, always zero, never answered: nothing but what is so. */
static void courses_that_never_change(void **state)
{
    (void)state;
    struct history best = {0}, worst = {0}, never = {0};
    for (int i = 0; i < HISTORY_MAX; i++) {
        add_all(&best, 100);
        add_all(&worst, 0);
        add_all(&never, SCORE_MISSING);
        for (size_t rule = 0; rule < RULES; rule++) {
            const struct rule *r = rules_at(rule);
            bool low = r == &rule_very_low || r == &rule_level || (r == &rule_early && i < 3);
            bool asks = r == &rule_ceiling && i >= 3;
            assert_int_equal(judge(r, &best), asks ? TIER_ASK : TIER_NONE);
            assert_int_equal(judge(r, &never), TIER_NONE);
            assert_int_equal(judge(r, &worst) != TIER_NONE, low);
        }
    }
}

static void a_rule_that_is_switched_off_is_silent(void **state)
{
    (void)state;
    struct history h = {0};
    add_all(&h, 40);
    assert_int_equal(judge(&rule_very_low, &h), TIER_RED);
    settings.very_low_on = 0;
    assert_int_equal(judge(&rule_very_low, &h), TIER_NONE);
    settings.very_low_on = 1;
}

/* Goal: every text of every rule can be filled in, late or not, for every area. */
static void every_rule_can_say_everything(void **state)
{
    (void)state;
    char room[TEXT_ROOM];
    for (int area = 0; area < AREAS; area++) {
        struct history h = {0};
        struct figures f;
        for (int i = 0; i < 4; i++) {
            add_all(&h, 90);
        }
        h.scores[3][area] = 20;
        h.tension[3] = TENSION_UNRESOLVED;
        figures_take(&h, &f);
        for (size_t i = 0; i < RULES; i++) {
            const struct rule *r = rules_at(i);
            struct say w = {.texts = &texts_english, .room = room, .size = sizeof room};
            if (r == &rule_ceiling) {
                continue; /* It asks, and tells nothing. */
            }
            if (r != &rule_area_low) { /* It speaks of a pattern that is not there. */
                r->why(&f, &settings, &w);
            }
            SAY(&w, r->rate, NULL);
            SAY(&w, r->next_time, texts_english.at[rule_phrase(area)]);
            assert_null(strchr(room, '{'));
            assert_true(w.len > 40);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tension_needs_no_number),
        cmocka_unit_test(early_is_for_the_first_three_sessions),
        cmocka_unit_test(area_drop_names_the_area_three_below_its_median),
        cmocka_unit_test(slide_is_below_the_charts_limit),
        cmocka_unit_test(area_low_is_three_of_four_and_a_point_below_the_others),
        cmocka_unit_test(silent_is_a_skip_after_a_low_one_or_two_of_three),
        cmocka_unit_test(strength_is_two_above_in_each_of_three),
        cmocka_unit_test(strength_is_also_a_goals_area_a_point_above_what_it_was),
        cmocka_unit_test(ceiling_asks_and_says_nothing),
        cmocka_unit_test(unusual_has_drops_place_where_the_practice_says_so),
        cmocka_unit_test(courses_that_never_change),
        cmocka_unit_test(a_rule_that_is_switched_off_is_silent),
        cmocka_unit_test(every_rule_can_say_everything),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
