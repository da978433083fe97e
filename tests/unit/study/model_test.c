#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "server/aggregator/study/model.h"

enum { CLIENTS = 100000 };

static void draw(const struct client_model *m, uint64_t client, size_t sessions,
                 struct course_draw *ret_draw)
{
    struct random_stream r;
    random_init(&r, 11, client);
    model_draw(m, &r, sessions, ret_draw);
}

static int total(const int16_t s[AREAS])
{
    return s[0] + s[1] + s[2] + s[3];
}

/* Goal: the published figures of such scales come out: mean 36.6, deviation 4.1, 30 % below 36,
 * about a third at 40, and a correlation of .63 between two sessions of a client. */
static void the_defaults_have_the_published_figures(void **state)
{
    (void)state;
    struct client_model m = client_model_default();
    double sum = 0, squares = 0, products = 0, low = 0, best = 0;
    for (uint64_t i = 0; i < CLIENTS; i++) {
        struct course_draw d;
        int16_t first[AREAS], second[AREAS];
        draw(&m, i, 2, &d);
        model_rate(&m, &d, 0, 0, first);
        model_rate(&m, &d, 1, 0, second);
        double a = total(first) / 10.0, b = total(second) / 10.0;
        sum += a + b;
        squares += a * a + b * b;
        products += a * b;
        low += a < 36;
        best += total(first) == TOTAL_BEST;
    }
    double mean = sum / CLIENTS / 2, variance = squares / CLIENTS / 2 - mean * mean;
    assert_true(fabs(mean - 36.6) < 0.05);
    assert_true(fabs(sqrt(variance) - 4.1) < 0.05);
    assert_true(fabs(low / CLIENTS - 0.30) < 0.01);
    assert_true(fabs(best / CLIENTS - 0.34) < 0.01);
    assert_true(fabs((products / CLIENTS - mean * mean) / variance - 0.63) < 0.01);
}

static void scores_lie_on_steps_between_0_and_10(void **state)
{
    (void)state;
    static const int steps[] = {1, 2, 4, 5, 10, 20, 25, 50};
    for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
        struct client_model m = {.mean = 50, .client = 40, .session = 8, .area = 30};
        m.step = steps[k];
        bool lowest = false, highest = false;
        for (uint64_t i = 0; i < 1000; i++) {
            struct course_draw d;
            int16_t s[AREAS];
            draw(&m, i, 1, &d);
            model_rate(&m, &d, 0, 0, s);
            assert_true(s[0] >= 0 && s[0] <= MODEL_SCORE_BEST && s[0] % m.step == 0);
            lowest = lowest || s[0] == 0;
            highest = highest || s[0] == MODEL_SCORE_BEST;
        }
        assert_true(lowest && highest);
    }
}

static void a_half_is_rounded_away_from_zero_and_the_ends_hold(void **state)
{
    (void)state;
    struct client_model m = client_model_default();
    struct course_draw d = {.count = 1, .areas = {{85, 84.9, 140, -20}}};
    int16_t s[AREAS];
    model_rate(&m, &d, 0, 0, s);
    assert_int_equal(s[0], 90);
    assert_int_equal(s[1], 80);
    assert_int_equal(s[2], 100);
    assert_int_equal(s[3], 0);
}

static void a_shorter_course_is_a_longer_ones_beginning(void **state)
{
    (void)state;
    struct client_model m = client_model_default();
    struct course_draw brief, whole;
    draw(&m, 3, 5, &brief);
    draw(&m, 3, COURSE_SESSIONS_MAX, &whole);
    assert_int_equal(whole.count, COURSE_SESSIONS_MAX);
    assert_memory_equal(brief.areas, whole.areas, 5 * sizeof brief.areas[0]);
}

static void each_event_is_as_deep_as_it_says_where_it_says(void **state)
{
    (void)state;
    static const struct {
        enum course_event event;
        double depth[8];
    } table[] = {
        {EVENT_NONE, {0, 0, 0, 0, 0, 0, 0, 0}},
        {EVENT_DIP, {0, 0, 15, 0, 0, 0, 0, 0}},
        {EVENT_LASTING, {0, 0, 15, 15, 15, 15, 15, 15}},
        {EVENT_SLIDE, {0, 0, 3, 6, 9, 12, 15, 15}},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct course_plan plan = {.event = table[i].event, .at = 2, .depth = 15};
        for (size_t session = 0; session < 8; session++) {
            assert_true(fabs(model_depth(&plan, session) - table[i].depth[session]) < 1e-12);
        }
    }
}

static void a_model_that_cannot_be_computed_with_is_told(void **state)
{
    (void)state;
    struct client_model good = client_model_default(), m = good;
    assert_true(client_model_is_sane(&good));
    m.mean = 181;
    assert_false(client_model_is_sane(&m));
    m = good;
    m.area = 1;
    assert_false(client_model_is_sane(&m));
    m = good;
    m.client = 61;
    assert_false(client_model_is_sane(&m));
    m = good;
    m.session = -1;
    assert_false(client_model_is_sane(&m));
    for (int step = -1; step <= 101; step++) {
        m = good;
        m.step = step;
        bool divides = step >= 1 && step <= 50 && 100 % step == 0;
        assert_int_equal(client_model_is_sane(&m), divides);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_have_the_published_figures),
        cmocka_unit_test(scores_lie_on_steps_between_0_and_10),
        cmocka_unit_test(a_half_is_rounded_away_from_zero_and_the_ends_hold),
        cmocka_unit_test(a_shorter_course_is_a_longer_ones_beginning),
        cmocka_unit_test(each_event_is_as_deep_as_it_says_where_it_says),
        cmocka_unit_test(a_model_that_cannot_be_computed_with_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
