/* Which wordings a ticket is rated in; the texts beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/kiosk/settings.h"
#include "client/kiosk/texts.h"
#include "client/kiosk/wordings.h"
#include "proto/wire/err.h"

static struct wordings w; /* 80 kB. */

static void own(char room[INSTRUMENT_FILE_MAX + 1], const char *language, const char *audience)
{
    (void)snprintf(
        room, INSTRUMENT_FILE_MAX + 1,
        "id = ours\nversion = 3\nlanguage = %s\nlanguage.name = Ours\naudience = %s\n"
        "steps = 4\n"
        "understanding.question = a\nunderstanding.lowest = b\nunderstanding.highest = c\n"
        "relevance.question = a\nrelevance.lowest = b\nrelevance.highest = c\n"
        "safety.question = a\nsafety.lowest = b\nsafety.highest = c\n"
        "fit.question = a\nfit.lowest = b\nfit.highest = c\n",
        language, audience);
}

static void those_shipped_when_the_practice_has_none_english_first(void **state)
{
    (void)state;
    static const char *const order[] = {"en", "de", "fr", "es", "ar"};
    for (int audience = AUDIENCE_ADULT; audience <= AUDIENCE_CHILD; audience++) {
        assert_int_equal(wordings_choose(&w, (enum audience)audience, NULL, 0), 0);
        assert_int_equal(w.count, 5);
        for (size_t i = 0; i < 5; i++) {
            assert_string_equal(w.at[i].language, order[i]);
            assert_int_equal(w.at[i].audience, audience);
        }
    }
}

static void the_practices_own_stand_in_place_of_those(void **state)
{
    (void)state;
    char text[INSTRUMENT_FILE_MAX + 1];
    own(text, "tr", "adult");
    const char *const texts[] = {text};
    assert_int_equal(wordings_choose(&w, AUDIENCE_ADULT, texts, 1), 0);
    assert_int_equal(w.count, 1);
    assert_string_equal(w.at[0].id, "ours");
    assert_int_equal(wordings_find(&w, "en"), 0);
}

static void what_cannot_be_used_is_left_out_and_counted(void **state)
{
    (void)state;
    char good[INSTRUMENT_FILE_MAX + 1], child[INSTRUMENT_FILE_MAX + 1];
    own(good, "tr", "adult");
    own(child, "pl", "child");
    const char *const texts[] = {"nonsense", child, good, good};
    assert_int_equal(wordings_choose(&w, AUDIENCE_ADULT, texts, 4), 3);
    assert_int_equal(w.count, 1);
    assert_int_equal(wordings_choose(&w, AUDIENCE_ADULT, texts, 2), 2);
    assert_int_equal(w.count, 5); /* Nobody is left without words. */
}

static void no_more_than_there_is_room_for(void **state)
{
    (void)state;
    static char texts[WORDINGS_MAX + 1][INSTRUMENT_FILE_MAX + 1];
    const char *list[WORDINGS_MAX + 1];
    for (int i = 0; i <= WORDINGS_MAX; i++) {
        own(texts[i], (char[]){'a', (char)('a' + i), '\0'}, "adult");
        list[i] = texts[i];
    }
    assert_int_equal(wordings_choose(&w, AUDIENCE_ADULT, list, WORDINGS_MAX), 0);
    assert_int_equal(w.count, WORDINGS_MAX);
    assert_int_equal(wordings_choose(&w, AUDIENCE_ADULT, list, WORDINGS_MAX + 1), 1);
}

static void an_unknown_language_is_english(void **state)
{
    (void)state;
    (void)wordings_choose(&w, AUDIENCE_ADULT, NULL, 0);
    assert_int_equal(wordings_find(&w, "ar"), 4);
    assert_int_equal(wordings_find(&w, "xx"), 0);
}

