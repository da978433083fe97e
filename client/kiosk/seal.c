/* Happy path: pack the rating into a record, the record into a SubmitRating.
 * Failure: only a rating that is too large, which valid_rating would refuse as well. */
#include "client/kiosk/seal.h"

#include "proto/wire/err.h"

int seal_rating(const Attune__Rating *rating, uint8_t *room, size_t room_size, size_t *ret_len)
{
    uint8_t record[LIMIT_RECORD_SIZE];
    if (attune__rating__get_packed_size(rating) > sizeof record) {
        return ERR_FIELD;
    }
    Attune__SubmitRating submit;
    attune__submit_rating__init(&submit);
    submit.seal = ATTUNE__SEAL__SEAL_NONE;
    submit.record.data = record;
    submit.record.len = attune__rating__pack(rating, record);
    if (attune__submit_rating__get_packed_size(&submit) > room_size) {
        return ERR_FIELD;
    }
    *ret_len = attune__submit_rating__pack(&submit, room);
    return 0;
}
