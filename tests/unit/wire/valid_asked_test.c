/* Goal: what staff ask and say of alerts, rules and reports is judged field by field. Method: a
 * good request of each kind; each test spoils one field and names what must be said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/valid.h"

static uint8_t id[LIMIT_ID_SIZE] = {1}, no_id[LIMIT_ID_SIZE];
static char empty[] = "", reason[] = "a mistyped score", lines[] = "cut = 35.0\n\tx = 1\r\n";
static char control[] = "a\nb", broken[] = "cut\xff", too_long[LIMIT_RULES_BYTES + 2];

/* What is said of the request; "" when it is good. */
static const char *fault_of(Attune__Request *q)
{
    struct valid_fault fault;
    q->seq = 1;
    int rc = valid_request(q, &fault);
    assert_true(rc == 0 || rc == ERR_FIELD);
    assert_int_equal(rc == 0, fault.field[0] == '\0');
    return fault.field;
}

static const char *acknowledged(int step, char *why, uint8_t *alert)
{
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__AcknowledgeAlert a = ATTUNE__ACKNOWLEDGE_ALERT__INIT;
    a.alert_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, alert};
    a.step = (Attune__Step)step;
    a.reason = why;
    q.body_case = ATTUNE__REQUEST__BODY_ACKNOWLEDGE_ALERT;
    q.acknowledge_alert = &a;
    return fault_of(&q);
}

static void a_step_is_one_of_eight_and_the_last_has_a_reason(void **state)
{
    (void)state;
    for (int step = -1; step <= 9; step++) {
        assert_string_equal(acknowledged(step, reason, id),
                            step >= 1 && step <= 8 ? "" : "acknowledge_alert.step");
    }
    assert_string_equal(acknowledged(2, empty, id), "");
    assert_string_equal(acknowledged(8, empty, id), "acknowledge_alert.reason");
    assert_string_equal(acknowledged(2, control, id), "acknowledge_alert.reason");
    assert_string_equal(acknowledged(2, reason, no_id), "acknowledge_alert.alert_id");
}

static void an_explanation_names_an_alert(void **state)
{
    (void)state;
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__ExplainAlert e = ATTUNE__EXPLAIN_ALERT__INIT;
    q.body_case = ATTUNE__REQUEST__BODY_EXPLAIN_ALERT;
    q.explain_alert = &e;
    assert_string_equal(fault_of(&q), "explain_alert.alert_id");
    e.alert_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, id};
    assert_string_equal(fault_of(&q), "");
}

static const char *rules(char *file)
{
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__PutRules put = ATTUNE__PUT_RULES__INIT;
    put.file = file;
    q.body_case = ATTUNE__REQUEST__BODY_PUT_RULES;
    q.put_rules = &put;
    return fault_of(&q);
}

static void a_file_of_rules_is_lines_of_text(void **state)
{
    (void)state;
    assert_string_equal(rules(lines), "");
    assert_string_equal(rules(empty), "put_rules.file");
    assert_string_equal(rules(broken), "put_rules.file");
    memset(too_long, '#', sizeof too_long - 1);
    assert_string_equal(rules(too_long), "put_rules.file");
    assert_string_equal(rules(too_long + 1), "");
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__GetRules get = ATTUNE__GET_RULES__INIT;
    q.body_case = ATTUNE__REQUEST__BODY_GET_RULES;
    q.get_rules = &get;
    assert_string_equal(fault_of(&q), "");
}

static const char *report(int kind, uint32_t weeks, char *after)
{
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__GetReport get = ATTUNE__GET_REPORT__INIT;
    get.kind = (Attune__ReportKind)kind;
    get.weeks = weeks;
    get.after = after;
    q.body_case = ATTUNE__REQUEST__BODY_GET_REPORT;
    q.get_report = &get;
    return fault_of(&q);
}

