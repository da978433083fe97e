/* Happy path: the body's own function looks at each field in order; the first that is wrong is
 * named. Failure: one sentence, one code; nothing is mended, guessed or cut. */
#include "proto/wire/valid.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/valid_log_on.h"

/* 2000-01-01 and 2100-01-01: a clock outside of that is not set. */
static const int64_t TIME_MS_MIN = INT64_C(946684800000);
static const int64_t TIME_MS_MAX = INT64_C(4102444800000);
enum { FINGERPRINT_SIZE = 32 };

static const char RULE_ID[] = "16 bytes, not all zero";
static const char RULE_TIME[] = "milliseconds, from the year 2000 to 2100";
static const char RULE_NAME[] = "1 to 64 bytes of UTF-8 without control characters";
static const char RULE_ENUM[] = "a value that the protocol knows";

static int wrong(struct valid_fault *fault, const char *field, const char *rule)
{
    *fault = (struct valid_fault){field, rule};
    return ERR_FIELD;
}

static bool is_name(const char *text)
{
    return valid_text(text, LIMIT_NAME_BYTES) == 0;
}

static bool is_name_or_empty(const char *text)
{
    return text[0] == '\0' || is_name(text);
}

/* ---- small things ---------------------------------------------------------------------------- */

static bool is_id(ProtobufCBinaryData id)
{
    static const uint8_t zero[LIMIT_ID_SIZE];
    return id.len == LIMIT_ID_SIZE && memcmp(id.data, zero, LIMIT_ID_SIZE) != 0;
}

static bool is_id_or_empty(ProtobufCBinaryData id)
{
    return id.len == 0 || is_id(id);
}

static bool is_time(int64_t ms)
{
    return ms >= TIME_MS_MIN && ms < TIME_MS_MAX;
}

static int valid_scores(const Attune__Scores *s, struct valid_fault *fault)
{
    static const char rule[] = "0 to 100 (tenths)";
    if (s->understanding_answer_case != 0 && s->understanding > LIMIT_SCORE_TENTHS) {
        return wrong(fault, "rating.scores.understanding", rule);
    }
    if (s->relevance_answer_case != 0 && s->relevance > LIMIT_SCORE_TENTHS) {
        return wrong(fault, "rating.scores.relevance", rule);
    }
    if (s->safety_answer_case != 0 && s->safety > LIMIT_SCORE_TENTHS) {
        return wrong(fault, "rating.scores.safety", rule);
    }
    if (s->fit_answer_case != 0 && s->fit > LIMIT_SCORE_TENTHS) {
        return wrong(fault, "rating.scores.fit", rule);
    }
    return 0;
}

int valid_rating(const Attune__Rating *r, struct valid_fault *fault)
{
    if (!is_id(r->rating_id)) {
        return wrong(fault, "rating.rating_id", RULE_ID);
    }
    if (!is_id(r->ticket_id)) {
        return wrong(fault, "rating.ticket_id", RULE_ID);
    }
    if (r->skipped && r->scores != NULL) {
        return wrong(fault, "rating.scores", "absent when skipped");
    }
    if (!r->skipped && r->scores == NULL) {
        return wrong(fault, "rating.scores", "present unless skipped");
    }
    if (r->talk > ATTUNE__TALK__TALK_RATHER_NOT) {
        return wrong(fault, "rating.talk", RULE_ENUM);
    }
    if (r->tension > ATTUNE__TENSION__TENSION_UNRESOLVED ||
        (r->skipped && r->tension != ATTUNE__TENSION__TENSION_UNSPECIFIED)) {
        return wrong(fault, "rating.tension", RULE_ENUM);
    }
    if (r->better > ATTUNE__BETTER__BETTER_NOTHING ||
        (r->skipped && r->better != ATTUNE__BETTER__BETTER_UNSPECIFIED)) {
        return wrong(fault, "rating.better", RULE_ENUM);
    }
    if (!is_name(r->instrument)) {
        return wrong(fault, "rating.instrument", RULE_NAME);
    }
    if (!is_time(r->made_at_ms)) {
        return wrong(fault, "rating.made_at_ms", RULE_TIME);
    }
    return r->scores == NULL ? 0 : valid_scores(r->scores, fault);
}

/* ---- one function a kind --------------------------------------------------------------------- */

