/* Goal: what a picture shows is said in words. Method: whole sentences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "client/therapist/plots/say.h"
#include "tests/unit/therapist/plots/samples.h"

static void a_course_says_its_last_total_and_what_is_special(void **state)
{
    (void)state;
    char room[PLOT_SAYS];
    assert_string_equal(plot_course_says(&sample_nine, NULL, room),
                        "Nine sessions. Total last 26.1, below the practice's cut of 36; usual "
                        "35.9. Session 5 was not rated. An alert at session 9. Repaired at session "
                        "4. Lowest 26.1 at session 9, highest 37.6 at session 7.");
    assert_string_equal(
        plot_course_says(&sample_wordings, NULL, room),
        "Ten sessions. Total last 40.0; usual 36.0. Sessions 16, 17 and 20 were not "
        "rated. Alerts at sessions 14 and 15. Repaired at session 15. Lowest 26.0 at "
        "session 14, highest 40.0 at session 19. New wordings from sessions 14 and "
        "18 on: not to be compared with what was before.");
    assert_string_equal(plot_course_says(&sample_empty, NULL, room), "No session yet.");
    assert_string_equal(plot_course_says(&sample_unrated, NULL, room),
                        "One session. No session has been rated.");
    assert_string_equal(plot_course_says(&sample_one, NULL, room),
                        "One session. Total last 29.3, below the practice's cut of 36.");
    assert_string_equal(
        plot_sparkline_says(&sample_nine, NULL, room),
        "Nine sessions. Total last 26.1, below the practice's cut of 36; usual 35.9.");
    assert_non_null(strstr(plot_course_says(sample_long(), NULL, room),
                           "60 sessions. Total last 37.0, "
                           "not below the practice's cut"));
}

static void an_area_says_its_last_answer(void **state)
{
    (void)state;
    char room[PLOT_SAYS];
    assert_string_equal(plot_area_says(&sample_nine, 0, NULL, room),
                        "Understanding last 7.9 of 10; usual 9.1.");
    assert_string_equal(plot_area_says(&sample_nine, 2, NULL, room),
                        "Safety last 3.4 of 10, which is low; usual 9.2.");
    assert_string_equal(plot_area_says(&sample_one, 3, NULL, room), "Fit last 6.9 of 10.");
    assert_string_equal(plot_area_says(&sample_wordings, 1, NULL, room),
                        "Relevance was not answered in the last session; before it 10.0 of 10.");
    assert_string_equal(plot_area_says(&sample_unrated, 1, NULL, room),
                        "Relevance has not been answered.");
    assert_string_equal(plot_area_says(&sample_empty, 1, NULL, room),
                        "Relevance has not been answered.");
}

static void a_practice_says_who_is_outside_and_names_only_who_has_a_code(void **state)
{
    (void)state;
    char room[PLOT_SAYS];
    assert_string_equal(
        plot_funnel_says(&sample_shares, NULL, room),
        "Twelve therapists; all together 81 %. 1 with fewer than 30 not compared. "
        "One is outside the 99.8 % limits. t04: 80 % of 120, within the 95 % limits. "
        "t07: 67 % of 90, outside the 99.8 % limits.");
    assert_string_equal(
        plot_funnel_says(&sample_nobody, NULL, room),
        "Nobody has enough ratings to be compared. 1 with fewer than 30 not compared.");
    assert_string_equal(
        plot_weeks_says(&sample_coverage, NULL, room),
        "Eight weeks, from 2 Mar 2026 to 20 Apr 2026. In the last of them 34 of 41, "
        "83 %. Lowest 75 % in the week of 2 Mar, highest 100 % in the week of 30 Mar. "
        "One week is not shown: too few clients.");
    assert_string_equal(
        plot_weeks_says(&sample_ruptures, NULL, room),
        "Eight weeks, from 2 Mar 2026 to 20 Apr 2026. In the last of them 5 in all. "
        "older: 2. 2 to 6 weeks: 1. under 2 weeks: 2. Most in the week of 30 Mar: "
        "10. One week is not shown: too few clients.");
    const struct plot_calendar none = {.kind = PLOT_WEEKS_SHARE};
    assert_string_equal(plot_weeks_says(&none, NULL, room), "No week yet.");
}

/* Goal: what does not fit is left out, a sentence whole, and nothing is overrun. Method: every
 * size. */