static void a_report_is_of_a_kind_over_a_year_at_most(void **state)
{
    (void)state;
    for (int kind = -1; kind <= 4; kind++) {
        assert_string_equal(report(kind, 12, empty),
                            kind >= 1 && kind <= 3 ? "" : "get_report.kind");
    }
    assert_string_equal(report(1, 0, empty), "get_report.weeks");
    assert_string_equal(report(1, 1, reason), "");
    assert_string_equal(report(1, 52, empty), "");
    assert_string_equal(report(1, 53, empty), "get_report.weeks");
    assert_string_equal(report(1, UINT32_MAX, empty), "get_report.weeks");
    assert_string_equal(report(1, 12, control), "get_report.after");
}

static const char *goal(uint8_t *session, int area, char *words)
{
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__PutGoal put = ATTUNE__PUT_GOAL__INIT;
    put.goal_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, id};
    put.session_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, session};
    put.area = (Attune__Area)area;
    put.words = words;
    q.body_case = ATTUNE__REQUEST__BODY_PUT_GOAL;
    q.put_goal = &put;
    return fault_of(&q);
}

static void a_goal_is_for_an_area_in_a_few_words(void **state)
{
    static char words[LIMIT_WORDS_BYTES + 2];
    (void)state;
    memset(words, 'w', sizeof words - 1);
    for (int area = -1; area <= 5; area++) {
        assert_string_equal(goal(id, area, reason), area >= 1 && area <= 4 ? "" : "put_goal.area");
    }
    assert_string_equal(goal(no_id, 1, reason), "put_goal.session_id");
    assert_string_equal(goal(id, 1, words), "put_goal.words");
    assert_string_equal(goal(id, 1, words + 1), "");
    assert_string_equal(goal(id, 1, empty), "put_goal.words");
    assert_string_equal(goal(id, 1, control), "put_goal.words");
}

static void a_goal_ends_as_reached_or_let_go(void **state)
{
    (void)state;
    for (int outcome = -1; outcome <= 4; outcome++) {
        Attune__Request q = ATTUNE__REQUEST__INIT;
        Attune__EndGoal end = ATTUNE__END_GOAL__INIT;
        end.outcome = (Attune__GoalOutcome)outcome;
        q.body_case = ATTUNE__REQUEST__BODY_END_GOAL;
        q.end_goal = &end;
        assert_string_equal(fault_of(&q), "end_goal.goal_id");
        end.goal_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, id};
        assert_string_equal(fault_of(&q), outcome == 1 || outcome == 2 ? "" : "end_goal.outcome");
    }
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__ListGoals list = ATTUNE__LIST_GOALS__INIT;
    q.body_case = ATTUNE__REQUEST__BODY_LIST_GOALS;
    q.list_goals = &list;
    assert_string_equal(fault_of(&q), "list_goals.client_ref");
    list.client_ref = reason;
    assert_string_equal(fault_of(&q), "");
    list.after_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, no_id};
    assert_string_equal(fault_of(&q), "list_goals.after_id");
}

static void the_list_of_escalations_goes_on_after_an_id(void **state)
{
    (void)state;
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__ListEscalations list = ATTUNE__LIST_ESCALATIONS__INIT;
    q.body_case = ATTUNE__REQUEST__BODY_LIST_ESCALATIONS;
    q.list_escalations = &list;
    assert_string_equal(fault_of(&q), "");
    list.after_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, id};
    assert_string_equal(fault_of(&q), "");
    list.after_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, no_id};
    assert_string_equal(fault_of(&q), "list_escalations.after_id");
}