static int valid_hello(const Attune__Hello *h, struct valid_fault *fault)
{
    if (!is_name(h->software)) {
        return wrong(fault, "hello.software", RULE_NAME);
    }
    if (valid_text(h->version, LIMIT_VERSION_BYTES) != 0) {
        return wrong(fault, "hello.version", "1 to 32 bytes of UTF-8");
    }
    if (h->language[0] != '\0' && valid_text(h->language, LIMIT_LANGUAGE_BYTES) != 0) {
        return wrong(fault, "hello.language", "empty, or 1 to 35 bytes of UTF-8");
    }
    if (h->authority_id.len != 0 && h->authority_id.len != LIMIT_AUTHORITY_ID) {
        return wrong(fault, "hello.authority_id", "empty, or 8 bytes");
    }
    return 0; /* The clock may be anything: a wrong one is told, not refused. */
}

static int valid_submit(const Attune__SubmitRating *s, struct valid_fault *fault)
{
    if (s->seal != ATTUNE__SEAL__SEAL_NONE && s->seal != ATTUNE__SEAL__SEAL_BOX) {
        return wrong(fault, "submit_rating.seal", RULE_ENUM);
    }
    if (s->record.len == 0 || s->record.len > LIMIT_RECORD_SIZE) {
        return wrong(fault, "submit_rating.record", "1 to 1024 bytes");
    }
    if (s->seal == ATTUNE__SEAL__SEAL_BOX && s->record.len != LIMIT_SEALED_SIZE) {
        return wrong(fault, "submit_rating.record", "386 bytes when sealed");
    }
    return 0;
}

static int valid_open(const Attune__OpenSession *o, struct valid_fault *fault)
{
    if (!is_id(o->session_id)) {
        return wrong(fault, "open_session.session_id", RULE_ID);
    }
    if (!is_name(o->client_ref)) {
        return wrong(fault, "open_session.client_ref", RULE_NAME);
    }
    if (!is_name(o->room)) {
        return wrong(fault, "open_session.room", RULE_NAME);
    }
    if (!is_time(o->planned_end_ms)) {
        return wrong(fault, "open_session.planned_end_ms", RULE_TIME);
    }
    if (o->audience > ATTUNE__AUDIENCE__AUDIENCE_CHILD) {
        return wrong(fault, "open_session.audience", RULE_ENUM);
    }
    if (!is_id_or_empty(o->together_with)) {
        return wrong(fault, "open_session.together_with", RULE_ID);
    }
    return 0;
}

static int valid_list_ratings(const Attune__ListRatings *l, struct valid_fault *fault)
{
    if (!is_name(l->client_ref)) {
        return wrong(fault, "list_ratings.client_ref", RULE_NAME);
    }
    return is_id_or_empty(l->after_id) ? 0 : wrong(fault, "list_ratings.after_id", RULE_ID);
}

static int valid_list_alerts(const Attune__ListAlerts *l, struct valid_fault *fault)
{
    if (!is_name_or_empty(l->client_ref)) {
        return wrong(fault, "list_alerts.client_ref", RULE_NAME);
    }
    return is_id_or_empty(l->after_id) ? 0 : wrong(fault, "list_alerts.after_id", RULE_ID);
}

static int valid_receive(const Attune__ReceiveAlerts *r, struct valid_fault *fault)
{
    if (r->n_alert_id == 0 || r->n_alert_id > LIMIT_ALERTS_OPEN) {
        return wrong(fault, "receive_alerts.alert_id", "1 to 64 ids");
    }
    for (size_t i = 0; i < r->n_alert_id; i++) {
        if (!is_id(r->alert_id[i])) {
            return wrong(fault, "receive_alerts.alert_id", RULE_ID);
        }
    }
    return 0;
}

/* Those that the alerts are written in. */
static const char *const languages[] = {"en", "de", "es", "fr"};

static int valid_therapist(const Attune__PutTherapist *t, struct valid_fault *fault)
{
    if (!is_name(t->code)) {
        return wrong(fault, "put_therapist.code", RULE_NAME);
    }
    if (!is_name_or_empty(t->display_name)) {
        return wrong(fault, "put_therapist.display_name", RULE_NAME);
    }
    if (!is_name(t->site)) {
        return wrong(fault, "put_therapist.site", RULE_NAME);
    }
    bool spoken = t->language[0] == '\0';
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
        spoken = spoken || strcmp(t->language, languages[i]) == 0;
    }
    return spoken ? 0 : wrong(fault, "put_therapist.language", "en, de, es, fr or empty");
}

