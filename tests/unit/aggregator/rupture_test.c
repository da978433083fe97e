/* Goal: a rupture moves as its state table says. Method: courses as a row of totals and what each
 * does to the rupture; then every course in every order of arrival, through the review. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "server/aggregator/review.h"

static struct rule_settings settings;
static const struct store_rules defaults = {0};

static int set_up(void **state)
{
    (void)state;
    rule_settings_defaults(&settings);
    return 0;
}

enum { SKIPPED = -1, HALF = -2, COURSE_MAX = 12 };

static void scores_of(int total, int16_t ret_scores[AREAS])
{
    for (int i = 0; i < AREAS; i++) {
        ret_scores[i] =
            (int16_t)(total < 0 ? SCORE_MISSING : total / AREAS + (i == 0 ? total % AREAS : 0));
    }
    if (total == HALF) {
        ret_scores[0] = 10;
    }
}

/* One letter a session: . nothing, O opened, A again, R repaired, U unrepaired. */
static void moves_of(const int *totals, size_t count, char *ret_moves)
{
    static const char letters[] = {[RUPTURE_NONE] = '.',
                                   [RUPTURE_OPENED] = 'O',
                                   [RUPTURE_AGAIN] = 'A',
                                   [RUPTURE_REPAIRED] = 'R',
                                   [RUPTURE_UNREPAIRED] = 'U'};
    struct history h = {0};
    struct rupture r = {0};
    for (size_t i = 0; i < count; i++) {
        scores_of(totals[i], h.scores[h.count]);
        h.skipped[h.count++] = totals[i] == SKIPPED;
        const struct judgement j = {.history = &h, .settings = &settings};
        ret_moves[i] = letters[evaluate_rupture(&j, &r)];
    }
    ret_moves[count] = '\0';
}

static void each_move_is_the_tables(void **state)
{
    (void)state;
    static const struct {
        const char *moves;
        int totals[COURSE_MAX];
    } table[] = {
        {"...", {400, 380, 360}},
        {"O..U", {280, 280, 280, 280}},
        {"O..UO..U", {280, 280, 280, 280, 280, 280, 280, 280}},
        {"OR.", {280, 360, 360}},       /* The cut. */
        {"OR.", {280, 320, 400}},       /* Four points up. */
        {"O.R", {280, 319, 320}},       /* Not quite, then so. */
        {"O.R", {280, 270, 310}},       /* Four above the lowest. */
        {"OA.R", {280, 240, 280, 281}}, /* Four lower still; four above that, but still very low. */
        {"O.R", {280, 260, 300}},
        {"...OR", {300, 300, 300, 250, 300}}, /* What is usual for them, below the cut. */
        {"O..U", {280, SKIPPED, HALF, SKIPPED}},
        {"..", {SKIPPED, HALF}},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char moves[COURSE_MAX + 1];
        moves_of(table[i].totals, strlen(table[i].moves), moves);
        assert_string_equal(moves, table[i].moves);
    }
}

static void an_area_that_is_very_low_is_not_repaired_and_a_new_one_is_told_again(void **state)
{
    (void)state;
    struct history h = {.count = 3,
                        .scores = {{50, 100, 100, 100}, {50, 100, 100, 100}, {60, 50, 100, 100}}};
    struct history cut = {0};
    struct rupture r = {0};
    static const enum rupture_event expected[] = {RUPTURE_OPENED, RUPTURE_NONE, RUPTURE_AGAIN};
    for (size_t i = 0; i < h.count; i++) {
        cut = h;
        cut.count = i + 1;
        const struct judgement j = {.history = &cut, .settings = &settings};
        assert_int_equal(evaluate_rupture(&j, &r), expected[i]);
    }
}