static void a_desk_begins_with_names(void **state)
{
    (void)state;
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__ListCaseload caseload = ATTUNE__LIST_CASELOAD__INIT;
    Attune__ListRooms rooms = ATTUNE__LIST_ROOMS__INIT;
    Attune__ListSessions sessions = ATTUNE__LIST_SESSIONS__INIT;
    for (int spoilt = 0; spoilt < 2; spoilt++) {
        q.body_case = ATTUNE__REQUEST__BODY_LIST_CASELOAD;
        q.list_caseload = &caseload;
        assert_string_equal(fault_of(&q), spoilt ? "list_caseload.after" : "");
        q.body_case = ATTUNE__REQUEST__BODY_LIST_ROOMS;
        q.list_rooms = &rooms;
        assert_string_equal(fault_of(&q), spoilt ? "list_rooms.after" : "");
        q.body_case = ATTUNE__REQUEST__BODY_LIST_SESSIONS;
        q.list_sessions = &sessions;
        assert_string_equal(fault_of(&q), spoilt ? "list_sessions.client_ref" : "");
        caseload.after = rooms.after = sessions.client_ref = control;
    }
}

static const char *rated(int tension, protobuf_c_boolean skipped)
{
    struct valid_fault fault;
    Attune__Rating r = ATTUNE__RATING__INIT;
    Attune__Scores scores = ATTUNE__SCORES__INIT;
    r.rating_id = r.ticket_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, id};
    r.instrument = reason;
    r.made_at_ms = INT64_C(1900000000000);
    r.skipped = skipped;
    r.scores = skipped ? NULL : &scores;
    r.tension = (Attune__Tension)tension;
    return valid_rating(&r, &fault) == 0 ? "" : fault.field;
}

static void tension_is_told_by_who_has_not_skipped(void **state)
{
    (void)state;
    for (int tension = -1; tension <= 4; tension++) {
        bool good = tension >= 0 && tension <= 3;
        assert_string_equal(rated(tension, false), good ? "" : "rating.tension");
        assert_string_equal(rated(tension, true), tension == 0 ? "" : "rating.tension");
    }
}

static const char *better(int area, bool skipped)
{
    static char name[] = "attune-adult-en/1";
    struct valid_fault fault = {0};
    Attune__Rating r = ATTUNE__RATING__INIT;
    Attune__Scores scores = ATTUNE__SCORES__INIT;
    r.rating_id = r.ticket_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, id};
    r.scores = skipped ? NULL : &scores;
    r.skipped = skipped;
    r.instrument = name;
    r.made_at_ms = INT64_C(1900000000000);
    r.better = (Attune__Better)area;
    return valid_rating(&r, &fault) == 0 ? "" : fault.field;
}

static void what_would_have_been_better_is_told_by_who_has_not_skipped(void **state)
{
    (void)state;
    for (int area = -1; area <= 6; area++) {
        bool good = area >= 0 && area <= 5;
        assert_string_equal(better(area, false), good ? "" : "rating.better");
        assert_string_equal(better(area, true), area == 0 ? "" : "rating.better");
    }
}

static const char *opened(int audience, size_t together)
{
    static char name[] = "c-0042";
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__OpenSession o = ATTUNE__OPEN_SESSION__INIT;
    o.session_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, id};
    o.client_ref = o.room = name;
    o.planned_end_ms = INT64_C(1900000000000);
    o.audience = (Attune__Audience)audience;
    o.together_with = (ProtobufCBinaryData){together, id};
    q.body_case = ATTUNE__REQUEST__BODY_OPEN_SESSION;
    q.open_session = &o;
    return fault_of(&q);
}

static void a_session_is_for_one_of_two_audiences_and_beside_one_other(void **state)
{
    (void)state;
    assert_string_equal(opened(0, 0), "");
    assert_string_equal(opened(1, LIMIT_ID_SIZE), "");
    assert_string_equal(opened(2, 0), "open_session.audience");
    assert_string_equal(opened(-1, 0), "open_session.audience");
    assert_string_equal(opened(0, LIMIT_ID_SIZE - 1), "open_session.together_with");
}

static const char *instrument(char *file)
{
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__PutInstrument put = ATTUNE__PUT_INSTRUMENT__INIT;
    put.file = file;
    q.body_case = ATTUNE__REQUEST__BODY_PUT_INSTRUMENT;
    q.put_instrument = &put;
    return fault_of(&q);
}

