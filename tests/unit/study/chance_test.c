/* Goal: the chance is the share of ordinary days on which this client rates as low or lower, and
 * nothing odd that a history can hold upsets it. Method: against clients drawn from the model,
 * against a grid four times as fine, and history by history. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "server/aggregator/rules/chance.h"
#include "server/aggregator/study/model.h"

static void course(const struct client_model *m, uint64_t client, size_t sessions,
                   struct history *ret_history)
{
    struct random_stream r;
    struct course_draw d;
    random_init(&r, 5, client);
    model_draw(m, &r, sessions, &d);
    ret_history->count = sessions;
    for (size_t i = 0; i < sessions; i++) {
        model_rate(m, &d, i, 0, ret_history->scores[i]);
    }
}

static struct history all_alike(size_t count, int16_t score)
{
    struct history h = {.count = count};
    for (size_t i = 0; i < count; i++) {
        for (int area = 0; area < AREAS; area++) {
            h.scores[i][area] = score;
        }
    }
    return h;
}

static double take(const struct chance *c, const struct history *h)
{
    double chance = -1;
    assert_true(chance_of(c, h, &chance));
    assert_true(chance > 0 && chance <= 1);
    return chance;
}

static const int steps[] = {1, 2, 4, 5, 10, 20, 25, 50};
enum { STEPS = sizeof steps / sizeof steps[0] };

static void a_higher_total_is_never_less_likely(void **state)
{
    (void)state;
    for (size_t k = 0; k < STEPS; k++) {
        struct client_model m = client_model_default();
        m.step = steps[k];
        struct chance *c = chance_new(&m, 1);
        for (uint64_t client = 0; client < 20; client++) {
            struct history h;
            struct belief b;
            double before = 0;
            course(&m, client, 1 + client, &h);
            belief_init(&b, c);
            for (size_t i = 0; i < h.count; i++) {
                belief_add(&b, c, h.scores[i]);
            }
            for (int total = 0; total <= TOTAL_BEST; total++) {
                double chance = chance_of_total(c, &b, total);
                assert_true(chance >= before);
                before = chance;
            }
            assert_true(before == 1);
        }
        chance_free(c);
    }
}

static void forty_of_forty_is_never_unusual(void **state)
{
    (void)state;
    struct client_model m = client_model_default();
    for (size_t k = 0; k < STEPS; k++) {
        m.step = steps[k];
        struct chance *c = chance_new(&m, 1);
        for (size_t count = 1; count <= HISTORY_MAX; count++) {
            for (int16_t score = 0; score <= 100; score = (int16_t)(score + 50)) {
                struct history h = all_alike(count, score);
                struct history best = all_alike(1, 100);
                memcpy(h.scores[count - 1], best.scores[0], sizeof best.scores[0]);
                assert_true(take(c, &h) == 1);
            }
        }
        chance_free(c);
    }
}

/* Goal: of ordinary ratings a share p has a chance of at most p, and no less than that but for the
 * ceiling's lumps. Method: clients from the model, each judged at the ninth session. */
static void a_chance_of_two_in_a_hundred_comes_up_twice_in_a_hundred(void **state)
{
    (void)state;
    enum { CLIENTS = 20000 };
    struct client_model m = client_model_default();
    m.step = 1;
    struct chance *c = chance_new(&m, 1);
    double rare = 0, seldom = 0;
    for (uint64_t client = 0; client < CLIENTS; client++) {
        struct history h;
        course(&m, client, 9, &h);
        double chance = take(c, &h);
        rare += chance <= 0.02;
        seldom += chance <= 0.10;
    }
    assert_true(fabs(rare / CLIENTS - 0.02) < 0.004);
    assert_true(fabs(seldom / CLIENTS - 0.10) < 0.009);
    chance_free(c);
}

static void a_finer_grid_changes_less_than_two_in_a_hundred(void **state)
{
    (void)state;
    static const struct client_model models[] = {
        {98, 14, 8, 10, 10}, {98, 14, 8, 10, 1}, {102, 18, 10, 12, 10}, {90, 6, 12, 5, 5},
        {85, 20, 2, 8, 10},  {98, 14, 0, 10, 5}, {98, 0, 8, 10, 10},    {80, 3, 3, 20, 25}};
    for (size_t k = 0; k < sizeof models / sizeof models[0]; k++) {
        struct chance *usual = chance_new(&models[k], 1), *fine = chance_new(&models[k], 4);
        for (uint64_t client = 0; client < 60; client++) {
            struct history h;
            course(&models[k], client, 1 + client % HISTORY_MAX, &h);
            for (int fall = 0; fall <= 60; fall += 20) {
                int16_t *judged = h.scores[h.count - 1];
                judged[0] = (int16_t)(judged[0] > fall ? judged[0] - fall : 0);
                double a = take(usual, &h), b = take(fine, &h);
                assert_true(b < 1e-5 || fabs(a / b - 1) < 0.02);
            }
        }
        chance_free(usual);
        chance_free(fine);
    }
}