static void an_open_ruptures_reds_are_amber(void **state)
{
    (void)state;
    struct rupture r = {0};
    struct evaluation whole;
    struct finding found[RULES];
    struct history h = {0};
    struct judgement j = {.history = &h, .settings = &settings, .texts = &texts_english};
    for (int i = 0; i < 2; i++) {
        scores_of(280, h.scores[h.count++]);
        assert_true(evaluate(&j, &r, &whole, found) > 0);
        assert_string_equal(found[0].rule->id, "VERY_LOW");
        assert_int_equal(found[0].tier, i == 0 ? TIER_RED : TIER_AMBER);
    }
    scores_of(330, h.scores[h.count++]);
    size_t count = evaluate(&j, &r, &whole, found);
    bool good = false;
    for (size_t i = 0; i < count; i++) {
        good = good || (found[i].rule == &rule_repair && found[i].tier == TIER_GOOD);
    }
    assert_int_equal(whole.event, RUPTURE_REPAIRED);
    assert_true(good);
}

/* Goal: what is much lower is told in time, also in the session that ends the rupture; and no more
 * than that is told there. */
static void a_much_lower_one_that_ends_a_rupture_is_told(void **state)
{
    (void)state;
    for (int last = 239; last <= 241; last++) {
        struct rupture r = {0};
        struct evaluation whole;
        struct finding found[RULES];
        struct history h = {0};
        struct judgement j = {.history = &h, .settings = &settings, .texts = &texts_english};
        for (int i = 0; i < 4; i++) {
            scores_of(i < 3 ? 280 : last, h.scores[h.count++]);
            assert_true(evaluate(&j, &r, &whole, found) > 0);
        }
        assert_int_equal(whole.event, RUPTURE_UNREPAIRED);
        assert_string_equal(found[0].rule->id, "VERY_LOW");
        assert_int_equal(found[0].tier, last <= 240 ? TIER_RED : TIER_AMBER);
    }
}

/* ---- any order of arrival -------------------------------------------------------------------- */

/* What the database would hold of a course. */
struct kept {
    struct store_claimed ratings[COURSE_MAX];
    enum store_rupture_state state[COURSE_MAX];
    int16_t low[COURSE_MAX];
    int closed[COURSE_MAX];
    bool there[COURSE_MAX];
};

static size_t place_of(const struct store_claimed *rating)
{
    return (size_t)rating->session_start;
}

static bool is_ended_by(const struct kept *k, size_t count, size_t which)
{
    for (size_t i = 0; i < count; i++) {
        if (k->ratings[i].opened && k->closed[i] == (int)which) {
            return true;
        }
    }
    return false;
}

/* One arrives: the claim has all that are there, the review says what the ruptures are now. */
static void arrive(struct kept *k, size_t count, size_t which)
{
    struct store_claimed rows[COURSE_MAX];
    struct review review;
    size_t n = 0;
    k->there[which] = true;
    for (size_t i = 0; i < count; i++) {
        if (k->there[i]) {
            rows[n] = k->ratings[i];
            rows[n].ended = is_ended_by(k, count, i);
            rows[n++].claimed = i == which;
        }
    }
    review_init(&review, NULL);
    review_take(&review, rows, n);
    for (size_t i = 0; i < review.rupture_count; i++) {
        const struct store_rupture *r = &review.ruptures[i];
        size_t at = place_of(r->opened);
        k->ratings[at].opened = r->state != STORE_RUPTURE_WITHDRAWN;
        k->state[at] = r->state;
        k->low[at] = r->low;
        k->closed[at] = r->closed == NULL ? -1 : (int)place_of(r->closed);
    }
    review_fini(&review);
}

static void fill(struct kept *k, const int *totals, size_t count)
{
    memset(k, 0, sizeof *k);
    for (size_t i = 0; i < count; i++) {
        k->ratings[i] = (struct store_claimed){.practice_id = 1,
                                               .course_id = 1,
                                               .session_start = (int64_t)i,
                                               .skipped = totals[i] == SKIPPED,
                                               .language = "en",
                                               .rules = &defaults};
        scores_of(totals[i], k->ratings[i].scores);
    }
}

static void assert_same(const struct kept *a, const struct kept *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(a->ratings[i].opened, b->ratings[i].opened);
        if (a->ratings[i].opened) {
            assert_int_equal(a->state[i], b->state[i]);
            assert_int_equal(a->low[i], b->low[i]);
            assert_int_equal(a->closed[i], b->closed[i]);
        }
    }
}

