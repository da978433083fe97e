#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/kiosk/seal.h"
#include "client/kiosk/spool_file.h"
#include "proto/wire/err.h"

static void without_a_key_a_rating_goes_as_it_is(void **state)
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
    assert_int_equal(seal_rating(&rating, NULL, 0, room, sizeof room, &len), 0);

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

/* Goal: a record tells nothing by its length, and nothing of it stands in the clear. Method: the
 * shortest and the longest rating that there is, and the bytes of both looked for. */
static void whatever_was_answered_a_record_is_of_one_length(void **state)
{
    (void)state;
    uint8_t id[LIMIT_ID_SIZE], ticket[LIMIT_ID_SIZE], room[SPOOL_RECORD_SIZE], packed[256];
    char instrument[LIMIT_NAME_BYTES + 1] = "";
    size_t first = 0, len, opened;
    struct seal_pair pair;
    struct seal_chain chain;
    Attune__Scores scores;
    Attune__Rating rating;
    memset(id, 0x5a, sizeof id);
    memset(ticket, 0xa5, sizeof ticket);
    seal_pair_make(&pair);
    seal_chain_init(&chain, &pair.key);
    attune__scores__init(&scores);
    attune__rating__init(&rating);
    rating.rating_id = (ProtobufCBinaryData){sizeof id, id};
    rating.ticket_id = (ProtobufCBinaryData){sizeof ticket, ticket};
    rating.skipped = true;
    rating.instrument = instrument;
    assert_int_equal(seal_rating(&rating, &chain, 0, room, sizeof room, &first), 0);
    memset(instrument, 'i', LIMIT_NAME_BYTES);
    scores.understanding_answer_case = ATTUNE__SCORES__UNDERSTANDING_ANSWER_UNDERSTANDING;
    scores.relevance_answer_case = ATTUNE__SCORES__RELEVANCE_ANSWER_RELEVANCE;
    scores.safety_answer_case = ATTUNE__SCORES__SAFETY_ANSWER_SAFETY;
    scores.fit_answer_case = ATTUNE__SCORES__FIT_ANSWER_FIT;
    rating.skipped = false;
    rating.scores = &scores;
    rating.talk = ATTUNE__TALK__TALK_RATHER_NOT;
    rating.tension = ATTUNE__TENSION__TENSION_UNRESOLVED;
    rating.better = ATTUNE__BETTER__BETTER_NOTHING;
    rating.made_at_ms = INT64_C(4102444799999);
    assert_int_equal(seal_rating(&rating, &chain, 0, room, sizeof room, &len), 0);
    assert_int_equal(len, first);
    assert_null(memmem(room, len, id, 4));
    assert_null(memmem(room, len, ticket, 4));
    assert_null(memmem(room, len, instrument, 8));

    Attune__SubmitRating *submit = attune__submit_rating__unpack(NULL, len, room);
    assert_non_null(submit);
    assert_int_equal(submit->seal, ATTUNE__SEAL__SEAL_BOX);
    assert_int_equal(seal_open(&pair, 1, submit->record.data, submit->record.len, room, &opened),
                     0);
    assert_int_equal(opened, attune__rating__pack(&rating, packed));
    assert_memory_equal(room, packed, opened);
    attune__submit_rating__free_unpacked(submit, NULL);
}

static void what_was_saved_in_the_clear_is_sealed_on_its_way_out(void **state)
{
    (void)state;
    uint8_t record[] = "a packed rating", room[SPOOL_RECORD_SIZE], opened[SEAL_RECORD_MAX];
    struct seal_pair pair;
    struct seal_chain chain;
    Attune__SubmitRating clear, *sealed;
    seal_pair_make(&pair);
    seal_chain_init(&chain, &pair.key);
    attune__submit_rating__init(&clear);
    clear.record = (ProtobufCBinaryData){sizeof record, record};
    size_t len = attune__submit_rating__pack(&clear, room), opened_len;
    assert_false(seal_late(&chain, 0, room, len, &len)); /* No room for it. */
    assert_true(seal_late(&chain, 0, room, sizeof room, &len));
    assert_null(memmem(room, len, record, 4));
    sealed = attune__submit_rating__unpack(NULL, len, room);
    assert_non_null(sealed);
    assert_int_equal(sealed->seal, ATTUNE__SEAL__SEAL_BOX);
    assert_int_equal(
        seal_open(&pair, 1, sealed->record.data, sealed->record.len, opened, &opened_len), 0);
    assert_int_equal(opened_len, sizeof record);
    assert_memory_equal(opened, record, sizeof record);
    attune__submit_rating__free_unpacked(sealed, NULL);
    assert_false(seal_late(&chain, 0, room, sizeof room, &len));         /* Sealed already. */
    assert_false(seal_late(&chain, 0, room, sizeof room, &(size_t){3})); /* Nonsense. */
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
    assert_int_equal(seal_rating(&rating, NULL, 0, room, sizeof room, &len), 0);
    assert_int_equal(seal_rating(&rating, NULL, 0, room, len - 1, &len), ERR_FIELD);
    text[LIMIT_RECORD_SIZE - 3] = 'x';
    text[LIMIT_RECORD_SIZE - 2] = '\0';
    assert_int_equal(seal_rating(&rating, NULL, 0, room, sizeof room, &len), ERR_FIELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_key_a_rating_goes_as_it_is),
        cmocka_unit_test(whatever_was_answered_a_record_is_of_one_length),
        cmocka_unit_test(what_was_saved_in_the_clear_is_sealed_on_its_way_out),
        cmocka_unit_test(a_rating_that_is_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
