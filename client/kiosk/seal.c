/* Happy path: pack the rating, seal it, wrap it in a SubmitRating.
 * Failure: only a rating that is too large, which valid_rating would refuse as well. */
#include "client/kiosk/seal.h"

#include "proto/wire/err.h"

static int wrap(Attune__Seal how, uint8_t *record, size_t len, uint8_t *room, size_t room_size,
                size_t *ret_len)
{
    Attune__SubmitRating submit;
    attune__submit_rating__init(&submit);
    submit.seal = how;
    submit.record = (ProtobufCBinaryData){len, record};
    if (attune__submit_rating__get_packed_size(&submit) > room_size) {
        return ERR_FIELD;
    }
    *ret_len = attune__submit_rating__pack(&submit, room);
    return 0;
}

int seal_rating(const Attune__Rating *rating, struct seal_chain *chain, int64_t now_ms,
                uint8_t *room, size_t room_size, size_t *ret_len)
{
    uint8_t record[LIMIT_RECORD_SIZE], sealed[SEAL_SIZE];
    if (attune__rating__get_packed_size(rating) > sizeof record) {
        return ERR_FIELD;
    }
    int rc;
    size_t len = attune__rating__pack(rating, record);
    if (chain == NULL) {
        rc = wrap(ATTUNE__SEAL__SEAL_NONE, record, len, room, room_size, ret_len);
    } else {
        rc = seal_record(chain, now_ms, record, len, sealed);
        rc = rc != 0
                 ? rc
                 : wrap(ATTUNE__SEAL__SEAL_BOX, sealed, sizeof sealed, room, room_size, ret_len);
    }
    seal_wipe(record, sizeof record);
    return rc;
}

bool seal_late(struct seal_chain *chain, int64_t now_ms, uint8_t *room, size_t room_size,
               size_t *len)
{
    uint8_t sealed[SEAL_SIZE];
    Attune__SubmitRating *clear = attune__submit_rating__unpack(NULL, *len, room);
    bool changed = clear != NULL && clear->seal == ATTUNE__SEAL__SEAL_NONE &&
                   seal_record(chain, now_ms, clear->record.data, clear->record.len, sealed) == 0 &&
                   wrap(ATTUNE__SEAL__SEAL_BOX, sealed, sizeof sealed, room, room_size, len) == 0;
    if (changed) {
        seal_wipe(clear->record.data, clear->record.len);
    }
    if (clear != NULL) {
        attune__submit_rating__free_unpacked(clear, NULL);
    }
    return changed;
}