/* Goal: the same ratings end in the same ruptures, in whatever order they came. */
static void any_order_of_arrival_ends_in_the_same_ruptures(void **state)
{
    (void)state;
    uint32_t seed = 1;
    size_t ruptures = 0;
    for (int round = 0; round < 4000; round++) {
        int totals[COURSE_MAX];
        size_t order[COURSE_MAX];
        struct kept in_order, shuffled;
        for (size_t i = 0; i < COURSE_MAX; i++) {
            seed = seed * 1664525U + 1013904223U;
            uint32_t dice = seed >> 16;
            totals[i] = dice % 10 == 0 ? SKIPPED : dice % 11 == 0 ? HALF : 220 + (int)(dice % 181);
            order[i] = i;
        }
        fill(&in_order, totals, COURSE_MAX);
        fill(&shuffled, totals, COURSE_MAX);
        for (size_t i = 0; i < COURSE_MAX; i++) {
            seed = seed * 1664525U + 1013904223U;
            size_t other = i + (seed >> 16) % (COURSE_MAX - i), kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        for (size_t i = 0; i < COURSE_MAX; i++) {
            arrive(&in_order, COURSE_MAX, i);
            arrive(&shuffled, COURSE_MAX, order[i]);
        }
        assert_same(&in_order, &shuffled, COURSE_MAX);
        for (size_t i = 0; i < COURSE_MAX; i++) {
            ruptures += in_order.ratings[i].opened;
        }
    }
    assert_true(ruptures > 4000);
}

static struct store_rules lines_with(int32_t sessions)
{
    struct store_rules lines = {.version = 1, .count = RULE_SETTINGS};
    struct rule_settings s;
    rule_settings_defaults(&s);
    s.repair_sessions = sessions;
    rule_settings_to(&s, lines.numbers);
    return lines;
}

static void all_arrive(struct kept *k, size_t from, size_t count, const struct store_rules *lines)
{
    for (size_t i = 0; i < COURSE_MAX; i++) {
        k->ratings[i].rules = lines;
    }
    for (size_t i = from; i < count; i++) {
        arrive(k, COURSE_MAX, i);
    }
}

/* Goal: one rupture is open at most, also when a practice shortens or lengthens its sessions while
 * one is: a shorter line ends it, and what is over stays over. */
static void other_lines_end_what_is_open_and_open_nothing_that_is_over(void **state)
{
    (void)state;
    static const int low[COURSE_MAX] = {200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200};
    const struct store_rules longer = lines_with(10), shorter = lines_with(3);
    struct kept k;
    fill(&k, low, COURSE_MAX);
    all_arrive(&k, 0, 6, &longer);
    assert_int_equal(k.state[0], STORE_RUPTURE_OPEN);
    all_arrive(&k, 6, 8, &shorter);
    assert_int_equal(k.state[0], STORE_RUPTURE_UNREPAIRED);
    assert_int_equal(k.closed[0], 3);
    assert_true(k.ratings[6].opened); /* The next red one. */
    assert_int_equal(k.state[6], STORE_RUPTURE_OPEN);
    fill(&k, low, COURSE_MAX);
    all_arrive(&k, 0, 4, &shorter);
    assert_int_equal(k.closed[0], 3);
    all_arrive(&k, 4, 6, &longer);
    assert_int_equal(k.state[0], STORE_RUPTURE_UNREPAIRED);
    assert_int_equal(k.closed[0], 3);
    assert_int_equal(k.state[4], STORE_RUPTURE_OPEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_move_is_the_tables),
        cmocka_unit_test(an_area_that_is_very_low_is_not_repaired_and_a_new_one_is_told_again),
        cmocka_unit_test(an_open_ruptures_reds_are_amber),
        cmocka_unit_test(a_much_lower_one_that_ends_a_rupture_is_told),
        cmocka_unit_test(any_order_of_arrival_ends_in_the_same_ruptures),
        cmocka_unit_test(other_lines_end_what_is_open_and_open_nothing_that_is_over),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
