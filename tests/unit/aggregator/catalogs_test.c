/* Goal: every text of every rule can be said in every language, within its room. Method: the
 * catalogs as they were built; each rule's texts are filled with numbers as long as they get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
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

/* ---- any lines ------------------------------------------------------------------------------- */

static unsigned seed = 11;

static int dice(int least, int most)
{
    return least + (int)((unsigned)rand_r(&seed) % (unsigned)(most - least + 1));
}

/* Each line at its least, its most or between; switches mostly on. */
static void any_lines(struct rule_settings *s)
{
    static const struct {
        int32_t least, most;
    } lines[RULE_SETTINGS] = {
#define X(member, name, kind, fallback, least, most, help) {least, most},
#include "server/aggregator/rules/settings.def"
#undef X
    };
    int32_t numbers[RULE_SETTINGS];
    for (size_t i = 0; i < RULE_SETTINGS; i++) {
        int how = dice(0, lines[i].most == 1 ? 1 : 2);
        numbers[i] = how == 0 ? lines[i].least : lines[i].most;
        numbers[i] = how == 2 ? dice(lines[i].least, lines[i].most) : numbers[i];
    }
    assert_int_equal(rule_settings_from(numbers, RULE_SETTINGS, s), 0);
}

static void any_history(struct history *ret_history)
{
    *ret_history = (struct history){.count = (size_t)dice(1, HISTORY_MAX)};
    int least = dice(0, 100);
    for (size_t i = 0; i < ret_history->count; i++) {
        ret_history->skipped[i] = dice(0, 9) == 0;
        ret_history->tension[i] = (enum tension)dice(0, TENSION_UNRESOLVED);
        ret_history->goals[i] = (uint8_t)(dice(0, 3) == 0 ? dice(0, 15) : 0);
        for (int a = 0; a < AREAS; a++) {
            bool missing = ret_history->skipped[i] || dice(0, 19) == 0;
            ret_history->scores[i][a] = (int16_t)(missing ? SCORE_MISSING : dice(least, 100));
        }
    }
}

static const struct chance *any_chance(const struct rule_settings *s, struct chance **own)
{
    struct client_model m = client_model_default();
    chance_free(*own);
    m.mean = s->client_mean;
    m.client = s->client_spread;
    m.session = s->session_spread;
    m.area = s->area_spread;
    *own = s->unusual_on ? chance_new(&m, 1) : NULL;
    return *own;
}

/* Goal: whatever a practice sets and whatever clients rate, each alert can be said and is kept
 * whole: no room is too small, no number negative. */
static void no_line_that_can_be_set_is_too_much_for_a_sentence(void **state)
{
    (void)state;
    static struct finding found[RULES];
    struct chance *chance = NULL;
    size_t said = 0;
    for (int round = 0; round < 200; round++) {
        struct rule_settings settings;
        any_lines(&settings);
        const struct chance *tables = any_chance(&settings, &chance);
        struct rupture rupture = {0};
        for (int n = 0; n < 20; n++) {
            struct history h;
            struct evaluation whole;
            any_history(&h);
            const struct judgement j = {.history = &h,
                                        .settings = &settings,
                                        .settings_version = INT32_MAX,
                                        .chance = tables,
                                        .texts =
                                            n % 4 == 3 ? &texts_english : &languages.texts[n % 4],
                                        .late = n % 2 == 1};
            size_t count = evaluate(&j, &rupture, &whole, found);
            for (size_t i = 0; i < count; i++, said++) {
                assert_null(strpbrk(found[i].what, "{-"));
                assert_null(strchr(found[i].why, '{'));
                assert_null(strstr(found[i].why, " -"));
            }
        }
    }
    chance_free(chance);
    assert_true(said > 4000);
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
        cmocka_unit_test(no_line_that_can_be_set_is_too_much_for_a_sentence),
        cmocka_unit_test(a_folder_without_catalogs_leaves_english),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