static int valid_device(const Attune__PutDevice *d, struct valid_fault *fault)
{
    bool kiosk = d->role == ATTUNE__ROLE__ROLE_KIOSK;
    bool therapist = d->role == ATTUNE__ROLE__ROLE_THERAPIST;
    if (d->fingerprint.len != FINGERPRINT_SIZE) {
        return wrong(fault, "put_device.fingerprint", "32 bytes");
    }
    if (!kiosk && !therapist && d->role != ATTUNE__ROLE__ROLE_ADMINISTRATOR) {
        return wrong(fault, "put_device.role", RULE_ENUM);
    }
    if (!is_name(d->label)) {
        return wrong(fault, "put_device.label", RULE_NAME);
    }
    if (kiosk ? !is_name(d->room) : d->room[0] != '\0') {
        return wrong(fault, "put_device.room", "a room's name for a kiosk, else empty");
    }
    if (therapist ? !is_name(d->therapist) : d->therapist[0] != '\0') {
        return wrong(fault, "put_device.therapist", "a code for a therapist's device, else empty");
    }
    return 0;
}

static int valid_list_practice(const Attune__ListPractice *l, struct valid_fault *fault)
{
    if (l->kind < ATTUNE__PRACTICE_KIND__PRACTICE_SITES ||
        l->kind > ATTUNE__PRACTICE_KIND__PRACTICE_CERTIFICATES) {
        return wrong(fault, "list_practice.kind", RULE_ENUM);
    }
    return is_name_or_empty(l->after) ? 0 : wrong(fault, "list_practice.after", RULE_NAME);
}

static int valid_import(const Attune__ImportRating *i, struct valid_fault *fault)
{
    if (!is_id(i->session_id)) {
        return wrong(fault, "import_rating.session_id", RULE_ID);
    }
    if (!is_name(i->client_ref)) {
        return wrong(fault, "import_rating.client_ref", RULE_NAME);
    }
    if (!is_name(i->therapist)) {
        return wrong(fault, "import_rating.therapist", RULE_NAME);
    }
    if (!is_name(i->room)) {
        return wrong(fault, "import_rating.room", RULE_NAME);
    }
    if (!is_time(i->start_ms)) {
        return wrong(fault, "import_rating.start_ms", RULE_TIME);
    }
    if (!is_time(i->end_ms) || i->end_ms < i->start_ms ||
        i->end_ms - i->start_ms > LIMIT_SESSION_MS) {
        return wrong(fault, "import_rating.end_ms", "after the start, within 24 hours of it");
    }
    if (i->rating == NULL) {
        return wrong(fault, "import_rating.rating", "must be given");
    }
    int rc = valid_rating(i->rating, fault);
    /* It is kept whole: with the fields that this version does not know. */
    if (rc == 0 && attune__rating__get_packed_size(i->rating) > LIMIT_RECORD_SIZE) {
        return wrong(fault, "import_rating.rating", "1024 bytes at most");
    }
    return rc;
}

static int name_or(struct valid_fault *fault, const char *text, const char *field)
{
    return is_name(text) ? 0 : wrong(fault, field, RULE_NAME);
}

static int id_or(struct valid_fault *fault, ProtobufCBinaryData id, const char *field)
{
    return is_id(id) ? 0 : wrong(fault, field, RULE_ID);
}

static int valid_room(const Attune__PutRoom *r, struct valid_fault *fault)
{
    int rc = name_or(fault, r->site, "put_room.site");
    return rc != 0 ? rc : name_or(fault, r->name, "put_room.name");
}

static int valid_client(const Attune__PutClient *c, struct valid_fault *fault)
{
    int rc = name_or(fault, c->client_ref, "put_client.client_ref");
    return rc != 0 ? rc : name_or(fault, c->therapist, "put_client.therapist");
}

static int valid_acknowledge(const Attune__AcknowledgeAlert *a, struct valid_fault *fault)
{
    bool needs_reason = a->step == ATTUNE__STEP__STEP_NOT_A_CONCERN;
    if (!is_id(a->alert_id)) {
        return wrong(fault, "acknowledge_alert.alert_id", RULE_ID);
    }
    if (a->step < ATTUNE__STEP__STEP_SEEN || a->step > ATTUNE__STEP__STEP_NOT_A_CONCERN) {
        return wrong(fault, "acknowledge_alert.step", RULE_ENUM);
    }
    bool good = needs_reason ? is_name(a->reason) : is_name_or_empty(a->reason);
    return good ? 0 : wrong(fault, "acknowledge_alert.reason", RULE_NAME);
}

static int valid_list_sessions(const Attune__ListSessions *l, struct valid_fault *fault)
{
    if (!is_name_or_empty(l->client_ref)) {
        return wrong(fault, "list_sessions.client_ref", RULE_NAME);
    }
    return is_id_or_empty(l->after_id) ? 0 : wrong(fault, "list_sessions.after_id", RULE_ID);
}

