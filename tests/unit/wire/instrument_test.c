/* The instruments that are shipped, and what is wrong with a file. */
#include "proto/wire/instrument.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/err.h"

static struct instrument at; /* Large, so not on the stack. */
static struct config_fault fault;

static int parse(const char *text)
{
    return instrument_parse(text, strlen(text), &at, &fault);
}

/* Goal: none is missing and each is read. Method: five languages, adult and child, counted. */
static void each_file_that_is_shipped_is_read(void **state)
{
    static const char *const languages[] = {"ar", "de", "en", "es", "fr"};
    char name[INSTRUMENT_NAME_ROOM], wanted[INSTRUMENT_NAME_ROOM];
    (void)state;
    for (size_t i = 0; i < 10; i++) {
        assert_non_null(instruments_shipped[i]);
        assert_int_equal(parse(instruments_shipped[i]), 0);
        assert_int_equal(at.audience, i < 5 ? AUDIENCE_ADULT : AUDIENCE_CHILD);
        assert_int_equal(at.steps, i < 5 ? 100 : 4);
        (void)snprintf(wanted, sizeof wanted, "attune-%s-%s/1", i < 5 ? "adult" : "child",
                       languages[i % 5]);
        assert_string_equal(instrument_name(&at, name), wanted);
    }
    assert_null(instruments_shipped[10]);
}

static const char *english(void)
{
    return instruments_shipped[2];
}

/* The English file with `from` replaced by `to`; the caller frees. */
static char *with(const char *from, const char *to)
{
    const char *place = strstr(english(), from);
    size_t size = strlen(english()) + strlen(to) + 1;
    char *text = malloc(size);
    assert_non_null(place);
    assert_non_null(text);
    (void)snprintf(text, size, "%.*s%s%s", (int)(place - english()), english(), to,
                   place + strlen(from));
    return text;
}

static void expect(const char *from, const char *to, unsigned line, const char *says)
{
    char *text = with(from, to);
    assert_int_equal(parse(text), ERR_CONFIG);
    assert_int_equal(fault.line, line);
    if (strstr(fault.text, says) == NULL) {
        fail_msg("'%s' instead of '%s'", fault.text, says);
    }
    free(text);
}

static void a_fault_is_named_with_its_line(void **state)
{
    (void)state;
    expect("understanding.lowest", "understanding.lowst", 10,
           "the nearest known one is 'understanding.lowest'");
    expect("version = 1", "version = 0", 3, "from 1 to 9999");
    expect("version = 1", "", 0, "version: must be given");
    expect("id = attune-adult", "id = Attune", 0, "id: 1 to 40");
    expect("language = en", "language = e", 0, "language: two or three");
    expect("audience = adult", "audience = adults", 0, "audience: adult or child");
    expect("steps = 100", "steps = 30", 0, "steps:");
    expect("steps = 100", "steps = 101", 7, "from 1 to 100");
    expect("audience = adult", "audience = child", 0, "steps:");
    expect("How well did you feel understood today?", "\x01", 0, "understanding.question:");
    expect("completely", "\xff", 0, "understanding.highest:");
}

/* Goal: the limits are where they are said to be. */
static void a_question_has_160_bytes_and_no_more(void **state)
{
    char question[200];
    (void)state;
    memset(question, 'q', sizeof question);
    question[INSTRUMENT_QUESTION_MAX] = '\0';
    char *text = with("How well did you feel understood today?", question);
    assert_int_equal(parse(text), 0);
    assert_string_equal(at.areas[0].question, question);
    free(text);
    question[INSTRUMENT_QUESTION_MAX] = 'q';
    question[INSTRUMENT_QUESTION_MAX + 1] = '\0';
    expect("How well did you feel understood today?", question, 0, "understanding.question:");
}

static void a_file_has_1535_bytes_and_no_more(void **state)
{
    char *text = calloc(1, INSTRUMENT_FILE_MAX + 2);
    (void)state;
    assert_non_null(text);
    memset(text, '\n', INSTRUMENT_FILE_MAX + 1);
    memcpy(text, english(), strlen(english()));
    assert_int_equal(instrument_parse(text, INSTRUMENT_FILE_MAX, &at, &fault), 0);
    assert_int_equal(instrument_parse(text, INSTRUMENT_FILE_MAX + 1, &at, &fault), ERR_CONFIG);
    free(text);
}

static void a_place_is_the_nearest_score_of_its_steps(void **state)
{
    (void)state;
    assert_int_equal(parse(english()), 0);
    assert_int_equal(instrument_score(&at, 0), 0);
    assert_int_equal(instrument_score(&at, 0.734), 73);
    assert_int_equal(instrument_score(&at, 0.736), 74);
    assert_int_equal(instrument_score(&at, 1.5), 100);
    assert_int_equal(instrument_score(&at, -1), 0);
    assert_int_equal(parse(instruments_shipped[7]), 0);
    assert_int_equal(instrument_score(&at, 0.37), 25);
    assert_int_equal(instrument_score(&at, 0.38), 50);
    assert_int_equal(instrument_score(&at, 1), 100);
}

/* Goal: whoever was shown one before goes on with it. */
static void a_bad_file_leaves_what_was_there(void **state)
{
    char name[INSTRUMENT_NAME_ROOM];
    (void)state;
    assert_int_equal(parse(english()), 0);
    assert_int_equal(parse("id = x"), ERR_CONFIG);
    assert_string_equal(instrument_name(&at, name), "attune-adult-en/1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_file_that_is_shipped_is_read),
        cmocka_unit_test(a_fault_is_named_with_its_line),
        cmocka_unit_test(a_question_has_160_bytes_and_no_more),
        cmocka_unit_test(a_file_has_1535_bytes_and_no_more),
        cmocka_unit_test(a_place_is_the_nearest_score_of_its_steps),
        cmocka_unit_test(a_bad_file_leaves_what_was_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
