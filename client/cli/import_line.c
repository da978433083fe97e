/* Happy path: thirteen fields, each read by its own rule, then the whole is held against valid.h,
 * so that what the server would refuse is refused here with the line's number. Failure: the first
 * field that is wrong, by its name in the heading. */
#include "client/cli/import_line.h"

#include <string.h>

#include <openssl/evp.h>

#include "client/cli/csv.h"
#include "client/cli/score.h"
#include "client/cli/when.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "proto/wire/valid.h"

static const char *const names[IMPORT_FIELDS] = {
    "session_start", "session_end", "site",   "room", "therapist", "client_ref", "session_number",
    "understanding", "relevance",   "safety", "fit",  "talk",      "outcome",
};

static char instrument[] = "attune-adult-en/1"; /* Protobuf-c wants char *, and only reads it. */

static int wrong(struct import_line *i, const char *field, const char *rule)
{
    g_snprintf(i->why, sizeof i->why, "%s %s", field, rule);
    return ERR_FIELD;
}

void import_id(uint8_t ret_id[LIMIT_ID_SIZE], const char *kind, const char *const *words,
               size_t count)
{
    uint8_t sum[EVP_MAX_MD_SIZE];
    GString *text = g_string_new("attune-import/1");
    g_string_append_c(text, '\n');
    g_string_append(text, kind);
    for (size_t at = 0; at < count; at++) {
        g_string_append_c(text, '\n'); /* No field holds one: the line would have ended. */
        g_string_append(text, words[at]);
    }
    int done = EVP_Digest(text->str, text->len, sum, NULL, EVP_sha256(), NULL);
    must(done == 1); /* SHA-256 is always there. */
    memcpy(ret_id, sum, LIMIT_ID_SIZE);
    g_string_free(text, TRUE);
}

bool import_is_heading(char *line)
{
    const char *fields[IMPORT_FIELDS];
    size_t count = 0;
    if (csv_split(line, fields, IMPORT_FIELDS, &count) != 0 || count != IMPORT_FIELDS) {
        return false;
    }
    for (size_t at = 0; at < IMPORT_FIELDS; at++) {
        if (strcmp(fields[at], names[at]) != 0) {
            return false;
        }
    }
    return true;
}

/* 0, 1: answered; or ERR_FIELD. */
static int read_score(struct import_line *i, size_t area, uint32_t *ret_tenths)
{
    const char *text = i->fields[IMPORT_SCORES + area];
    if (text[0] == '\0') {
        return 0;
    }
    return score_parse(text, ret_tenths) == 0
               ? 1
               : wrong(i, names[IMPORT_SCORES + area], "is 0 to 10 in steps of 0.1, like 7.5");
}

static int read_scores(struct import_line *i)
{
    int answered[4];
    uint32_t tenths[4] = {0};
    attune__scores__init(&i->scores);
    for (size_t area = 0; area < 4; area++) {
        answered[area] = read_score(i, area, &tenths[area]);
        if (answered[area] < 0) {
            return answered[area];
        }
    }
    Attune__Scores *s = &i->scores;
    s->understanding = tenths[0];
    s->relevance = tenths[1];
    s->safety = tenths[2];
    s->fit = tenths[3];
    s->understanding_answer_case =
        answered[0] ? ATTUNE__SCORES__UNDERSTANDING_ANSWER_UNDERSTANDING : 0;
    s->relevance_answer_case = answered[1] ? ATTUNE__SCORES__RELEVANCE_ANSWER_RELEVANCE : 0;
    s->safety_answer_case = answered[2] ? ATTUNE__SCORES__SAFETY_ANSWER_SAFETY : 0;
    s->fit_answer_case = answered[3] ? ATTUNE__SCORES__FIT_ANSWER_FIT : 0;
    bool any = answered[0] || answered[1] || answered[2] || answered[3];
    if (any && i->rating.skipped) {
        return wrong(i, "outcome", "is skipped, and there are scores");
    }
    if (!any && !i->rating.skipped && !i->missed) {
        return wrong(i, "outcome", "is rated, and there is no score");
    }
    i->rating.scores = i->rating.skipped || i->missed ? NULL : s;
    return any && i->missed ? wrong(i, "outcome", "is missed, and there are scores") : 0;
}

