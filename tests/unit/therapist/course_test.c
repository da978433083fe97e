/* Goal: a course is every session in its place: rated, skipped or missed, with what is marked
 * there; and the lines that it is drawn by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/therapist/course.h"
#include "client/therapist/lines.h"

static struct course course;
static char wording[] = "attune-adult-en/1";

static bool take(unsigned number, Attune__Scores *scores, int state, int outcome)
{
    uint8_t id[LIMIT_ID_SIZE] = {(uint8_t)(number + 1)};
    Attune__Session session = ATTUNE__SESSION__INIT, *items[] = {&session};
    Attune__SessionList page = ATTUNE__SESSION_LIST__INIT;
    session.session_id = (ProtobufCBinaryData){sizeof id, id};
    session.scores = scores;
    session.instrument = wording;
    session.state = (Attune__SessionState)state;
    session.outcome = (Attune__SessionOutcome)outcome;
    page.n_sessions = 1;
    page.sessions = items;
    return course_take(&course, &page);
}

static Attune__Scores all_of(uint32_t score)
{
    Attune__Scores s = ATTUNE__SCORES__INIT;
    s.understanding_answer_case = ATTUNE__SCORES__UNDERSTANDING_ANSWER_UNDERSTANDING;
    s.relevance_answer_case = ATTUNE__SCORES__RELEVANCE_ANSWER_RELEVANCE;
    s.safety_answer_case = ATTUNE__SCORES__SAFETY_ANSWER_SAFETY;
    s.fit_answer_case = ATTUNE__SCORES__FIT_ANSWER_FIT;
    s.understanding = s.relevance = s.safety = s.fit = score;
    return s;
}

enum { CLOSED = ATTUNE__SESSION_STATE__SESSION_CLOSED, OPEN = ATTUNE__SESSION_STATE__SESSION_OPEN };
enum {
    RATED = ATTUNE__SESSION_OUTCOME__SESSION_RATED,
    SKIPPED = ATTUNE__SESSION_OUTCOME__SESSION_SKIPPED,
    NONE = ATTUNE__SESSION_OUTCOME__SESSION_OUTCOME_NONE
};

static void an_area_without_an_answer_gives_no_total_and_0_is_a_score(void **state)
{
    (void)state;
    Attune__Scores whole = all_of(0), part = all_of(90);
    part.safety_answer_case = ATTUNE__SCORES__SAFETY_ANSWER__NOT_SET;
    course_init(&course);
    (void)take(1, &whole, CLOSED, RATED);
    (void)take(2, &part, CLOSED, RATED);
    (void)take(3, NULL, CLOSED, SKIPPED);
    assert_int_equal(course_total(&course.sessions[0]), 0);
    assert_int_equal(course_total(&course.sessions[1]), COURSE_MISSING);
    assert_int_equal(course.sessions[1].scores[2], COURSE_MISSING);
    assert_int_equal(course.sessions[1].scores[3], 90);
    assert_int_equal(course_total(&course.sessions[2]), COURSE_MISSING);
}

static void missed_is_what_is_over_without_a_rating(void **state)
{
    (void)state;
    Attune__Scores scores = all_of(90);
    course_init(&course);
    (void)take(1, &scores, CLOSED, RATED);
    (void)take(2, NULL, CLOSED, NONE);
    (void)take(3, NULL, CLOSED, SKIPPED);
    (void)take(4, NULL, OPEN, NONE);
    (void)take(5, NULL, ATTUNE__SESSION_STATE__SESSION_PARKED, NONE);
    const bool expected[] = {false, true, true, false, true};
    for (size_t at = 0; at < course.count; at++) {
        assert_int_equal(course_missed(&course.sessions[at]), expected[at]);
    }
}

static void a_covered_session_is_there_without_what_was_said(void **state)
{
    (void)state;
    Attune__Scores scores = all_of(30);
    course_init(&course);
    (void)take(1, &scores, CLOSED, RATED);
    (void)take(2, &scores, CLOSED, RATED);
    assert_string_equal(course.sessions[0].instrument, wording);
    course_cover(&course, course.sessions[0].session_id);
    assert_int_equal(course.count, 2);
    assert_string_equal(course.sessions[0].instrument, "");
    assert_int_equal(course_total(&course.sessions[0]), COURSE_MISSING);
    assert_false(course_missed(&course.sessions[0]));
    assert_int_equal(course_total(&course.sessions[1]), 120);
}

static void mark(unsigned number, int tier, char *rule)
{
    uint8_t id[LIMIT_ID_SIZE] = {(uint8_t)(number + 1)};
    Attune__Alert a = ATTUNE__ALERT__INIT;
    a.session_id = (ProtobufCBinaryData){sizeof id, id};
    a.tier = (Attune__Tier)tier;
    a.rule = rule;
    course_mark(&course, &a);
}

static void red_and_repairs_mark_their_session(void **state)
{
    static char drop[] = "DROP", repair[] = "REPAIR", strength[] = "STRENGTH";
    (void)state;
    course_init(&course);
    (void)take(1, NULL, CLOSED, NONE);
    (void)take(2, NULL, CLOSED, NONE);
    mark(1, ATTUNE__TIER__TIER_RED, drop);
    mark(2, ATTUNE__TIER__TIER_GOOD, repair);
    mark(2, ATTUNE__TIER__TIER_GOOD, strength);
    mark(2, ATTUNE__TIER__TIER_AMBER, drop);
    mark(9, ATTUNE__TIER__TIER_RED, drop);
    assert_int_equal(course.sessions[0].marks, COURSE_ALERT);
    assert_int_equal(course.sessions[1].marks, COURSE_REPAIR);
}

static void a_hundred_sessions_are_kept_and_more_is_said(void **state)
{
    (void)state;
    course_init(&course);
    for (unsigned at = 0; at < COURSE_MAX - 1; at++) {
        assert_true(take(at, NULL, CLOSED, NONE));
    }
    assert_false(take(COURSE_MAX - 1, NULL, CLOSED, NONE)); /* It fits; no more does. */
    assert_false(course.more);
    assert_false(take(COURSE_MAX, NULL, CLOSED, NONE));
    assert_true(course.more);
    assert_int_equal(course.count, COURSE_MAX);
}

static void the_cut_is_read_from_the_practices_lines(void **state)
{
    struct lines l;
    (void)state;
    lines_init(&l);
    assert_int_equal(l.cut, -1);
    lines_read(&l, "# lines\ncut = 34.5  # below it\nvery_low.area=5\nspread =  1.5\ncutter = 2\n");
    assert_int_equal(l.cut, 345);
    assert_int_equal(l.area_low, 50);
    assert_int_equal(l.spread, 30); /* Usual: give or take two spreads. */
    lines_read(&l, "cut = many\ncut = -3\ncut\ncut = 999\n");
    assert_int_equal(l.cut, 345);
    lines_read(&l, "");
    assert_int_equal(l.cut, 345);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_area_without_an_answer_gives_no_total_and_0_is_a_score),
        cmocka_unit_test(missed_is_what_is_over_without_a_rating),
        cmocka_unit_test(a_covered_session_is_there_without_what_was_said),
        cmocka_unit_test(red_and_repairs_mark_their_session),
        cmocka_unit_test(a_hundred_sessions_are_kept_and_more_is_said),
        cmocka_unit_test(the_cut_is_read_from_the_practices_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
