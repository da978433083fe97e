/* A client's copy: what comes in pages is in it once, more than its limits is refused, and the
 * phrase that locks it can be typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/therapist/copy/copy.h"
#include "client/therapist/copy/copy_words.h"
#include "client/therapist/copy/fhir.h"
#include "client/therapist/copy/locked.h"
#include "client/therapist/copy/passphrase.h"
#include "proto/wire/err.h"

static char room[] = "North 1", words[] = "less talk", wording[] = "ours-en/1";
static uint8_t ids[3][LIMIT_ID_SIZE] = {{1}, {2}, {3}};

static ProtobufCBinaryData id(uint8_t *bytes)
{
    return (ProtobufCBinaryData){LIMIT_ID_SIZE, bytes};
}

static void take_session(struct copy *c, uint8_t *session_id, int64_t start_ms)
{
    Attune__Session s = ATTUNE__SESSION__INIT, *list[] = {&s};
    Attune__SessionList page = ATTUNE__SESSION_LIST__INIT;
    s.session_id = id(session_id);
    s.room = room;
    s.start_ms = start_ms;
    page.n_sessions = 1;
    page.sessions = list;
    copy_take_sessions(c, &page);
}

/* Relevance is not answered. */
static void take_rating(struct copy *c, uint8_t *session_id, bool skipped)
{
    Attune__Scores scores = ATTUNE__SCORES__INIT;
    Attune__StoredRating r = ATTUNE__STORED_RATING__INIT, *list[] = {&r};
    Attune__RatingList page = ATTUNE__RATING_LIST__INIT;
    scores.understanding_answer_case = ATTUNE__SCORES__UNDERSTANDING_ANSWER_UNDERSTANDING;
    scores.safety_answer_case = ATTUNE__SCORES__SAFETY_ANSWER_SAFETY;
    scores.fit_answer_case = ATTUNE__SCORES__FIT_ANSWER_FIT;
    scores.understanding = 75;
    scores.safety = 0;
    scores.fit = 100;
    r.rating_id = r.session_id = id(session_id);
    r.skipped = skipped;
    r.scores = skipped ? NULL : &scores;
    r.instrument = wording;
    r.made_at_ms = INT64_C(1900000000123);
    page.n_ratings = 1;
    page.ratings = list;
    copy_take_ratings(c, &page);
}

static void begin(struct copy *c)
{
    static const uint8_t copy_id[LIMIT_ID_SIZE] = {9};
    copy_init(c, "c114", "Lindenhof", "Dr A", copy_id, INT64_C(1900000000000));
}

static void pages_are_turned_round_and_ratings_find_their_sessions(void **state)
{
    struct copy c;
    (void)state;
    begin(&c);
    take_session(&c, ids[2], INT64_C(1900000300000));
    take_session(&c, ids[1], INT64_C(1900000200000));
    take_session(&c, ids[0], INT64_C(1900000100000));
    take_rating(&c, ids[2], true);
    take_rating(&c, ids[0], false);
    assert_int_equal(copy_end(&c), 0);
    assert_int_equal(c.session_count, 3);
    assert_int_equal(c.ratings, 2);
    assert_memory_equal(c.sessions[0].session_id, ids[0], LIMIT_ID_SIZE);
    assert_true(c.sessions[0].rated && !c.sessions[0].skipped);
    assert_int_equal(c.sessions[0].scores[0], 75);
    assert_int_equal(c.sessions[0].scores[1], COPY_MISSING);
    assert_int_equal(c.sessions[0].scores[2], 0);
    assert_int_equal(copy_total(&c.sessions[0]), COPY_MISSING);
    assert_false(c.sessions[1].rated);
    assert_true(c.sessions[2].rated && c.sessions[2].skipped);
    copy_fini(&c);
}