static void more_ratings_of_the_same_make_a_fall_more_unusual(void **state)
{
    (void)state;
    struct client_model m = client_model_default();
    struct chance *c = chance_new(&m, 1);
    double before = 1;
    for (size_t count = 1; count <= HISTORY_MAX; count++) {
        struct history h = all_alike(count, 100);
        for (int area = 0; area < AREAS; area++) {
            h.scores[count - 1][area] = 80;
        }
        double chance = take(c, &h);
        assert_true(chance < before);
        before = chance;
    }
    /* Nineteen times the best, then 32: seldom, but of someone always at 32 an ordinary day. */
    assert_true(before < 0.01);
    struct history low = all_alike(HISTORY_MAX, 80);
    assert_true(take(c, &low) > 0.4);
    chance_free(c);
}

static void a_missing_area_has_no_chance_and_teaches_nothing(void **state)
{
    (void)state;
    struct client_model m = client_model_default();
    struct chance *c = chance_new(&m, 1);
    struct history h = all_alike(6, 90), without = all_alike(5, 90);
    double chance = -1;
    h.scores[2][1] = SCORE_MISSING;
    assert_true(take(c, &h) == take(c, &without));
    h.scores[5][3] = SCORE_MISSING;
    assert_false(chance_of(c, &h, &chance));
    assert_true(chance == -1);
    chance_free(c);
}

/* Goal: a history that the model all but rules out still has a chance. */
static void the_oddest_histories_have_a_chance(void **state)
{
    (void)state;
    static const struct client_model models[] = {{180, 0, 0, 2, 1},   {20, 60, 60, 2, 1},
                                                 {98, 60, 1, 2, 1},   {98, 1, 60, 2, 1},
                                                 {98, 60, 0, 60, 50}, {180, 1, 1, 2, 50}};
    for (size_t k = 0; k < sizeof models / sizeof models[0]; k++) {
        for (int fineness = 1; fineness <= CHANCE_FINENESS_MAX; fineness++) {
            struct chance *c = chance_new(&models[k], fineness);
            struct history zero = all_alike(HISTORY_MAX, 0), turned = all_alike(HISTORY_MAX, 0);
            for (size_t i = 0; i < HISTORY_MAX; i += 2) {
                turned.scores[i][i % AREAS] = 100;
            }
            (void)take(c, &zero);
            (void)take(c, &turned);
            chance_free(c);
        }
    }
}

static void scores_between_two_steps_count_as_the_nearest(void **state)
{
    (void)state;
    struct client_model m = client_model_default();
    struct chance *c = chance_new(&m, 1);
    struct history between = all_alike(4, 86), on = all_alike(4, 90);
    assert_true(take(c, &between) == take(c, &on));
    chance_free(c);
}

/* Goal: the chances of all possible ratings sum to 1. Method: an instrument of three scores. */
static void all_ratings_together_are_certain(void **state)
{
    (void)state;
    struct client_model m = client_model_default();
    m.step = 50;
    struct chance *c = chance_new(&m, 1);
    struct belief b;
    belief_init(&b, c);
    double sum = 0;
    for (int i = 0; i < 81; i++) {
        const int16_t scores[AREAS] = {(int16_t)(i % 3 * 50), (int16_t)(i / 3 % 3 * 50),
                                       (int16_t)(i / 9 % 3 * 50), (int16_t)(i / 27 * 50)};
        sum += chance_of_scores(c, &b, scores);
    }
    assert_true(fabs(sum - 1) < 1e-6);
    chance_free(c);
}

static void a_chance_is_told_as_a_calm_figure(void **state)
{
    (void)state;
    static const struct {
        double chance;
        int sessions;
    } table[] = {
        {1, 0},        {0.26, 0},      {0.25, 5},      {0.1, 10},        {0.063, 15},
        {0.025, 40},   {1 / 34.0, 30}, {1 / 35.0, 40}, {1 / 170.0, 150}, {1 / 180.0, 200},
        {0.001, 1000}, {0.0006, -1},   {0, -1},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_int_equal(chance_sessions(table[i].chance), table[i].sessions);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_higher_total_is_never_less_likely),
        cmocka_unit_test(forty_of_forty_is_never_unusual),
        cmocka_unit_test(a_chance_of_two_in_a_hundred_comes_up_twice_in_a_hundred),
        cmocka_unit_test(a_finer_grid_changes_less_than_two_in_a_hundred),
        cmocka_unit_test(more_ratings_of_the_same_make_a_fall_more_unusual),
        cmocka_unit_test(a_missing_area_has_no_chance_and_teaches_nothing),
        cmocka_unit_test(the_oddest_histories_have_a_chance),
        cmocka_unit_test(scores_between_two_steps_count_as_the_nearest),
        cmocka_unit_test(all_ratings_together_are_certain),
        cmocka_unit_test(a_chance_is_told_as_a_calm_figure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