static int valid_put_goal(const Attune__PutGoal *g, struct valid_fault *fault)
{
    if (!is_id(g->goal_id)) {
        return wrong(fault, "put_goal.goal_id", RULE_ID);
    }
    if (!is_id(g->session_id)) {
        return wrong(fault, "put_goal.session_id", RULE_ID);
    }
    if (g->area < ATTUNE__AREA__AREA_UNDERSTANDING || g->area > ATTUNE__AREA__AREA_FIT) {
        return wrong(fault, "put_goal.area", RULE_ENUM);
    }
    return valid_text(g->words, LIMIT_WORDS_BYTES) == 0
               ? 0
               : wrong(fault, "put_goal.words",
                       "1 to 200 bytes of UTF-8 without control characters");
}

static int valid_end_goal(const Attune__EndGoal *g, struct valid_fault *fault)
{
    if (!is_id(g->goal_id)) {
        return wrong(fault, "end_goal.goal_id", RULE_ID);
    }
    bool ends = g->outcome == ATTUNE__GOAL_OUTCOME__GOAL_REACHED ||
                g->outcome == ATTUNE__GOAL_OUTCOME__GOAL_LET_GO;
    return ends ? 0 : wrong(fault, "end_goal.outcome", "GOAL_REACHED or GOAL_LET_GO");
}

static int valid_list_goals(const Attune__ListGoals *l, struct valid_fault *fault)
{
    if (!is_name(l->client_ref)) {
        return wrong(fault, "list_goals.client_ref", RULE_NAME);
    }
    return is_id_or_empty(l->after_id) ? 0 : wrong(fault, "list_goals.after_id", RULE_ID);
}

static int valid_report(const Attune__GetReport *g, struct valid_fault *fault)
{
    if (g->kind < ATTUNE__REPORT_KIND__REPORT_KIND_PRACTICE ||
        g->kind > ATTUNE__REPORT_KIND__REPORT_KIND_THERAPISTS) {
        return wrong(fault, "get_report.kind", RULE_ENUM);
    }
    if (g->weeks < 1 || g->weeks > LIMIT_REPORT_WEEKS) {
        return wrong(fault, "get_report.weeks", "1 to 52");
    }
    return is_name_or_empty(g->after) ? 0 : wrong(fault, "get_report.after", RULE_NAME);
}

static int valid_revoking(const Attune__Request *q, struct valid_fault *fault)
{
    const ProtobufCBinaryData *serial;
    switch (q->body_case) {
    case ATTUNE__REQUEST__BODY_REVOKE_DEVICE:
        return name_or(fault, q->revoke_device->label, "revoke_device.label");
    case ATTUNE__REQUEST__BODY_REVOKE_THERAPIST:
        return name_or(fault, q->revoke_therapist->code, "revoke_therapist.code");
    case ATTUNE__REQUEST__BODY_REVOKE_CERTIFICATE:
        serial = &q->revoke_certificate->serial;
        return serial->len >= 1 && serial->len <= LIMIT_SERIAL_BYTES && serial->data[0] != 0
                   ? 0
                   : wrong(fault, "revoke_certificate.serial", "1 to 20 bytes, the first not 0");
    default:
        return ERR_MESSAGE;
    }
}

/* What has a file of its own. */
static int valid_apart(const Attune__Request *q, struct valid_fault *fault)
{
    int rc = valid_log_on(q, fault);
    rc = rc == ERR_MESSAGE ? valid_enrol(q, fault) : rc;
    rc = rc == ERR_MESSAGE ? valid_audit(q, fault) : rc;
    rc = rc == ERR_MESSAGE ? valid_revoking(q, fault) : rc;
    return rc == ERR_MESSAGE ? valid_rights(q, fault) : rc;
}

