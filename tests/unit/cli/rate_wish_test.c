#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/cli/rate_wish.h"
#include "proto/wire/err.h"
#include "proto/wire/valid.h"

static const char ticket[] = "0102030405060708090a0b0c0d0e0f10";

static void only_what_was_answered_is_in_the_rating(void **state)
{
    (void)state;
    struct rate_wish w;
    Attune__Rating rating;
    Attune__Scores scores;
    struct valid_fault fault;
    uint8_t id[LIMIT_ID_SIZE] = {1};
    const char *options[RATE_OPTIONS] = {[RATE_RELEVANCE] = "0",
                                         [RATE_FIT] = "7.5",
                                         [RATE_TALK] = "rather-not",
                                         [RATE_TICKET] = ticket};
    assert_int_equal(rate_wish(&w, options), 0);
    rate_fill(&w, id, INT64_C(1772542800000), &rating, &scores);
    assert_int_equal(valid_rating(&rating, &fault), 0);
    assert_int_equal(scores.understanding_answer_case, 0);
    assert_int_equal(scores.relevance_answer_case, ATTUNE__SCORES__RELEVANCE_ANSWER_RELEVANCE);
    assert_int_equal(scores.relevance, 0);
    assert_int_equal(scores.safety_answer_case, 0);
    assert_int_equal(scores.fit_answer_case, ATTUNE__SCORES__FIT_ANSWER_FIT);
    assert_int_equal(scores.fit, 75);
    assert_int_equal(rating.talk, ATTUNE__TALK__TALK_RATHER_NOT);
    assert_int_equal(rating.ticket_id.data[15], 0x10);
}

static void a_skip_has_no_scores(void **state)
{
    (void)state;
    struct rate_wish w;
    Attune__Rating rating;
    Attune__Scores scores;
    struct valid_fault fault;
    uint8_t id[LIMIT_ID_SIZE] = {1};
    const char *options[RATE_OPTIONS] = {[RATE_SKIP] = "", [RATE_TICKET] = ticket};
    assert_int_equal(rate_wish(&w, options), 0);
    rate_fill(&w, id, INT64_C(1772542800000), &rating, &scores);
    assert_null(rating.scores);
    assert_true(rating.skipped);
    assert_int_equal(valid_rating(&rating, &fault), 0);
}

static void what_makes_no_sense_is_refused_with_a_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *options[RATE_OPTIONS];
        const char *said;
    } cases[] = {
        {{NULL}, "give at least one score"},
        {{[RATE_SAFETY] = "nan"}, "--safety is 0 to 10 in steps of 0.1"},
        {{[RATE_FIT] = "10.1"}, "not \"10.1\""},
        {{[RATE_FIT] = "7,5"}, "not \"7,5\""},
        {{[RATE_UNDERSTANDING] = ""}, "--understanding is 0 to 10"},
        {{[RATE_FIT] = "7", [RATE_SKIP] = ""}, "either scores or --skip"},
        {{[RATE_FIT] = "7", [RATE_TALK] = "never"}, "--talk is now, next or rather-not"},
        {{[RATE_FIT] = "7", [RATE_TENSION] = "some"}, "--tension is none, resolved or unresolved"},
        {{[RATE_SKIP] = "", [RATE_TENSION] = "none"}, "either scores or --skip"},
        {{[RATE_FIT] = "7", [RATE_BETTER] = "more"},
         "--better is one of the four areas, or nothing"},
        {{[RATE_SKIP] = "", [RATE_BETTER] = "fit"}, "either scores or --skip"},
        {{[RATE_DRAIN] = "", [RATE_BETTER] = "fit"}, "--drain sends what is there"},
        {{[RATE_FIT] = "7", [RATE_TICKET] = "12"}, "--ticket is 32 hex digits"},
        {{[RATE_FIT] = "7", [RATE_WAIT] = "0"}, "--wait is"},
        {{[RATE_FIT] = "7", [RATE_NO_SEND] = ""}, "--no-send needs --ticket"},
        {{[RATE_FIT] = "7", [RATE_INSTRUMENT_NAME] = ""}, "--instrument is"},
        {{[RATE_DRAIN] = "", [RATE_FIT] = "7"}, "--drain sends what is there"},
        {{[RATE_DRAIN] = "", [RATE_TICKET] = ticket}, "--drain sends what is there"},
    };
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        struct rate_wish w;
        assert_int_equal(rate_wish(&w, cases[at].options), ERR_FIELD);
        assert_non_null(strstr(w.why, cases[at].said));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_was_answered_is_in_the_rating),
        cmocka_unit_test(a_skip_has_no_scores),
        cmocka_unit_test(what_makes_no_sense_is_refused_with_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
