/* Goal: each rule fires on its line and on neither side of it. Method: a table with every threshold
 * at N-1, N, N+1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "server/aggregator/evaluate.h"

static struct rule_settings usual_settings;

static int set_up(void **state)
{
    (void)state;
    rule_settings_defaults(&usual_settings);
    return 0;
}

/* Four areas with this total, each as near to a quarter as can be; the first takes the rest. */
static void add_total(struct history *h, int total)
{
    int16_t *s = h->scores[h->count++];
    for (int i = 0; i < AREAS; i++) {
        s[i] = (int16_t)(total / AREAS);
    }
    s[0] = (int16_t)(s[0] + total % AREAS);
}

static void add_scores(struct history *h, int a, int b, int c, int d)
{
    const int16_t s[AREAS] = {(int16_t)a, (int16_t)b, (int16_t)c, (int16_t)d};
    memcpy(h->scores[h->count++], s, sizeof s);
}

enum { VERY_LOW = 1, DROP = 2, LEVEL = 4 };

/* Each of the three by itself. */
static unsigned fired(const struct history *h, const struct rule_settings *s)
{
    struct figures f;
    figures_take(h, &f);
    return (rule_judge(&rule_very_low, &f, s) != TIER_NONE ? VERY_LOW : 0U) |
           (rule_judge(&rule_drop, &f, s) != TIER_NONE ? DROP : 0U) |
           (rule_judge(&rule_level, &f, s) != TIER_NONE ? LEVEL : 0U);
}

/* As the first that is ever told of the course. */
static size_t told(const struct history *h, bool late, struct finding found[RULES])
{
    struct rupture none = {0};
    struct evaluation whole;
    const struct judgement j = {.history = h,
                                .settings = &usual_settings,
                                .settings_version = 7,
                                .texts = &texts_english,
                                .late = late};
    return evaluate(&j, &none, &whole, found);
}

static void the_first_rating_is_judged_by_its_total(void **state)
{
    (void)state;
    static const struct {
        int total;
        unsigned fires;
    } table[] = {
        {400, 0},
        {361, 0},
        {360, 0}, /* The cut itself is not below the cut. */
        {359, LEVEL},
        {281, LEVEL},
        {280, LEVEL | VERY_LOW}, /* Exactly 28.0. */
        {279, LEVEL | VERY_LOW},
        {0, LEVEL | VERY_LOW},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct history h = {0};
        add_total(&h, table[i].total);
        assert_int_equal(fired(&h, &usual_settings), table[i].fires);
    }
}

static void one_area_at_five_is_very_low(void **state)
{
    (void)state;
    for (int area = 0; area < AREAS; area++) {
        for (int score = 49; score <= 51; score++) {
            struct history h = {0};
            add_scores(&h, 100, 100, 100, 100);
            h.scores[0][area] = (int16_t)score;
            assert_int_equal(fired(&h, &usual_settings), score <= 50 ? VERY_LOW | LEVEL : LEVEL);
        }
    }
}

static void a_missing_area_fires_nothing_and_is_not_zero(void **state)
{
    (void)state;
    for (int area = 0; area < AREAS; area++) {
        struct history h = {0};
        add_scores(&h, 10, 10, 10, 10);
        h.scores[0][area] = SCORE_MISSING;
        assert_int_equal(fired(&h, &usual_settings), 0);
    }
}

static void a_zero_is_an_answer(void **state)
{
    (void)state;
    struct history h = {0};
    add_scores(&h, 100, 100, 100, 0);
    assert_int_equal(fired(&h, &usual_settings), VERY_LOW | LEVEL);
}

static void a_drop_needs_three_earlier_ratings(void **state)
{
    (void)state;
    for (size_t earlier = 0; earlier <= 4; earlier++) {
        struct history h = {0};
        for (size_t i = 0; i < earlier; i++) {
            add_total(&h, 380);
        }
        add_total(&h, 330);
        assert_int_equal(fired(&h, &usual_settings), earlier >= 3 ? LEVEL | DROP : LEVEL);
    }
}

/* Goal: with steady earlier ratings the drop of 4.0 decides. s = sqrt(4 × 1.5² / (n + 3)) <= 1.3,
 * so 2s < 4. */
static void a_drop_of_four_points_is_a_drop(void **state)
{
    (void)state;
    for (int drop = 39; drop <= 41; drop++) {
        struct history h = {0};
        for (int i = 0; i < 5; i++) {
            add_total(&h, 380);
        }
        add_total(&h, 380 - drop);
        assert_int_equal(fired(&h, &usual_settings),
                         (drop >= 40 ? DROP : 0U) | (380 - drop < 360 ? LEVEL : 0U));
    }
}

/* Goal: not below the cut, no drop, however deep. */
static void a_drop_above_the_cut_is_none(void **state)
{
    (void)state;
    struct rule_settings low_cut = usual_settings;
    low_cut.cut = 300;
    low_cut.spread = 15;
    for (int total = 299; total <= 301; total++) {
        struct history h = {0};
        for (int i = 0; i < 4; i++) {
            add_total(&h, 400);
        }
        add_total(&h, total);
        assert_int_equal(fired(&h, &low_cut), total < 300 ? DROP | LEVEL : 0);
    }
}