/* What staff ask and say of sessions, alerts, goals, rules and reports. */
static int valid_asked(const Attune__Request *q, struct valid_fault *fault)
{
    switch (q->body_case) {
    case ATTUNE__REQUEST__BODY_LIST_SESSIONS:
        return valid_list_sessions(q->list_sessions, fault);
    case ATTUNE__REQUEST__BODY_LIST_CASELOAD:
        return is_name_or_empty(q->list_caseload->after)
                   ? 0
                   : wrong(fault, "list_caseload.after", RULE_NAME);
    case ATTUNE__REQUEST__BODY_LIST_ROOMS:
        return is_name_or_empty(q->list_rooms->after) ? 0
                                                      : wrong(fault, "list_rooms.after", RULE_NAME);
    case ATTUNE__REQUEST__BODY_LIST_RATINGS:
        return valid_list_ratings(q->list_ratings, fault);
    case ATTUNE__REQUEST__BODY_LIST_ALERTS:
        return valid_list_alerts(q->list_alerts, fault);
    case ATTUNE__REQUEST__BODY_ACKNOWLEDGE_ALERT:
        return valid_acknowledge(q->acknowledge_alert, fault);
    case ATTUNE__REQUEST__BODY_EXPLAIN_ALERT:
        return id_or(fault, q->explain_alert->alert_id, "explain_alert.alert_id");
    case ATTUNE__REQUEST__BODY_PUT_RULES:
        return valid_lines(q->put_rules->file, LIMIT_RULES_BYTES)
                   ? 0
                   : wrong(fault, "put_rules.file", "1 to 8191 bytes of UTF-8 lines");
    case ATTUNE__REQUEST__BODY_PUT_GOAL:
        return valid_put_goal(q->put_goal, fault);
    case ATTUNE__REQUEST__BODY_END_GOAL:
        return valid_end_goal(q->end_goal, fault);
    case ATTUNE__REQUEST__BODY_LIST_GOALS:
        return valid_list_goals(q->list_goals, fault);
    case ATTUNE__REQUEST__BODY_LIST_ESCALATIONS:
        return is_id_or_empty(q->list_escalations->after_id)
                   ? 0
                   : wrong(fault, "list_escalations.after_id", RULE_ID);
    case ATTUNE__REQUEST__BODY_GET_REPORT:
        return valid_report(q->get_report, fault);
    case ATTUNE__REQUEST__BODY_PUT_INSTRUMENT:
        return valid_lines(q->put_instrument->file, LIMIT_INSTRUMENT_BYTES)
                   ? 0
                   : wrong(fault, "put_instrument.file", "1 to 1535 bytes of UTF-8 lines");
    case ATTUNE__REQUEST__BODY_GET_INSTRUMENT:
        return name_or(fault, q->get_instrument->name, "get_instrument.name");
    case ATTUNE__REQUEST__BODY_RECEIVE_ALERTS:
        return valid_receive(q->receive_alerts, fault);
    default:
        return valid_apart(q, fault);
    }
}

static int valid_body(const Attune__Request *q, struct valid_fault *fault)
{
    switch (q->body_case) {
    case ATTUNE__REQUEST__BODY_HELLO:
        return valid_hello(q->hello, fault);
    case ATTUNE__REQUEST__BODY_SUBMIT_RATING:
        return valid_submit(q->submit_rating, fault);
    case ATTUNE__REQUEST__BODY_OPEN_SESSION:
        return valid_open(q->open_session, fault);
    case ATTUNE__REQUEST__BODY_INVITE_RATING:
        return id_or(fault, q->invite_rating->session_id, "invite_rating.session_id");
    case ATTUNE__REQUEST__BODY_CLOSE_SESSION:
        return id_or(fault, q->close_session->session_id, "close_session.session_id");
    case ATTUNE__REQUEST__BODY_PUT_SITE:
        return name_or(fault, q->put_site->name, "put_site.name");
    case ATTUNE__REQUEST__BODY_PUT_ROOM:
        return valid_room(q->put_room, fault);
    case ATTUNE__REQUEST__BODY_PUT_THERAPIST:
        return valid_therapist(q->put_therapist, fault);
    case ATTUNE__REQUEST__BODY_PUT_CLIENT:
        return valid_client(q->put_client, fault);
    case ATTUNE__REQUEST__BODY_PUT_DEVICE:
        return valid_device(q->put_device, fault);
    case ATTUNE__REQUEST__BODY_LIST_PRACTICE:
        return valid_list_practice(q->list_practice, fault);
    case ATTUNE__REQUEST__BODY_IMPORT_RATING:
        return valid_import(q->import_rating, fault);
    case ATTUNE__REQUEST__BODY_LIST_INSTRUMENTS:
    case ATTUNE__REQUEST__BODY_PING:
    case ATTUNE__REQUEST__BODY_GET_RULES:
    case ATTUNE__REQUEST__BODY_WATCH:
        return 0;
    default:
        return valid_asked(q, fault);
    }
}

int valid_request(const Attune__Request *request, struct valid_fault *ret_fault)
{
    *ret_fault = (struct valid_fault){"", ""};
    if (request->seq == 0) {
        return wrong(ret_fault, "seq", "1 or more");
    }
    return valid_body(request, ret_fault);
}