static int read_talk(struct import_line *i)
{
    static const char *const words[] = {"", "now", "next", "rather not"};
    for (size_t at = 0; at < G_N_ELEMENTS(words); at++) {
        if (strcmp(i->fields[IMPORT_TALK], words[at]) == 0) {
            i->rating.talk = (Attune__Talk)at;
            return 0;
        }
    }
    return wrong(i, "talk", "is empty, now, next or rather not");
}

static int read_outcome(struct import_line *i)
{
    const char *text = i->fields[IMPORT_OUTCOME];
    i->rating.skipped = strcmp(text, "skipped") == 0;
    i->missed = strcmp(text, "missed") == 0;
    return i->rating.skipped || i->missed || strcmp(text, "rated") == 0
               ? 0
               : wrong(i, "outcome", "is rated, skipped or missed");
}

static int read_times(struct import_line *i, GTimeZone *zone)
{
    static const char rule[] = "is a local time like 2026-03-03T13:00:00";
    if (when_parse(i->fields[IMPORT_START], zone, &i->message.start_ms) != 0) {
        return wrong(i, names[IMPORT_START], rule);
    }
    if (when_parse(i->fields[IMPORT_END], zone, &i->message.end_ms) != 0) {
        return wrong(i, names[IMPORT_END], rule);
    }
    i->rating.made_at_ms = i->message.end_ms; /* Rated at the end of the session. */
    return 0;
}

/* Protobuf-c wants char *, and only reads it: the line itself is not const. */
static char *field(const struct import_line *i, enum import_field which, char *line)
{
    return line + (i->fields[which] - line);
}

static int check(struct import_line *i)
{
    struct valid_fault fault;
    Attune__Request request;
    if (valid_text(i->fields[IMPORT_SITE], LIMIT_NAME_BYTES) != 0) {
        return wrong(i, names[IMPORT_SITE], "is 1 to 64 bytes of UTF-8");
    }
    attune__request__init(&request);
    request.seq = 1;
    request.body_case = ATTUNE__REQUEST__BODY_IMPORT_RATING;
    request.import_rating = &i->message;
    if (!i->missed && valid_request(&request, &fault) != 0) {
        g_snprintf(i->why, sizeof i->why, "%s must be %s", fault.field, fault.rule);
        return ERR_FIELD;
    }
    return 0;
}

int import_line(struct import_line *i, char *line, GTimeZone *zone)
{
    size_t count = 0;
    memset(i, 0, sizeof *i);
    if (csv_split(line, i->fields, IMPORT_FIELDS, &count) != 0 || count != IMPORT_FIELDS) {
        return wrong(i, "line", "has not thirteen fields, or a quote is out of place");
    }
    attune__rating__init(&i->rating);
    attune__import_rating__init(&i->message);
    int rc = read_outcome(i);
    rc = rc == 0 ? read_scores(i) : rc;
    rc = rc == 0 ? read_talk(i) : rc;
    rc = rc == 0 ? read_times(i, zone) : rc;
    if (rc != 0) {
        return rc;
    }
    const char *words[] = {i->fields[IMPORT_THERAPIST], i->fields[IMPORT_CLIENT],
                           i->fields[IMPORT_START], i->fields[IMPORT_NUMBER]};
    import_id(i->rating_id, "rating", words, G_N_ELEMENTS(words));
    import_id(i->ticket_id, "ticket", words, G_N_ELEMENTS(words));
    import_id(i->session_id, "session", words, G_N_ELEMENTS(words));
    i->rating.rating_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, i->rating_id};
    i->rating.ticket_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, i->ticket_id};
    i->rating.instrument = instrument;
    i->message.session_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, i->session_id};
    i->message.client_ref = field(i, IMPORT_CLIENT, line);
    i->message.therapist = field(i, IMPORT_THERAPIST, line);
    i->message.room = field(i, IMPORT_ROOM, line);
    i->message.rating = &i->rating;
    return check(i);
}
