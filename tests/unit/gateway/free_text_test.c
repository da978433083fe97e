#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "server/gateway/free_text.h"

static const char WORDS[] = "begin with what was hard: Zo\xc3\xab";
/* Worked out by another program, from the header's description. */
static const char VECTOR[] =
    "\x01ISEhISEhISEhISEhISEhIUJCQkJCQkJCQkJCQkJCQkIgqA0q4M5s6ZKrCM27lTuirpndegWklIxLWLTLtu4WRp7Iw_"
    "L7JLQ3LtOg_9wvrwSQNKOGg4uC6vSPXDlfFyXHwKOal7mt2_oLHn391UaG9Jw_ZVYqAjtbqMw7Pho6NrvIzJp5ohqL8Q";

struct inputs {
    uint8_t key[FREE_TEXT_KEY], token[FREE_TEXT_TOKEN], id[FREE_TEXT_ID];
};

static struct inputs usual(void)
{
    struct inputs in;
    for (size_t i = 0; i < sizeof in.key; i++) {
        in.key[i] = (uint8_t)i;
    }
    memset(in.token, 0x21, sizeof in.token);
    memset(in.id, 0x42, sizeof in.id);
    return in;
}

static void a_known_text_is_sealed_to_known_bytes_and_opened_again(void **state)
{
    (void)state;
    struct inputs in = usual(), about;
    char text[FREE_TEXT_ROOM], words[FREE_TEXT_WORDS_MAX + 1];
    free_text_seal(in.key, in.token, in.id, WORDS, text);
    assert_string_equal(text, VECTOR);
    assert_true(free_text_is_sealed(VECTOR));
    assert_false(free_text_is_sealed(WORDS));
    assert_false(free_text_is_sealed(""));
    assert_int_equal(free_text_open(in.key, VECTOR, words), 0);
    assert_string_equal(words, WORDS);
    assert_int_equal(free_text_about(VECTOR, about.token, about.id), 0);
    assert_memory_equal(about.token, in.token, sizeof in.token);
    assert_memory_equal(about.id, in.id, sizeof in.id);
}

static void words_of_any_length_come_out_as_they_went_in_and_lengths_say_little(void **state)
{
    (void)state;
    struct inputs in = usual();
    char in_words[FREE_TEXT_WORDS_MAX + 1], text[FREE_TEXT_ROOM], words[FREE_TEXT_WORDS_MAX + 1];
    size_t lengths = 0, last = 0;
    for (size_t len = 0; len <= FREE_TEXT_WORDS_MAX; len++) {
        memset(in_words, 'w', len);
        in_words[len] = '\0';
        free_text_seal(in.key, in.token, in.id, in_words, text);
        assert_int_equal(free_text_open(in.key, text, words), 0);
        assert_string_equal(words, in_words);
        lengths += strlen(text) != last;
        last = strlen(text);
    }
    assert_int_equal(lengths, 4);
    assert_in_range(last, 1, FREE_TEXT_ROOM - 1);
}

/* Goal: a resend is the same row; anything else is not told apart by chance alone. */
static void the_same_is_the_same_and_each_other_thing_another(void **state)
{
    (void)state;
    struct inputs same = usual(), other;
    char text[FREE_TEXT_ROOM];
    free_text_seal(same.key, same.token, same.id, WORDS, text);
    assert_string_equal(text, VECTOR);
    for (int part = 0; part < 4; part++) {
        other = usual();
        other.key[0] ^= part == 0;
        other.token[0] ^= part == 1;
        other.id[0] ^= part == 2;
        free_text_seal(other.key, other.token, other.id, part == 3 ? "other" : WORDS, text);
        assert_string_not_equal(text, VECTOR);
        assert_string_not_equal(text + 60, VECTOR + 60); /* The nonce, and all after it. */
    }
}

static void another_key_and_any_changed_letter_open_nothing(void **state)
{
    (void)state;
    struct inputs in = usual();
    char text[sizeof VECTOR], words[FREE_TEXT_WORDS_MAX + 1];
    for (size_t i = 0; i < sizeof VECTOR - 1; i++) {
        memcpy(text, VECTOR, sizeof VECTOR);
        text[i] = text[i] == 'A' ? 'B' : 'A';
        memset(words, 'x', sizeof words);
        assert_int_equal(free_text_open(in.key, text, words), ERR_FIELD);
        assert_string_equal(words, "");
    }
    in.key[31] ^= 1;
    assert_int_equal(free_text_open(in.key, VECTOR, words), ERR_FIELD);
}

static void what_is_no_sealed_text_is_refused_at_every_length(void **state)
{
    (void)state;
    struct inputs in = usual();
    char text[2 * FREE_TEXT_ROOM], words[FREE_TEXT_WORDS_MAX + 1];
    for (size_t len = 0; len < sizeof VECTOR - 1; len++) {
        memcpy(text, VECTOR, len);
        text[len] = '\0';
        assert_int_equal(free_text_open(in.key, text, words), ERR_FIELD);
        assert_int_equal(free_text_about(text, in.token, in.id), ERR_FIELD);
    }
    memset(text, 'A', sizeof text - 1); /* Longer than any. */
    text[0] = FREE_TEXT_MARK;
    text[sizeof text - 1] = '\0';
    assert_int_equal(free_text_open(in.key, text, words), ERR_FIELD);
    assert_int_equal(free_text_open(in.key, "\x01", words), ERR_FIELD);
    assert_int_equal(free_text_open(in.key, "\x01?", words), ERR_FIELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_text_is_sealed_to_known_bytes_and_opened_again),
        cmocka_unit_test(words_of_any_length_come_out_as_they_went_in_and_lengths_say_little),
        cmocka_unit_test(the_same_is_the_same_and_each_other_thing_another),
        cmocka_unit_test(another_key_and_any_changed_letter_open_nothing),
        cmocka_unit_test(what_is_no_sealed_text_is_refused_at_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
