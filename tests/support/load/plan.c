/* Happy path: hash, pack. Failure: none; a record that does not fit is our own mistake. */
#include "tests/support/load/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/sha.h>

#include "client/kiosk/seal.h"
#include "proto/wire/be.h"
#include "proto/wire/must.h"

enum { HASHED = 12, LOW_TENTHS = 25, GOOD_TENTHS = 92 };

/* The text is what fleet.sql hashes too. */
static void make_id(const struct plan *p, const char *what, uint32_t number, uint8_t *ret_id)
{
    char text[64];
    uint8_t hash[SHA256_DIGEST_LENGTH];
    int len = snprintf(text, sizeof text, "%s %" PRIu64 " %" PRIu32, what, p->seed, number);
    must(len > 0 && (size_t)len < sizeof text);
    (void)SHA256((const unsigned char *)text, (size_t)len, hash); /* Returns `hash`. */
    memcpy(ret_id, hash, HASHED);
    (void)put_be(ret_id + HASHED, LIMIT_ID_SIZE - HASHED, number);
}

void plan_ticket_id(const struct plan *p, uint32_t number, uint8_t ret_id[LIMIT_ID_SIZE])
{
    make_id(p, "ticket", number, ret_id);
}

void plan_rating_id(const struct plan *p, uint32_t number, uint8_t ret_id[LIMIT_ID_SIZE])
{
    make_id(p, "rating", number, ret_id);
}

bool plan_number(const struct plan *p, const uint8_t id[LIMIT_ID_SIZE], uint32_t *ret_number)
{
    uint32_t number = (uint32_t)get_be(id + HASHED, LIMIT_ID_SIZE - HASHED);
    if (number < p->first || number - p->first >= p->count) {
        return false;
    }
    *ret_number = number;
    return true;
}

bool plan_low(const struct plan *p, uint32_t number)
{
    return p->low_every > 0 && number % p->low_every == p->low_every - 1;
}

size_t plan_record(const struct plan *p, uint32_t number, int64_t made_at_ms,
                   struct seal_chain *chain, uint8_t *room, size_t room_size)
{
    uint8_t rating_id[LIMIT_ID_SIZE], ticket_id[LIMIT_ID_SIZE];
    Attune__Rating rating = ATTUNE__RATING__INIT;
    Attune__Scores scores = ATTUNE__SCORES__INIT;
    plan_rating_id(p, number, rating_id);
    plan_ticket_id(p, number, ticket_id);
    rating.rating_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, rating_id};
    rating.ticket_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, ticket_id};
    uint32_t tenths = plan_low(p, number) ? LOW_TENTHS : GOOD_TENTHS + rating_id[0] % 9;
    scores.understanding_answer_case = ATTUNE__SCORES__UNDERSTANDING_ANSWER_UNDERSTANDING;
    scores.relevance_answer_case = ATTUNE__SCORES__RELEVANCE_ANSWER_RELEVANCE;
    scores.safety_answer_case = ATTUNE__SCORES__SAFETY_ANSWER_SAFETY;
    scores.fit_answer_case = ATTUNE__SCORES__FIT_ANSWER_FIT;
    scores.understanding = scores.relevance = scores.safety = scores.fit = tenths;
    rating.scores = &scores;
    rating.talk = ATTUNE__TALK__TALK_NOW;
    rating.instrument = (char *)(uintptr_t) "attune-adult-en/1"; /* Only read. */
    rating.made_at_ms = made_at_ms;
    size_t size;
    int rc = seal_rating(&rating, chain, 0, room, room_size, &size);
    must(rc == 0);
    return size;
}
