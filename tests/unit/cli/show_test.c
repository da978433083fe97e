#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/cli/show.h"
#include "proto/wire/limits.h"

static uint8_t an_id[LIMIT_ID_SIZE] = {0xab, [15] = 1};
static char what[] = "6.1 beside usually 9.0", why[] = "below 28 of 40",
            now[] = "ask what was missing", next_time[] = "agree on one change", client[] = "c114",
            rule[] = "VERY_LOW";

static void make_alert(Attune__Alert *a, Attune__Scores *s)
{
    attune__alert__init(a);
    attune__scores__init(s);
    s->safety_answer_case = ATTUNE__SCORES__SAFETY_ANSWER_SAFETY;
    s->safety = 73;
    a->alert_id = (ProtobufCBinaryData){sizeof an_id, an_id};
    a->scores = s;
    a->tier = ATTUNE__TIER__TIER_RED;
    a->client_ref = client;
    a->rule = rule;
    a->what = what;
    a->why = why;
    a->now = now;
    a->next_time = next_time;
    a->talk = ATTUNE__TALK__TALK_NOW;
    a->session_start_ms = INT64_C(1772542800000);
}

static void an_alert_says_all_its_parts(void **state)
{
    (void)state;
    Attune__Alert a;
    Attune__Scores s;
    make_alert(&a, &s);
    GString *text = g_string_new(NULL);
    show_alert(text, &a);
    static const char *const parts[] = {"ALERT",
                                        "c114",
                                        "6.1 beside usually 9.0",
                                        "below 28 of 40",
                                        "ask what was missing",
                                        "agree on one change",
                                        "wants to talk about it now"};
    for (size_t at = 0; at < G_N_ELEMENTS(parts); at++) {
        assert_non_null(strstr(text->str, parts[at]));
    }
    assert_null(strstr(text->str, "late"));
    g_string_truncate(text, 0);
    a.late = 1;
    show_alert(text, &a);
    assert_non_null(strstr(text->str, "late: the session is over"));
    g_string_free(text, TRUE);
}

static void nothing_in_an_alert_moves_the_terminals_cursor(void **state)
{
    (void)state;
    Attune__Alert a;
    Attune__Scores s;
    char evil[] = "\x1b]0;x\x07";
    make_alert(&a, &s);
    a.what = evil;
    GString *text = g_string_new(NULL);
    show_alert(text, &a);
    assert_null(strchr(text->str, 0x1b));
    assert_null(strchr(text->str, 0x07));
    g_string_free(text, TRUE);
}

static void absent_is_null_and_never_zero(void **state)
{
    (void)state;
    Attune__Alert a;
    Attune__Scores s;
    make_alert(&a, &s);
    json_t *object = show_alert_json(&a);
    json_t *scores = json_object_get(object, "scores");
    assert_true(json_is_null(json_object_get(scores, "fit")));
    char *text =
        json_dumps(json_object_get(scores, "safety"), JSON_ENCODE_ANY | JSON_REAL_PRECISION(4));
    assert_string_equal(text, "7.3");
    free(text);
    assert_true(json_is_null(json_object_get(object, "usual")));
    assert_true(json_is_null(json_object_get(object, "created")));
    assert_string_equal(json_string_value(json_object_get(object, "alert_id")),
                        "ab000000000000000000000000000001");
    assert_string_equal(json_string_value(json_object_get(object, "session_start")),
                        "2026-03-03T13:00:00.000Z");
    json_decref(object);

    char line[SHOW_SCORES];
    show_scores(line, &s);
    assert_string_equal(line, "- - 7.3 -");
    show_scores(line, NULL);
    assert_string_equal(line, "skipped");
}

static void text_that_is_no_utf8_becomes_null(void **state)
{
    (void)state;
    Attune__Alert a;
    Attune__Scores s;
    char broken[] = "\xff\xfe";
    make_alert(&a, &s);
    a.what = broken;
    json_t *object = show_alert_json(&a);
    assert_true(json_is_null(json_object_get(object, "what")));
    json_decref(object);
}

static void an_enum_of_another_version_is_unknown(void **state)
{
    (void)state;
    assert_string_equal(show_state((Attune__SessionState)99), "unknown");
    assert_string_equal(show_outcome((Attune__SessionOutcome)-1), "unknown");
    assert_string_equal(show_talk((Attune__Talk)4), "unknown");
    assert_string_equal(show_tier((Attune__Tier)5), "unknown");
    assert_string_equal(show_tier(ATTUNE__TIER__TIER_GOOD), "good news");
    assert_string_equal(show_tier(ATTUNE__TIER__TIER_RED), "red");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alert_says_all_its_parts),
        cmocka_unit_test(nothing_in_an_alert_moves_the_terminals_cursor),
        cmocka_unit_test(absent_is_null_and_never_zero),
        cmocka_unit_test(text_that_is_no_utf8_becomes_null),
        cmocka_unit_test(an_enum_of_another_version_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