static void an_instrument_is_lines_of_text_and_has_a_name(void **state)
{
    static char name[] = "ours-en/1", longest[LIMIT_INSTRUMENT_BYTES + 2];
    (void)state;
    memset(longest, '#', sizeof longest - 1);
    assert_string_equal(instrument(longest), "put_instrument.file");
    assert_string_equal(instrument(longest + 1), "");
    assert_string_equal(instrument(empty), "put_instrument.file");
    assert_string_equal(instrument(broken), "put_instrument.file");
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__GetInstrument get = ATTUNE__GET_INSTRUMENT__INIT;
    q.body_case = ATTUNE__REQUEST__BODY_GET_INSTRUMENT;
    q.get_instrument = &get;
    assert_string_equal(fault_of(&q), "get_instrument.name");
    get.name = name;
    assert_string_equal(fault_of(&q), "");
    Attune__ListInstruments list = ATTUNE__LIST_INSTRUMENTS__INIT;
    q.body_case = ATTUNE__REQUEST__BODY_LIST_INSTRUMENTS;
    q.list_instruments = &list;
    assert_string_equal(fault_of(&q), "");
}

static const char *revoked(const char *serial, size_t len)
{
    uint8_t bytes[LIMIT_SERIAL_BYTES + 1] = {0};
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__RevokeCertificate r = ATTUNE__REVOKE_CERTIFICATE__INIT;
    memcpy(bytes, serial, strlen(serial));
    r.serial = (ProtobufCBinaryData){len, bytes};
    q.body_case = ATTUNE__REQUEST__BODY_REVOKE_CERTIFICATE;
    q.revoke_certificate = &r;
    return fault_of(&q);
}

static void what_is_revoked_has_a_name_or_a_number(void **state)
{
    (void)state;
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__RevokeDevice device = ATTUNE__REVOKE_DEVICE__INIT;
    Attune__RevokeTherapist person = ATTUNE__REVOKE_THERAPIST__INIT;
    q.body_case = ATTUNE__REQUEST__BODY_REVOKE_DEVICE;
    q.revoke_device = &device;
    device.label = reason;
    assert_string_equal(fault_of(&q), "");
    device.label = control;
    assert_string_equal(fault_of(&q), "revoke_device.label");
    q.body_case = ATTUNE__REQUEST__BODY_REVOKE_THERAPIST;
    q.revoke_therapist = &person;
    person.code = reason;
    assert_string_equal(fault_of(&q), "");
    person.code = empty;
    assert_string_equal(fault_of(&q), "revoke_therapist.code");
    assert_string_equal(revoked("1", 1), "");
    assert_string_equal(revoked("1", LIMIT_SERIAL_BYTES), "");
    assert_string_equal(revoked("1", LIMIT_SERIAL_BYTES + 1), "revoke_certificate.serial");
    assert_string_equal(revoked("1", 0), "revoke_certificate.serial");
    assert_string_equal(revoked("", 1), "revoke_certificate.serial");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_is_one_of_eight_and_the_last_has_a_reason),
        cmocka_unit_test(an_explanation_names_an_alert),
        cmocka_unit_test(a_file_of_rules_is_lines_of_text),
        cmocka_unit_test(a_report_is_of_a_kind_over_a_year_at_most),
        cmocka_unit_test(a_goal_is_for_an_area_in_a_few_words),
        cmocka_unit_test(a_goal_ends_as_reached_or_let_go),
        cmocka_unit_test(the_list_of_escalations_goes_on_after_an_id),
        cmocka_unit_test(a_desk_begins_with_names),
        cmocka_unit_test(tension_is_told_by_who_has_not_skipped),
        cmocka_unit_test(what_would_have_been_better_is_told_by_who_has_not_skipped),
        cmocka_unit_test(a_session_is_for_one_of_two_audiences_and_beside_one_other),
        cmocka_unit_test(an_instrument_is_lines_of_text_and_has_a_name),
        cmocka_unit_test(what_is_revoked_has_a_name_or_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