static void every_text_is_there_in_five_languages(void **state)
{
    (void)state;
    static struct catalogs c;
    catalogs_load(ATTUNE_LOCALE_DIR, &c);
    assert_int_equal(c.count, TEXTS_LANGUAGES);
    for (size_t l = 1; l < c.count; l++) {
        assert_string_not_equal(c.at[l].at[TEXT_SEND], c.at[0].at[TEXT_SEND]);
        for (size_t i = 0; i < TEXTS; i++) {
            assert_true(strlen(c.at[l].at[i]) > 0 && strlen(c.at[l].at[i]) < TEXTS_ROOM);
        }
    }
    assert_string_equal(catalogs_find(&c, "de")->at[TEXT_SEND], "Senden");
    assert_string_equal(catalogs_find(&c, "tr")->at[TEXT_SEND], "Send");
}

static void without_catalogs_everything_is_english(void **state)
{
    (void)state;
    static struct catalogs c;
    catalogs_load("/nowhere", &c);
    assert_string_equal(catalogs_find(&c, "de")->at[TEXT_SEND], "Send");
}

static void words_are_filled_in_and_cut_to_the_room(void **state)
{
    (void)state;
    char room[TEXTS_ROOM], is_long[600];
    assert_string_equal(texts_fill(room, "a {1} b {2}{1}", "x", "y"), "a x b yx");
    assert_string_equal(texts_fill(room, "{3} {", "x", "y"), "{3} {");
    memset(is_long, 'z', sizeof is_long - 1);
    is_long[sizeof is_long - 1] = '\0';
    assert_int_equal(strlen(texts_fill(room, "{1}{2}", is_long, is_long)), TEXTS_ROOM - 1);
}

static int load(const char *text, struct settings *s, struct config_fault *fault)
{
    char path[] = "/tmp/attune-settings-XXXXXX";
    int file = mkstemp(path);
    FILE *stream = fdopen(file, "w");
    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0);
    assert_int_equal(fclose(stream), 0);
    int rc = settings_load(path, s, fault);
    assert_int_equal(remove(path), 0);
    return rc;
}

static void a_configuration_is_judged(void **state)
{
    (void)state;
    static struct settings s;
    struct config_fault fault;
    assert_int_equal(load("server = a:1\n", &s, &fault), 0);
    assert_int_equal(s.idle_s, 90);
    assert_int_equal(s.warning_s, 30);
    assert_int_equal(load("server = a:1\npin = 2580\n", &s, &fault), 0);
    assert_int_equal(load("server = a:1\npin = 123\n", &s, &fault), ERR_CONFIG);
    assert_int_equal(load("server = a:1\npin = 123456789012\n", &s, &fault), 0);
    assert_int_equal(load("server = a:1\npin = 1234567890123\n", &s, &fault), ERR_CONFIG);
    assert_int_equal(load("server = a:1\npin = 12a4\n", &s, &fault), ERR_CONFIG);
    assert_int_equal(load("server = a:1\nlanguage = DE\n", &s, &fault), ERR_CONFIG);
    assert_int_equal(load("server = a:1\n\nidle_s = 0\n", &s, &fault), ERR_CONFIG);
    assert_int_equal(fault.line, 3);
    assert_int_equal(load("server = a:1\nidle_s = 601\n", &s, &fault), ERR_CONFIG);
    /* Where no server is named, the one is meant that the kiosk's code named. */
    assert_int_equal(load("idle_s = 90\n", &s, &fault), 0);
    assert_string_equal(s.server, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_shipped_when_the_practice_has_none_english_first),
        cmocka_unit_test(the_practices_own_stand_in_place_of_those),
        cmocka_unit_test(what_cannot_be_used_is_left_out_and_counted),
        cmocka_unit_test(no_more_than_there_is_room_for),
        cmocka_unit_test(an_unknown_language_is_english),
        cmocka_unit_test(every_text_is_there_in_five_languages),
        cmocka_unit_test(without_catalogs_everything_is_english),
        cmocka_unit_test(words_are_filled_in_and_cut_to_the_room),
        cmocka_unit_test(a_configuration_is_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
