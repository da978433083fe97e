/* Goal: every text of every rule can be said in every language, within its room. Method: the
 * catalogs as they were built; each rule's texts are filled with numbers as long as they get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "server/aggregator/catalogs.h"
#include "server/aggregator/evaluate.h"

static struct languages languages;

static int load(void **state)
{
    (void)state;
    catalogs_load(CATALOGS, &languages);
    return 0;
}

static void there_are_four_languages_and_english_for_the_rest(void **state)
{
    (void)state;
    assert_int_equal(languages.count, 3);
    assert_string_equal(texts_find(&languages, "de")->wording, "de/" TEXTS_WORDING);
    assert_string_equal(texts_find(&languages, "fr")->at[TEXT_AREA_SAFETY], "Sécurité");
    assert_string_equal(texts_find(&languages, "es")->at[TEXT_DECIMAL_SIGN], ",");
    assert_ptr_equal(texts_find(&languages, "en"), &texts_english);
    assert_ptr_equal(texts_find(&languages, "nl"), &texts_english);
    assert_ptr_equal(texts_find(NULL, "de"), &texts_english);
}

static void no_two_languages_say_the_same(void **state)
{
    (void)state;
    const struct texts *all[] = {&texts_english, &languages.texts[0], &languages.texts[1],
                                 &languages.texts[2]};
    for (int text = TEXT_WHAT_TOTAL; text < TEXTS; text++) {
        for (size_t a = 0; a < 4; a++) {
            for (size_t b = 0; b < a; b++) {
                assert_string_not_equal(all[a]->at[text], all[b]->at[text]);
            }
        }
    }
}

/* A history with much to say: a long one, low at its end, in that area. */
static void worst_of(int area, struct history *ret_history)
{
    *ret_history = (struct history){.count = HISTORY_MAX};
    for (size_t i = 0; i < HISTORY_MAX; i++) {
        for (int a = 0; a < AREAS; a++) {
            ret_history->scores[i][a] = i + 1 < HISTORY_MAX ? 100 : 99;
        }
    }
    ret_history->scores[HISTORY_MAX - 1][area] = 10;
    ret_history->tension[HISTORY_MAX - 1] = TENSION_UNRESOLVED;
}

static void say_all(const struct texts *texts, int area)
{
    char room[TEXT_ROOM];
    struct rule_settings settings;
    struct history h;
    struct figures f;
    rule_settings_defaults(&settings);
    worst_of(area, &h);
    figures_take(&h, &f);
    for (size_t i = 0; i < RULES; i++) {
        const struct rule *r = rules_at(i);
        struct say w = {.texts = texts, .room = room, .size = sizeof room};
        if (r == &rule_ceiling) {
            continue; /* It asks, and tells nothing. */
        }
        if (r != &rule_area_low) { /* It speaks of a pattern that is not there. */
            r->why(&f, &settings, &w);
        }
        SAY(&w, r->rate, NULL);
        assert_null(strchr(room, '{'));
        assert_true(w.len > 12);
        w = (struct say){.texts = texts, .room = room, .size = sizeof room};
        SAY(&w, r->next_time, texts->at[rule_phrase(area)]);
        assert_null(strchr(room, '{'));
    }
}

static void every_rule_can_say_everything_in_every_language(void **state)
{
    (void)state;
    for (size_t i = 0; i < languages.count; i++) {
        for (int area = 0; area < AREAS; area++) {
            say_all(&languages.texts[i], area);
        }
    }
}

static void an_alert_is_whole_and_with_the_languages_numbers(void **state)
{
    (void)state;
    static struct finding found[RULES];
    struct rule_settings settings;
    struct rupture rupture = {0};
    struct history h;
    struct evaluation whole;
    rule_settings_defaults(&settings);
    worst_of(2, &h);
    const struct judgement j = {
        .history = &h, .settings = &settings, .texts = texts_find(&languages, "de")};
    size_t count = evaluate(&j, &rupture, &whole, found);
    assert_true(count > 0);
    assert_string_equal(found[0].rule->id, "TENSION");
    assert_string_equal(found[0].what,
                        "Verständnis 9,9 (sonst 10,0), Bedeutung 9,9 (sonst 10,0), Sicherheit 1,0 "
                        "(sonst 10,0), Passung 9,9 (sonst 10,0); Summe 30,7 von 40.");
    assert_non_null(strstr(found[0].next_time, "was das offene Sprechen leichter macht"));
}

static void a_folder_without_catalogs_leaves_english(void **state)
{
    (void)state;
    struct languages none;
    catalogs_load("/nonexistent", &none);
    assert_int_equal(none.count, 0);
    assert_ptr_equal(texts_find(&none, "de"), &texts_english);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_four_languages_and_english_for_the_rest),
        cmocka_unit_test(no_two_languages_say_the_same),
        cmocka_unit_test(every_rule_can_say_everything_in_every_language),
        cmocka_unit_test(an_alert_is_whole_and_with_the_languages_numbers),
        cmocka_unit_test(a_folder_without_catalogs_leaves_english),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
