/* Happy path: scores, or a skip, or a drain; the rest has defaults.
 * Failure: the first option that makes no sense, alone or beside another, with a sentence. */
#include "client/cli/rate_wish.h"

#include <stdio.h>
#include <string.h>

#include "client/cli/hex.h"
#include "client/cli/score.h"
#include "proto/wire/err.h"
#include "proto/wire/valid.h"

enum { WAIT_S = 600, WAIT_S_MAX = 24 * 3600 };

static const char *const areas[] = {"understanding", "relevance", "safety", "fit"};

static int wrong(struct rate_wish *w, const char *sentence)
{
    (void)snprintf(w->why, sizeof w->why, "%s", sentence);
    return ERR_FIELD;
}

static int read_scores(struct rate_wish *w, const char *const *options)
{
    for (size_t at = 0; at < 4; at++) {
        const char *text = options[RATE_UNDERSTANDING + at];
        if (text == NULL) {
            continue;
        }
        if (score_parse(text, &w->tenths[at]) != 0) {
            (void)snprintf(w->why, sizeof w->why,
                           "--%s is 0 to 10 in steps of 0.1, written like 7.5, not \"%.20s\"",
                           areas[at], text);
            return ERR_FIELD;
        }
        w->answered[at] = w->any = true;
    }
    return 0;
}

static int read_talk(struct rate_wish *w, const char *text)
{
    static const struct {
        const char *word;
        Attune__Talk talk;
    } words[] = {{"now", ATTUNE__TALK__TALK_NOW},
                 {"next", ATTUNE__TALK__TALK_NEXT},
                 {"rather-not", ATTUNE__TALK__TALK_RATHER_NOT}};
    for (size_t at = 0; text != NULL && at < 3; at++) {
        if (strcmp(text, words[at].word) == 0) {
            w->talk = words[at].talk;
            return 0;
        }
    }
    return text == NULL ? 0 : wrong(w, "--talk is now, next or rather-not");
}

static int read_tension(struct rate_wish *w, const char *text)
{
    static const struct {
        const char *word;
        Attune__Tension tension;
    } words[] = {{"none", ATTUNE__TENSION__TENSION_NONE},
                 {"resolved", ATTUNE__TENSION__TENSION_RESOLVED},
                 {"unresolved", ATTUNE__TENSION__TENSION_UNRESOLVED}};
    for (size_t at = 0; text != NULL && at < 3; at++) {
        if (strcmp(text, words[at].word) == 0) {
            w->tension = words[at].tension;
            return 0;
        }
    }
    return text == NULL ? 0 : wrong(w, "--tension is none, resolved or unresolved");
}

static int read_better(struct rate_wish *w, const char *text)
{
    static const char *const words[] = {"understanding", "relevance", "safety", "fit", "nothing"};
    for (size_t at = 0; text != NULL && at < 5; at++) {
        if (strcmp(text, words[at]) == 0) {
            w->better = (Attune__Better)(at + 1);
            return 0;
        }
    }
    return text == NULL ? 0 : wrong(w, "--better is one of the four areas, or nothing");
}

static int read_rest(struct rate_wish *w, const char *const *options)
{
    const char *ticket = options[RATE_TICKET], *instrument = options[RATE_INSTRUMENT_NAME];
    w->skip = options[RATE_SKIP] != NULL;
    w->drain = options[RATE_DRAIN] != NULL;
    w->no_send = options[RATE_NO_SEND] != NULL;
    w->has_ticket = ticket != NULL;
    if (ticket != NULL && hex_id_parse(ticket, w->ticket) != 0) {
        return wrong(w, "--ticket is 32 hex digits");
    }
    if (arguments_number(options[RATE_WAIT], 1, WAIT_S_MAX, WAIT_S, &w->wait_s) != 0) {
        return wrong(w, "--wait is a whole number of seconds, 1 to 86400");
    }
    instrument = instrument != NULL ? instrument : "attune-adult-en/1";
    if (valid_text(instrument, LIMIT_NAME_BYTES) != 0) {
        return wrong(w, "--instrument is 1 to 64 bytes of text");
    }
    (void)snprintf(w->instrument, sizeof w->instrument, "%s", instrument);
    return 0;
}

int rate_wish(struct rate_wish *w, const char *const options[RATE_OPTIONS])
{
    memset(w, 0, sizeof *w);
    int rc = read_scores(w, options);
    rc = rc == 0 ? read_talk(w, options[RATE_TALK]) : rc;
    rc = rc == 0 ? read_tension(w, options[RATE_TENSION]) : rc;
    rc = rc == 0 ? read_better(w, options[RATE_BETTER]) : rc;
    rc = rc == 0 ? read_rest(w, options) : rc;
    if (rc != 0) {
        return rc;
    }
    bool rates = w->any || w->skip || options[RATE_TENSION] != NULL;
    if (w->drain && (rates || w->has_ticket || w->no_send || options[RATE_TALK] != NULL ||
                     options[RATE_BETTER] != NULL)) {
        return wrong(w, "--drain sends what is there and rates nothing: give it alone");
    }
    if (w->skip && (w->any || options[RATE_TENSION] != NULL || options[RATE_BETTER] != NULL)) {
        return wrong(w, "either scores or --skip");
    }
    if (!w->drain && !rates) {
        return wrong(w, "give at least one score, or --skip, or --drain");
    }
    if (w->no_send && !w->has_ticket) {
        return wrong(w, "--no-send needs --ticket: the room's own comes from the server");
    }
    return 0;
}

void rate_fill(struct rate_wish *w, uint8_t rating_id[LIMIT_ID_SIZE], int64_t made_at_ms,
               Attune__Rating *rating, Attune__Scores *scores)
{
    attune__scores__init(scores);
    scores->understanding_answer_case =
        w->answered[0] ? ATTUNE__SCORES__UNDERSTANDING_ANSWER_UNDERSTANDING : 0;
    scores->relevance_answer_case = w->answered[1] ? ATTUNE__SCORES__RELEVANCE_ANSWER_RELEVANCE : 0;
    scores->safety_answer_case = w->answered[2] ? ATTUNE__SCORES__SAFETY_ANSWER_SAFETY : 0;
    scores->fit_answer_case = w->answered[3] ? ATTUNE__SCORES__FIT_ANSWER_FIT : 0;
    scores->understanding = w->tenths[0];
    scores->relevance = w->tenths[1];
    scores->safety = w->tenths[2];
    scores->fit = w->tenths[3];
    attune__rating__init(rating);
    rating->rating_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, rating_id};
    rating->ticket_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, w->ticket};
    rating->scores = w->skip ? NULL : scores;
    rating->skipped = w->skip;
    rating->talk = w->talk;
    rating->tension = w->tension;
    rating->better = w->better;
    rating->instrument = w->instrument;
    rating->made_at_ms = made_at_ms;
}