/* Goal: 2s decides where the client's own ratings vary. n = 3, totals 340 380 360: mean 360, SS =
 * 800; with spread 10, s² = (800 + 400) / 6 = 200, 2s = 28.28 tenths: below 40, so 40 decides. With
 * spread 40: s² = (800 + 6400) / 6 = 1200, 2s = 69.28: a drop of 69 is none, one of 70 is. */
static void a_varying_client_must_drop_by_twice_their_spread(void **state)
{
    (void)state;
    struct rule_settings wide = usual_settings;
    wide.cut = 360;
    wide.spread = 40;
    for (int drop = 68; drop <= 71; drop++) {
        struct history h = {0};
        add_total(&h, 340);
        add_total(&h, 380);
        add_total(&h, 360);
        add_total(&h, 360 - drop);
        assert_int_equal(fired(&h, &wide), drop >= 70 ? DROP | LEVEL : LEVEL);
    }
}

/* Goal: a drop of exactly 2s is a drop. n = 3, all 360, spread 30: s² = 4 × 900 / 6 = 600. Not a
 * square; with n = 6, four times spread² over nine: spread 30 gives s² = 400, s = 20, 2s = 40 = the
 * other line; spread 45 gives s = 30, 2s = 60. */
static void a_drop_of_exactly_twice_the_spread_is_a_drop(void **state)
{
    (void)state;
    struct rule_settings wide = usual_settings;
    wide.cut = 400;
    wide.spread = 45;
    for (int drop = 59; drop <= 61; drop++) {
        struct history h = {0};
        for (int i = 0; i < 6; i++) {
            add_total(&h, 380);
        }
        add_total(&h, 380 - drop);
        assert_int_equal(fired(&h, &wide), drop >= 60 ? DROP | LEVEL : LEVEL);
    }
}

/* Goal: the median of an even number lies between two totals. Four earlier: 350 351 390 391: B =
 * 370.5; with spread 1 the sum of squares is 1601 - …; the line of 4.0 must not be rounded: 330
 * is 40.5 below, 331 is 39.5. */
static void a_median_between_two_totals_is_not_rounded(void **state)
{
    (void)state;
    struct rule_settings narrow = usual_settings;
    narrow.cut = 400;
    narrow.spread = 1;
    for (int total = 330; total <= 331; total++) {
        struct history h = {0};
        static const int far_back[] = {371, 370, 371, 370, 371, 370, 371, 370, 371, 370};
        for (size_t i = 0; i < sizeof far_back / sizeof far_back[0]; i++) {
            add_total(&h, far_back[i]);
        }
        /* The last five earlier ones would be odd in number: leave one unfinished. */
        add_scores(&h, 90, 90, 90, SCORE_MISSING);
        add_total(&h, total);
        /* The last five complete: 370 371 370 371 370, median 370. */
        assert_int_equal(fired(&h, &narrow), total <= 330 ? DROP | LEVEL : LEVEL);
    }
    for (int total = 330; total <= 331; total++) {
        struct history h = {0};
        add_total(&h, 370);
        add_total(&h, 371);
        add_total(&h, 370);
        add_total(&h, 371);
        add_total(&h, total);
        assert_int_equal(fired(&h, &narrow), total <= 330 ? DROP | LEVEL : LEVEL);
    }
}

static void only_the_last_five_are_usual(void **state)
{
    (void)state;
    struct history h = {0};
    for (int i = 0; i < 8; i++) {
        add_total(&h, 400);
    }
    for (int i = 0; i < 5; i++) {
        add_total(&h, 340);
    }
    add_total(&h, 335);
    assert_int_equal(fired(&h, &usual_settings), LEVEL); /* 6.5 below the old, 0.5 below the new. */
}

static void skipped_sessions_do_not_count_as_ratings(void **state)
{
    (void)state;
    struct history h = {0};
    for (int i = 0; i < 6; i++) {
        add_scores(&h, SCORE_MISSING, SCORE_MISSING, SCORE_MISSING, SCORE_MISSING);
    }
    add_total(&h, 380);
    add_total(&h, 380);
    add_total(&h, 320);
    assert_int_equal(fired(&h, &usual_settings), LEVEL); /* Two earlier ones are too few. */
}

static void a_full_history_is_taken(void **state)
{
    (void)state;
    struct history h = {0};
    for (int i = 0; i < HISTORY_MAX - 1; i++) {
        add_total(&h, 400 - i % 2);
    }
    add_total(&h, 0);
    assert_int_equal(fired(&h, &usual_settings), VERY_LOW | DROP | LEVEL);
}

/* ---- what they say --------------------------------------------------------------------------- */