static void a_rating_without_its_session_or_a_second_one_makes_no_copy(void **state)
{
    struct copy c;
    (void)state;
    begin(&c);
    take_rating(&c, ids[0], false);
    assert_int_equal(copy_end(&c), ERR_BUSY);
    copy_fini(&c);
    begin(&c);
    take_session(&c, ids[0], 1);
    take_rating(&c, ids[0], false);
    take_rating(&c, ids[0], false);
    assert_int_equal(copy_end(&c), ERR_BUSY);
    copy_fini(&c);
}

static int with_goals(size_t count)
{
    struct copy c;
    Attune__Goal g = ATTUNE__GOAL__INIT;
    Attune__Goal **list = calloc(count, sizeof(Attune__Goal *));
    Attune__GoalList page = ATTUNE__GOAL_LIST__INIT;
    assert_non_null(list);
    g.goal_id = id(ids[0]);
    g.words = words;
    for (size_t i = 0; i < count; i++) {
        list[i] = &g;
    }
    page.n_goals = count;
    page.goals = list;
    begin(&c);
    copy_take_goals(&c, &page);
    int rc = copy_end(&c);
    assert_int_equal(c.goal_count, rc == 0 ? count : 0);
    copy_fini(&c);
    free(list);
    return rc;
}

static void more_than_its_limit_is_refused_and_not_cut(void **state)
{
    (void)state;
    assert_int_equal(with_goals(COPY_GOALS_MAX), 0);
    assert_int_equal(with_goals(COPY_GOALS_MAX + 1), ERR_BUSY);
}

static void a_bundle_says_what_is_missing_and_names_nobody(void **state)
{
    struct copy c;
    (void)state;
    begin(&c);
    take_session(&c, ids[0], INT64_C(1900000100005));
    take_rating(&c, ids[0], false);
    assert_int_equal(copy_end(&c), 0);
    char *text = fhir_bundle(&c);
    assert_non_null(strstr(text, "\"effectiveDateTime\": \"2030-03-17T17:48:20.005Z\""));
    assert_non_null(strstr(text, "\"issued\": \"2030-03-17T17:46:40.123Z\""));
    assert_non_null(strstr(text, "\"value\": 7.5"));
    assert_non_null(strstr(text, "\"asked-declined\""));
    assert_non_null(strstr(text, "\"value\": \"c114\""));
    assert_null(strstr(text, "\"name\""));
    free(text);
    copy_fini(&c);
}

static void a_phrase_is_four_groups_of_signs_that_cannot_be_mistaken(void **state)
{
    uint8_t random[PASSPHRASE_SIGNS];
    char text[PASSPHRASE_TEXT + 1];
    (void)state;
    for (size_t i = 0; i < sizeof random; i++) {
        random[i] = (uint8_t)(i + 32);
    }
    passphrase_text(random, text);
    assert_string_equal(text, "0123456-789abcd-efghjkm-npqrstv");
    memset(random, 0xff, sizeof random);
    passphrase_text(random, text);
    assert_string_equal(text, "zzzzzzz-zzzzzzz-zzzzzzz-zzzzzzz");
}

static void what_is_no_pdf_is_not_locked(void **state)
{
    static uint8_t bytes[] = "this is no PDF";
    const struct plot_bytes pdf = {.at = bytes, .count = sizeof bytes};
    const struct locked_attachment a = {"a", "a", "text/plain", "a", 1};
    struct plot_bytes locked = {0};
    (void)state;
    assert_int_equal(locked_pdf(&pdf, &a, "phrase", &locked), ERR_INTERNAL);
    assert_int_equal(locked.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_turned_round_and_ratings_find_their_sessions),
        cmocka_unit_test(a_rating_without_its_session_or_a_second_one_makes_no_copy),
        cmocka_unit_test(more_than_its_limit_is_refused_and_not_cut),
        cmocka_unit_test(a_bundle_says_what_is_missing_and_names_nobody),
        cmocka_unit_test(a_phrase_is_four_groups_of_signs_that_cannot_be_mistaken),
        cmocka_unit_test(what_is_no_pdf_is_not_locked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
