#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "server/aggregator/evaluate.h"
#include "server/aggregator/study/model.h"
#include "server/aggregator/study/watch.h"

static struct chance *chance;
static struct rule_settings settings;

static int make_chance(void **state)
{
    (void)state;
    struct client_model m = client_model_default();
    rule_settings_defaults(&settings);
    chance = chance_new(&m, 1);
    return 0;
}

static int free_chance(void **state)
{
    (void)state;
    chance_free(chance);
    return 0;
}

/* Four areas with this total; the first takes the rest. */
static void split(int total, int16_t ret_scores[AREAS])
{
    for (int area = 0; area < AREAS; area++) {
        ret_scores[area] = (int16_t)(total / AREAS + (area == 0 ? total % AREAS : 0));
    }
}

static bool fires(const int *totals, size_t count, size_t watcher)
{
    struct watch w;
    uint32_t fired = 0;
    watch_init(&w, chance, &settings);
    for (size_t i = 0; i < count; i++) {
        int16_t scores[AREAS];
        split(totals[i], scores);
        fired = watch_add(&w, scores);
    }
    return (fired >> watcher & 1) != 0;
}

#define FIRES(watcher, ...)                                                                        \
    fires((const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int), watcher)

static void the_usual_rules_fire_on_their_lines(void **state)
{
    (void)state;
    assert_false(FIRES(WATCHER_TOTAL, 360));
    assert_true(FIRES(WATCHER_TOTAL, 359));
    assert_false(FIRES(WATCHER_CHANGE, 400, 391));
    assert_true(FIRES(WATCHER_CHANGE, 400, 390));
    assert_true(FIRES(WATCHER_CHANGE, 350, 355));
    assert_false(FIRES(WATCHER_AREA, 360));
    assert_true(FIRES(WATCHER_AREA, 359));
    assert_false(FIRES(WATCHER_FALL, 400, 361));
    assert_true(FIRES(WATCHER_FALL, 400, 360));
    assert_false(FIRES(WATCHER_FALL, 300, 400, 400));
}

/* Steady at 38: the deviation counts as a point, so the line is two points below. Three earlier
 * ones are too few. */
static void the_chart_needs_four_and_two_deviations(void **state)
{
    (void)state;
    assert_false(FIRES(WATCHER_CHART, 380, 380, 380, 200));
    assert_false(FIRES(WATCHER_CHART, 380, 380, 380, 380, 360));
    assert_true(FIRES(WATCHER_CHART, 380, 380, 380, 380, 359));
    /* Deviation of 340, 380, 340, 380: 23.1; median 360. */
    assert_false(FIRES(WATCHER_CHART, 340, 380, 340, 380, 314));
    assert_true(FIRES(WATCHER_CHART, 340, 380, 340, 380, 313));
}

static void unusual_needs_an_earlier_rating(void **state)
{
    (void)state;
    assert_false(FIRES(WATCHER_UNUSUAL_9, 40));
    assert_true(FIRES(WATCHER_UNUSUAL_2, 400, 40));
    assert_false(FIRES(WATCHER_UNUSUAL_9, 40, 400));
}

/* Goal: what is measured is what the product does. Method: evaluate() beside the watch, session by
 * session, on low and lively courses. */
static void our_rules_fire_as_evaluate_says(void **state)
{
    (void)state;
    const struct client_model m = {.mean = 90, .client = 14, .session = 15, .area = 15, .step = 5};
    size_t prompts = 0;
    for (uint64_t client = 0; client < 300; client++) {
        struct random_stream r;
        struct course_draw d;
        struct watch w;
        struct history h = {0};
        struct rupture rupture = {0};
        const struct judgement j = {.history = &h, .settings = &settings, .texts = &texts_english};
        random_init(&r, 9, client);
        model_draw(&m, &r, HISTORY_MAX, &d);
        watch_init(&w, chance, &settings);
        for (size_t i = 0; i < HISTORY_MAX; i++) {
            struct finding found[RULES];
            struct evaluation whole;
            model_rate(&m, &d, i, 0, h.scores[h.count++]);
            size_t count = evaluate(&j, &rupture, &whole, found);
            uint32_t judged = watch_judge(&w, h.scores[i]), added = watch_add(&w, h.scores[i]);
            assert_int_equal(judged, added); /* Judging left nothing behind. */
            bool is_told = false;
            for (size_t k = 0; k < count; k++) {
                is_told = is_told || found[k].tier == TIER_RED;
                for (size_t rule = 0; rule < RULES; rule++) {
                    bool is_it = found[k].rule == rules_at(rule) && found[k].rule != &rule_repair;
                    assert_true(!is_it || (added >> (WATCHER_RULES + rule) & 1) != 0);
                }
            }
            assert_int_equal(added >> WATCHER_RED & 1, is_told);
            prompts += count;
        }
    }
    assert_true(prompts > 1000);
}

static void every_watcher_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < WATCHERS; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(watcher_name(i), watcher_name(k));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_usual_rules_fire_on_their_lines),
        cmocka_unit_test(the_chart_needs_four_and_two_deviations),
        cmocka_unit_test(unusual_needs_an_earlier_rating),
        cmocka_unit_test(our_rules_fire_as_evaluate_says),
        cmocka_unit_test(every_watcher_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, make_chance, free_chance);
}