static void the_texts_have_the_clients_own_numbers(void **state)
{
    (void)state;
    struct history h = {0};
    struct finding found[RULES];
    for (int i = 0; i < 3; i++) {
        add_scores(&h, 95, 90, 98, 92);
    }
    add_scores(&h, 60, 85, 80, 90);
    assert_int_equal(told(&h, false, found), 3);
    assert_string_equal(found[0].rule->id, "DROP");
    assert_string_equal(found[0].what,
                        "Understanding 6.0 (usually 9.5), Relevance 8.5 (usually 9.0), Safety 8.0 "
                        "(usually 9.8), Fit 9.0 (usually 9.2); total 31.5 of 40.");
    assert_non_null(strstr(found[0].why, "6.0 below this client's usual 37.5"));
    assert_non_null(strstr(found[0].why, "9 of 100 sessions"));
    assert_non_null(strstr(found[0].next_time, "how well they feel understood"));
    assert_string_equal(found[1].rule->id, "AREA_DROP");
    assert_string_equal(found[2].rule->id, "LEVEL");
    assert_non_null(strstr(found[2].why, "30 of 100 sessions"));
    assert_int_equal(found[0].usual[2], 98);
    assert_non_null(strstr(found[0].inputs,
                           "{\"unit\": \"tenths\", \"scores\": [60, 85, 80, 90], \"total\": 315, "
                           "\"earlier\": [375, 375, 375], \"usual_twice\": 750, \"session\": 4, "
                           "\"skips\": 0, \"tension\": 0, \"settings\": [360, 15, 1, 280, "));
    assert_non_null(strstr(found[0].inputs, "\"settings_version\": 7, \"late\": false"));
}

static void the_first_rating_has_no_usual(void **state)
{
    (void)state;
    struct history h = {0};
    struct finding found[RULES];
    add_total(&h, 200);
    assert_int_equal(told(&h, false, found), 3); /* VERY_LOW, EARLY, LEVEL. */
    assert_null(strstr(found[0].what, "usually"));
    for (int i = 0; i < AREAS; i++) {
        assert_int_equal(found[0].usual[i], SCORE_MISSING);
    }
}

/* Goal: nothing that is late says that the client is there. Method: every rule's text for it. */
static void a_late_finding_never_says_that_the_client_is_there(void **state)
{
    (void)state;
    struct history h = {0};
    struct finding found[RULES];
    static const char *const there[] = {"Thank them", "Ask ", "ask ", "listen", "missing today"};
    for (size_t i = 0; i < RULES; i++) {
        if (rules_at(i) == &rule_ceiling) {
            continue; /* It asks, and tells nothing. */
        }
        const char *late = texts_english.at[rules_at(i)->now_late];
        for (size_t k = 0; k < sizeof there / sizeof there[0]; k++) {
            bool asks_then = strstr(late, "in the next one to ask") != NULL;
            assert_true(strstr(late, there[k]) == NULL || asks_then);
        }
    }
    add_total(&h, 200);
    assert_int_equal(told(&h, true, found), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_ptr_equal(found[i].now, texts_english.at[found[i].rule->now_late]);
        assert_non_null(strstr(found[i].inputs, "\"late\": true"));
    }
}

/* Goal: same history, same findings; and no history overflows a text. Method: many made from one
 * seed, each twice. */
static void the_same_history_gives_the_same_findings(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        struct history h = {0};
        struct finding a[RULES], b[RULES];
        seed = seed * 1664525U + 1013904223U;
        size_t count = 1 + (seed >> 8) % HISTORY_MAX;
        while (h.count < count) {
            int16_t *s = h.scores[h.count++];
            for (int i = 0; i < AREAS; i++) {
                seed = seed * 1664525U + 1013904223U;
                s[i] = (int16_t)((int)((seed >> 8) % 102) - 1);
            }
            h.skipped[h.count - 1] = seed >> 16 & 1;
            h.tension[h.count - 1] = (enum tension)(seed >> 17 & 3);
        }
        memset(a, 0, sizeof a);
        memset(b, 0, sizeof b);
        size_t found = told(&h, false, a);
        assert_int_equal(told(&h, false, b), found);
        assert_memory_equal(a, b, sizeof a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_rating_is_judged_by_its_total),
        cmocka_unit_test(one_area_at_five_is_very_low),
        cmocka_unit_test(a_missing_area_fires_nothing_and_is_not_zero),
        cmocka_unit_test(a_zero_is_an_answer),
        cmocka_unit_test(a_drop_needs_three_earlier_ratings),
        cmocka_unit_test(a_drop_of_four_points_is_a_drop),
        cmocka_unit_test(a_drop_above_the_cut_is_none),
        cmocka_unit_test(a_varying_client_must_drop_by_twice_their_spread),
        cmocka_unit_test(a_drop_of_exactly_twice_the_spread_is_a_drop),
        cmocka_unit_test(a_median_between_two_totals_is_not_rounded),
        cmocka_unit_test(only_the_last_five_are_usual),
        cmocka_unit_test(skipped_sessions_do_not_count_as_ratings),
        cmocka_unit_test(a_full_history_is_taken),
        cmocka_unit_test(the_texts_have_the_clients_own_numbers),
        cmocka_unit_test(the_first_rating_has_no_usual),
        cmocka_unit_test(a_late_finding_never_says_that_the_client_is_there),
        cmocka_unit_test(the_same_history_gives_the_same_findings),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
