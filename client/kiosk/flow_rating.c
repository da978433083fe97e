/* What a person gave, read out of the flow. Happy path: the answers become a Rating. Failure: none;
 * a clock that cannot be right is not believed. */
#include <string.h>

#include "client/kiosk/flow.h"
#include "proto/wire/must.h"

const struct instrument *flow_instrument(const struct flow *f)
{
    const struct flow_person *p = &f->person;
    return p->language < p->ticket.wordings.count ? &p->ticket.wordings.at[p->language] : NULL;
}

size_t flow_answered(const struct flow *f)
{
    size_t n = 0;
    for (size_t i = 0; i < INSTRUMENT_AREAS; i++) {
        n += f->person.answered[i] ? 1 : 0;
    }
    return n;
}

static void fill_scores(const struct flow_person *p, Attune__Scores *s)
{
    attune__scores__init(s);
    if (p->answered[0]) {
        s->understanding_answer_case = ATTUNE__SCORES__UNDERSTANDING_ANSWER_UNDERSTANDING;
        s->understanding = p->tenths[0];
    }
    if (p->answered[1]) {
        s->relevance_answer_case = ATTUNE__SCORES__RELEVANCE_ANSWER_RELEVANCE;
        s->relevance = p->tenths[1];
    }
    if (p->answered[2]) {
        s->safety_answer_case = ATTUNE__SCORES__SAFETY_ANSWER_SAFETY;
        s->safety = p->tenths[2];
    }
    if (p->answered[3]) {
        s->fit_answer_case = ATTUNE__SCORES__FIT_ANSWER_FIT;
        s->fit = p->tenths[3];
    }
}

void flow_rating(struct flow *f, uint8_t rating_id[LIMIT_ID_SIZE], int64_t made_at_ms,
                 char name[INSTRUMENT_NAME_ROOM], Attune__Rating *rating, Attune__Scores *scores)
{
    struct flow_person *p = &f->person;
    must(f->page == FLOW_SAVING);
    attune__rating__init(rating);
    rating->rating_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, rating_id};
    rating->ticket_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, p->ticket.id};
    (void)instrument_name(flow_instrument(f), name);
    rating->instrument = name;
    rating->made_at_ms = made_at_ms;
    rating->skipped = p->skipped;
    if (!p->skipped) {
        fill_scores(p, scores);
        rating->scores = scores;
        rating->talk = p->talk;
        rating->tension = p->tension;
        rating->better = p->better;
    }
}

int64_t flow_made_at(const struct flow *f, int64_t wall_ms, int64_t clock_ahead_ms)
{
    static const int64_t earliest = INT64_C(946684800000), end = INT64_C(4102444800000);
    int64_t made = wall_ms - clock_ahead_ms;
    bool possible = made >= earliest && made < end; /* 2000 to 2100, as valid_rating has it. */
    return possible ? made : f->person.ticket.start_ms;
}