static void sentences_are_whole_or_not_there(void **state)
{
    (void)state;
    char room[64];
    for (size_t size = 1; size < sizeof room; size++) {
        struct say s;
        memset(room, '#', sizeof room);
        say_init(&s, NULL, room, size);
        SAY(&s, PLOT_WORD_SAYS_ONE_SESSION, NULL); /* 12 bytes */
        SAY(&s, PLOT_WORD_SAYS_TOTAL, "26.1");     /* 16 */
        SAY(&s, PLOT_WORD_SAYS_NO_SESSION, NULL);  /* 15 */
        const char *expected = size <= 12   ? ""
                               : size <= 29 ? "One session."
                               : size <= 45 ? "One session. Total last 26.1."
                                            : "One session. Total last 26.1. No session yet.";
        assert_string_equal(room, expected);
        for (size_t at = size; at < sizeof room; at++) {
            assert_int_equal(room[at], '#');
        }
    }
}

/* Goal: names as long as anybody's, and lists without end, overrun nothing. */
static void long_names_and_long_lists_are_cut(void **state)
{
    (void)state;
    enum { MANY = 400, LONG = 3000 };
    static struct plot_session sessions[MANY];
    static char name[LONG + 1];
    char room[PLOT_SAYS];
    memset(name, 'x', LONG);
    for (int i = 0; i < MANY; i++) {
        sessions[i] = (struct plot_session){.number = i + 1000000, .marks = PLOT_MARK_ALERT};
    }
    const struct plot_history h = {sessions, MANY, 360, 60, 20};
    assert_non_null(
        strstr(plot_course_says(&h, NULL, room), "400 sessions. Total last 0.0, below"));
    const struct plot_dot dot = {30, 40, name};
    const struct plot_shares shares = {NULL, "x", .5, &dot, 1};
    assert_non_null(strstr(plot_funnel_says(&shares, NULL, room), "One therapist"));
    assert_null(strstr(room, "xxx"));
}

/* As gettext gives back what it does not know. */
static const char *to_german(const char *english)
{
    return strcmp(english, ".") == 0               ? ","
           : strcmp(english, "Nine") == 0          ? "Neun"
           : strcmp(english, "{1} sessions.") == 0 ? "{1} Sitzungen."
           : strcmp(english, "{1} and {2}") == 0   ? "{1} und {2}"
           : strcmp(english, "Mar") == 0           ? "März"
           : strcmp(english, "{1} {2} {3}") == 0   ? "{1}. {2} {3}"
                                                   : english;
}

static void another_language_is_a_table_of_its_own(void **state)
{
    (void)state;
    struct plot_words german;
    char room[PLOT_SAYS], day[SAY_DAY];
    plot_words_take(&german, to_german);
    assert_non_null(strstr(plot_course_says(&sample_nine, &german, room),
                           "Neun Sitzungen. Total last "
                           "26,1, below"));
    assert_string_equal(say_day(&german, &sample_nine.sessions[0].day, true, day), "12. März 2026");
    assert_string_equal(say_day(&german, &(struct plot_day){0, 3, 12}, true, day), "");
    assert_string_equal(say_day(&german, &(struct plot_day){2026, 13, 12}, true, day), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_course_says_its_last_total_and_what_is_special),
        cmocka_unit_test(an_area_says_its_last_answer),
        cmocka_unit_test(a_practice_says_who_is_outside_and_names_only_who_has_a_code),
        cmocka_unit_test(sentences_are_whole_or_not_there),
        cmocka_unit_test(long_names_and_long_lists_are_cut),
        cmocka_unit_test(another_language_is_a_table_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
