#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/kiosk/seal.h"
#include "client/kiosk/spool_file.h"
#include "proto/wire/err.h"

static void a_rating_comes_out_as_it_went_in(void **state)
{
    (void)state;
    uint8_t id[LIMIT_ID_SIZE] = {1, 2, 3}, room[SPOOL_RECORD_SIZE];
    char instrument[] = "attune-adult-en/1";
    size_t len;
    Attune__Scores scores;
    attune__scores__init(&scores);
    scores.safety_answer_case = ATTUNE__SCORES__SAFETY_ANSWER_SAFETY;
    scores.safety = 0;
    Attune__Rating rating;
    attune__rating__init(&rating);
    rating.rating_id = (ProtobufCBinaryData){sizeof id, id};
    rating.instrument = instrument;
    rating.scores = &scores;
    assert_int_equal(seal_rating(&rating, room, sizeof room, &len), 0);

    Attune__SubmitRating *submit = attune__submit_rating__unpack(NULL, len, room);
    assert_non_null(submit);
    assert_int_equal(submit->seal, ATTUNE__SEAL__SEAL_NONE);
    Attune__Rating *out = attune__rating__unpack(NULL, submit->record.len, submit->record.data);
    assert_non_null(out);
    assert_memory_equal(out->rating_id.data, id, sizeof id);
    /* Zero is an answer, absence is none. */
    assert_int_equal(out->scores->safety_answer_case, ATTUNE__SCORES__SAFETY_ANSWER_SAFETY);
    assert_int_equal(out->scores->fit_answer_case, ATTUNE__SCORES__FIT_ANSWER__NOT_SET);
    attune__rating__free_unpacked(out, NULL);
    attune__submit_rating__free_unpacked(submit, NULL);
}

static void a_rating_that_is_too_large_is_refused(void **state)
{
    (void)state;
    uint8_t room[SPOOL_RECORD_SIZE];
    char text[LIMIT_RECORD_SIZE + 1];
    size_t len;
    memset(text, 'x', sizeof text);
    Attune__Rating rating;
    attune__rating__init(&rating);
    rating.instrument = text;
    text[LIMIT_RECORD_SIZE - 3] = '\0'; /* With its tag and length exactly the limit. */
    assert_int_equal(attune__rating__get_packed_size(&rating), LIMIT_RECORD_SIZE);
    assert_int_equal(seal_rating(&rating, room, sizeof room, &len), 0);
    assert_int_equal(seal_rating(&rating, room, len - 1, &len), ERR_FIELD);
    text[LIMIT_RECORD_SIZE - 3] = 'x';
    text[LIMIT_RECORD_SIZE - 2] = '\0';
    assert_int_equal(seal_rating(&rating, room, sizeof room, &len), ERR_FIELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rating_comes_out_as_it_went_in),
        cmocka_unit_test(a_rating_that_is_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
