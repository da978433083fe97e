/* codec_corpus FOLDER - write the codec fuzzer's corpus: one valid request of each kind, what a
 * server sends, and the messages that have hurt protobuf-c or its users. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/codec.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"

enum { KIND_REQUEST, KIND_SERVER_FRAME, KIND_RATING };
static const int64_t NOW_MS = INT64_C(1900000000000);
static const int64_t HOUR_MS = INT64_C(3600000);

/* protobuf-c's texts are not const; packing only reads them. */
static char *text(const char *borrowed)
{
    return (char *)(uintptr_t)borrowed;
}

static ProtobufCBinaryData id(uint8_t first)
{
    static uint8_t ids[256][LIMIT_ID_SIZE];
    memset(ids[first], first, LIMIT_ID_SIZE);
    return (ProtobufCBinaryData){LIMIT_ID_SIZE, ids[first]};
}

static void save(const char *folder, const char *name, uint8_t kind, const uint8_t *bytes,
                 size_t len)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s", folder, name);
    must(n > 0 && (size_t)n < sizeof path);
    FILE *file = fopen(path, "we");
    must(file != NULL);
    must(fputc(kind, file) == kind && fwrite(bytes, 1, len, file) == len);
    must(fclose(file) == 0);
}

static void save_message(const char *folder, const char *name, uint8_t kind,
                         const ProtobufCMessage *message)
{
    size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = malloc(len > 0 ? len : 1);
    must(bytes != NULL);
    must(protobuf_c_message_pack(message, bytes) == len);
    save(folder, name, kind, bytes, len);
    free(bytes);
}

static void save_request(const char *folder, const char *name, Attune__Request__BodyCase body_case,
                         void *body)
{
    Attune__Request request = ATTUNE__REQUEST__INIT;
    request.seq = 3;
    request.body_case = body_case;
    request.ping = body; /* All members of the oneof are pointers in one place. */
    save_message(folder, name, KIND_REQUEST, &request.base);
}

static Attune__Scores *scores(void)
{
    static Attune__Scores s;
    attune__scores__init(&s);
    s.understanding_answer_case = ATTUNE__SCORES__UNDERSTANDING_ANSWER_UNDERSTANDING;
    s.understanding = 85;
    s.safety_answer_case = ATTUNE__SCORES__SAFETY_ANSWER_SAFETY;
    s.safety = 0;
    s.fit_answer_case = ATTUNE__SCORES__FIT_ANSWER_FIT;
    s.fit = 100;
    return &s;
}

static Attune__Rating *rating(void)
{
    static Attune__Rating r;
    attune__rating__init(&r);
    r.rating_id = id(1);
    r.ticket_id = id(2);
    r.scores = scores();
    r.talk = ATTUNE__TALK__TALK_NEXT;
    r.tension = ATTUNE__TENSION__TENSION_RESOLVED;
    r.better = ATTUNE__BETTER__BETTER_SAFETY;
    r.instrument = text("attune-adult-en/1");
    r.made_at_ms = NOW_MS;
    return &r;
}

static void connection_requests(const char *folder)
{
    Attune__Hello hello = ATTUNE__HELLO__INIT;
    Attune__Ping ping = ATTUNE__PING__INIT;
    Attune__SubmitRating submit = ATTUNE__SUBMIT_RATING__INIT;
    uint8_t record[LIMIT_RECORD_SIZE];
    hello.software = text("attune-kiosk");
    hello.version = text("0.1.0");
    hello.language = text("de-CH");
    hello.clock_ms = NOW_MS;
    save_request(folder, "hello", ATTUNE__REQUEST__BODY_HELLO, &hello);
    save_request(folder, "ping", ATTUNE__REQUEST__BODY_PING, &ping);
    submit.record = (ProtobufCBinaryData){attune__rating__pack(rating(), record), record};
    save_request(folder, "submit_rating", ATTUNE__REQUEST__BODY_SUBMIT_RATING, &submit);
    save(folder, "rating", KIND_RATING, record, submit.record.len);
    Attune__Rating *skipped = rating();
    skipped->scores = NULL;
    skipped->skipped = true;
    skipped->tension = ATTUNE__TENSION__TENSION_UNSPECIFIED;
    skipped->better = ATTUNE__BETTER__BETTER_UNSPECIFIED;
    save_message(folder, "rating_skipped", KIND_RATING, &skipped->base);
}

static void staff_requests(const char *folder)
{
    Attune__OpenSession open = ATTUNE__OPEN_SESSION__INIT;
    Attune__InviteRating invite = ATTUNE__INVITE_RATING__INIT;
    Attune__CloseSession close = ATTUNE__CLOSE_SESSION__INIT;
    Attune__ListSessions sessions = ATTUNE__LIST_SESSIONS__INIT;
    Attune__ListRatings ratings = ATTUNE__LIST_RATINGS__INIT;
    Attune__ListAlerts alerts = ATTUNE__LIST_ALERTS__INIT;
    Attune__Watch watch = ATTUNE__WATCH__INIT;
    Attune__ReceiveAlerts receive = ATTUNE__RECEIVE_ALERTS__INIT;
    ProtobufCBinaryData ids[3] = {id(4), id(5), id(6)};
    open.session_id = invite.session_id = close.session_id = id(3);
    open.client_ref = ratings.client_ref = text("c-0042");
    open.room = text("Raum 3");
    open.planned_end_ms = NOW_MS;
    sessions.after_id = id(7);
    open.take_over = true;
    open.audience = ATTUNE__AUDIENCE__AUDIENCE_CHILD;
    open.together_with = id(9);
    sessions.limit = 10;
    receive.alert_id = ids;
    receive.n_alert_id = 3;
    save_request(folder, "open_session", ATTUNE__REQUEST__BODY_OPEN_SESSION, &open);
    save_request(folder, "invite_rating", ATTUNE__REQUEST__BODY_INVITE_RATING, &invite);
    save_request(folder, "close_session", ATTUNE__REQUEST__BODY_CLOSE_SESSION, &close);
    save_request(folder, "list_sessions", ATTUNE__REQUEST__BODY_LIST_SESSIONS, &sessions);
    save_request(folder, "list_ratings", ATTUNE__REQUEST__BODY_LIST_RATINGS, &ratings);
    save_request(folder, "list_alerts", ATTUNE__REQUEST__BODY_LIST_ALERTS, &alerts);
    save_request(folder, "watch", ATTUNE__REQUEST__BODY_WATCH, &watch);
    save_request(folder, "receive_alerts", ATTUNE__REQUEST__BODY_RECEIVE_ALERTS, &receive);
}

static void desk_requests(const char *folder)
{
    Attune__ListCaseload caseload = ATTUNE__LIST_CASELOAD__INIT;
    Attune__ListRooms rooms = ATTUNE__LIST_ROOMS__INIT;
    Attune__ListSessions sessions = ATTUNE__LIST_SESSIONS__INIT;
    caseload.after = sessions.client_ref = text("c-0042");
    caseload.limit = 7;
    rooms.after = text("Raum 2");
    save_request(folder, "list_caseload", ATTUNE__REQUEST__BODY_LIST_CASELOAD, &caseload);
    save_request(folder, "list_rooms", ATTUNE__REQUEST__BODY_LIST_ROOMS, &rooms);
    save_request(folder, "list_client_sessions", ATTUNE__REQUEST__BODY_LIST_SESSIONS, &sessions);
}

static void alert_and_rule_requests(const char *folder)
{
    Attune__AcknowledgeAlert acknowledge = ATTUNE__ACKNOWLEDGE_ALERT__INIT;
    Attune__ExplainAlert explain = ATTUNE__EXPLAIN_ALERT__INIT;
    Attune__PutRules put = ATTUNE__PUT_RULES__INIT;
    Attune__GetRules get = ATTUNE__GET_RULES__INIT;
    Attune__GetReport report = ATTUNE__GET_REPORT__INIT;
    Attune__PutGoal goal = ATTUNE__PUT_GOAL__INIT;
    Attune__EndGoal end = ATTUNE__END_GOAL__INIT;
    Attune__ListEscalations escalations = ATTUNE__LIST_ESCALATIONS__INIT;
    escalations.limit = 5;
    save_request(folder, "list_escalations", ATTUNE__REQUEST__BODY_LIST_ESCALATIONS, &escalations);
    Attune__ListGoals goals = ATTUNE__LIST_GOALS__INIT;
    goal.goal_id = end.goal_id = id(9);
    goal.session_id = id(3);
    goal.area = ATTUNE__AREA__AREA_SAFETY;
    goal.words = text("begin with what was hard");
    end.outcome = ATTUNE__GOAL_OUTCOME__GOAL_LET_GO;
    goals.client_ref = text("c-0042");
    save_request(folder, "put_goal", ATTUNE__REQUEST__BODY_PUT_GOAL, &goal);
    save_request(folder, "end_goal", ATTUNE__REQUEST__BODY_END_GOAL, &end);
    save_request(folder, "list_goals", ATTUNE__REQUEST__BODY_LIST_GOALS, &goals);
    acknowledge.alert_id = explain.alert_id = id(8);
    acknowledge.step = ATTUNE__STEP__STEP_NOT_A_CONCERN;
    acknowledge.reason = text("a mistyped score");
    put.file = text("cut = 35.0\nvery_low.total = 20.0\n");
    report.kind = ATTUNE__REPORT_KIND__REPORT_KIND_THERAPISTS;
    report.weeks = 12;
    report.after = text("t04");
    save_request(folder, "acknowledge_alert", ATTUNE__REQUEST__BODY_ACKNOWLEDGE_ALERT,
                 &acknowledge);
    save_request(folder, "explain_alert", ATTUNE__REQUEST__BODY_EXPLAIN_ALERT, &explain);
    save_request(folder, "put_rules", ATTUNE__REQUEST__BODY_PUT_RULES, &put);
    save_request(folder, "get_rules", ATTUNE__REQUEST__BODY_GET_RULES, &get);
    save_request(folder, "get_report", ATTUNE__REQUEST__BODY_GET_REPORT, &report);
}

static void instrument_requests(const char *folder)
{
    Attune__PutInstrument put = ATTUNE__PUT_INSTRUMENT__INIT;
    Attune__ListInstruments list = ATTUNE__LIST_INSTRUMENTS__INIT;
    Attune__GetInstrument get = ATTUNE__GET_INSTRUMENT__INIT;
    put.file = text("id = ours\nversion = 1\nlanguage = en\n");
    get.name = text("ours-en/1");
    save_request(folder, "put_instrument", ATTUNE__REQUEST__BODY_PUT_INSTRUMENT, &put);
    save_request(folder, "list_instruments", ATTUNE__REQUEST__BODY_LIST_INSTRUMENTS, &list);
    save_request(folder, "get_instrument", ATTUNE__REQUEST__BODY_GET_INSTRUMENT, &get);
}

static void retention_requests(const char *folder)
{
    Attune__PutRetention put = ATTUNE__PUT_RETENTION__INIT;
    Attune__PutHold hold = ATTUNE__PUT_HOLD__INIT;
    Attune__PlanRetention plan = ATTUNE__PLAN_RETENTION__INIT;
    Attune__RunRetention run = ATTUNE__RUN_RETENTION__INIT;
    Attune__RetentionPlace place = ATTUNE__RETENTION_PLACE__INIT;
    put.site = place.site = text("Nord");
    put.years = 10;
    put.night = ATTUNE__NIGHT__NIGHT_ON;
    hold.client_ref = text("c-0042");
    hold.until = text("2027-12-31");
    hold.because = text("12/26");
    plan.plan_id = id(8);
    run.word = text("0123456789ab");
    place.year = 2014;
    plan.after = run.after = &place;
    Attune__CopyClient copy = ATTUNE__COPY_CLIENT__INIT;
    copy.client_ref = text("c-0042");
    save_request(folder, "copy_client", ATTUNE__REQUEST__BODY_COPY_CLIENT, &copy);
    save_request(folder, "put_retention", ATTUNE__REQUEST__BODY_PUT_RETENTION, &put);
    save_request(folder, "put_hold", ATTUNE__REQUEST__BODY_PUT_HOLD, &hold);
    save_request(folder, "plan_retention", ATTUNE__REQUEST__BODY_PLAN_RETENTION, &plan);
    Attune__EraseClient erase = ATTUNE__ERASE_CLIENT__INIT;
    erase.client_ref = text("c-0042");
    erase.numbers = ATTUNE__NUMBERS__NUMBERS_KEEP;
    erase.word = text("0123456789ab");
    save_request(folder, "erase_client", ATTUNE__REQUEST__BODY_ERASE_CLIENT, &erase);
    save_request(folder, "run_retention", ATTUNE__REQUEST__BODY_RUN_RETENTION, &run);
}

static void log_on_requests(const char *folder)
{
    Attune__LogOn on = ATTUNE__LOG_ON__INIT;
    Attune__ResumeLogOn resume = ATTUNE__RESUME_LOG_ON__INIT;
    Attune__LogOff off = ATTUNE__LOG_OFF__INIT;
    Attune__SetPassword set = ATTUNE__SET_PASSWORD__INIT;
    Attune__BeginSecondFactor begin = ATTUNE__BEGIN_SECOND_FACTOR__INIT;
    Attune__ConfirmSecondFactor confirm = ATTUNE__CONFIRM_SECOND_FACTOR__INIT;
    uint8_t token[LIMIT_TOKEN_SIZE] = {7};
    on.name = text("lund");
    on.password = set.old = begin.password = text("wheels in the rain");
    on.code = confirm.code = text("012345");
    set.fresh = text("rain on "
                     "the wheels");
    resume.token = (ProtobufCBinaryData){sizeof token, token};
    save_request(folder, "log_on", ATTUNE__REQUEST__BODY_LOG_ON, &on);
    save_request(folder, "resume_log_on", ATTUNE__REQUEST__BODY_RESUME_LOG_ON, &resume);
    save_request(folder, "log_off", ATTUNE__REQUEST__BODY_LOG_OFF, &off);
    save_request(folder, "set_password", ATTUNE__REQUEST__BODY_SET_PASSWORD, &set);
    save_request(folder, "begin_second_factor", ATTUNE__REQUEST__BODY_BEGIN_SECOND_FACTOR, &begin);
    save_request(folder, "confirm_second_factor", ATTUNE__REQUEST__BODY_CONFIRM_SECOND_FACTOR,
                 &confirm);
}

static void account_requests(const char *folder)
{
    Attune__AddAccount add = ATTUNE__ADD_ACCOUNT__INIT;
    Attune__ResetPassword reset = ATTUNE__RESET_PASSWORD__INIT;
    Attune__ListAccounts list = ATTUNE__LIST_ACCOUNTS__INIT;
    Attune__PutLogOn put = ATTUNE__PUT_LOG_ON__INIT;
    add.name = reset.name = list.after = text("lund");
    add.therapist = text("t04");
    put.required = true;
    save_request(folder, "add_account", ATTUNE__REQUEST__BODY_ADD_ACCOUNT, &add);
    save_request(folder, "reset_password", ATTUNE__REQUEST__BODY_RESET_PASSWORD, &reset);
    save_request(folder, "list_accounts", ATTUNE__REQUEST__BODY_LIST_ACCOUNTS, &list);
    save_request(folder, "put_log_on", ATTUNE__REQUEST__BODY_PUT_LOG_ON, &put);
}

static void administrator_requests(const char *folder)
{
    Attune__PutSite site = ATTUNE__PUT_SITE__INIT;
    Attune__PutRoom room = ATTUNE__PUT_ROOM__INIT;
    Attune__PutTherapist therapist = ATTUNE__PUT_THERAPIST__INIT;
    Attune__PutClient client = ATTUNE__PUT_CLIENT__INIT;
    Attune__PutDevice device = ATTUNE__PUT_DEVICE__INIT;
    Attune__ListPractice list = ATTUNE__LIST_PRACTICE__INIT;
    Attune__ImportRating import = ATTUNE__IMPORT_RATING__INIT;
    uint8_t key[32] = {9};
    site.name = room.site = therapist.site = text("Nord");
    room.name = device.room = import.room = text("Raum 3");
    therapist.code = client.therapist = import.therapist = text("t04");
    therapist.display_name = text("Zo\xc3\xab");
    client.client_ref = import.client_ref = text("c-0042");
    device.fingerprint = (ProtobufCBinaryData){sizeof key, key};
    device.role = ATTUNE__ROLE__ROLE_KIOSK;
    device.label = text("kiosk-3");
    list.kind = ATTUNE__PRACTICE_KIND__PRACTICE_ROOMS;
    list.after = text("Raum 2");
    import.session_id = id(7);
    import.start_ms = NOW_MS;
    import.end_ms = NOW_MS + HOUR_MS;
    import.rating = rating();
    save_request(folder, "put_site", ATTUNE__REQUEST__BODY_PUT_SITE, &site);
    save_request(folder, "put_room", ATTUNE__REQUEST__BODY_PUT_ROOM, &room);
    save_request(folder, "put_therapist", ATTUNE__REQUEST__BODY_PUT_THERAPIST, &therapist);
    save_request(folder, "put_client", ATTUNE__REQUEST__BODY_PUT_CLIENT, &client);
    save_request(folder, "put_device", ATTUNE__REQUEST__BODY_PUT_DEVICE, &device);
    save_request(folder, "list_practice", ATTUNE__REQUEST__BODY_LIST_PRACTICE, &list);
    save_request(folder, "import_rating", ATTUNE__REQUEST__BODY_IMPORT_RATING, &import);
}

static void enrolment_requests(const char *folder)
{
    Attune__AddDevice add = ATTUNE__ADD_DEVICE__INIT;
    Attune__ListDevices list = ATTUNE__LIST_DEVICES__INIT;
    Attune__ForgetCode forget = ATTUNE__FORGET_CODE__INIT;
    Attune__RenewCertificate renew = ATTUNE__RENEW_CERTIFICATE__INIT;
    Attune__GetAuthority authority = ATTUNE__GET_AUTHORITY__INIT;
    Attune__Enrol enrol = ATTUNE__ENROL__INIT;
    Attune__RenewExpired expired = ATTUNE__RENEW_EXPIRED__INIT;
    add.role = enrol.role = ATTUNE__ROLE__ROLE_KIOSK;
    add.room = add.label = list.after = forget.label = text("Raum 3");
    enrol.secret = id(5);
    renew.request = enrol.request = expired.certificate = expired.request = expired.proof = id(6);
    save_request(folder, "add_device", ATTUNE__REQUEST__BODY_ADD_DEVICE, &add);
    save_request(folder, "list_devices", ATTUNE__REQUEST__BODY_LIST_DEVICES, &list);
    save_request(folder, "forget_code", ATTUNE__REQUEST__BODY_FORGET_CODE, &forget);
    save_request(folder, "renew_certificate", ATTUNE__REQUEST__BODY_RENEW_CERTIFICATE, &renew);
    save_request(folder, "get_authority", ATTUNE__REQUEST__BODY_GET_AUTHORITY, &authority);
    save_request(folder, "enrol", ATTUNE__REQUEST__BODY_ENROL, &enrol);
    save_request(folder, "renew_expired", ATTUNE__REQUEST__BODY_RENEW_EXPIRED, &expired);
}

static void enrolment_frames(const char *folder)
{
    Attune__ServerFrame frame = ATTUNE__SERVER_FRAME__INIT;
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Enrolled enrolled = ATTUNE__ENROLLED__INIT;
    Attune__Authority authority = ATTUNE__AUTHORITY__INIT;
    ProtobufCBinaryData two[2] = {id(1), id(2)};
    response.seq = 2;
    frame.body_case = ATTUNE__SERVER_FRAME__BODY_RESPONSE;
    frame.response = &response;
    enrolled.certificate = id(3);
    enrolled.authorities = authority.certificates = two;
    enrolled.n_authorities = authority.n_certificates = 2;
    enrolled.practice = enrolled.label = enrolled.place = text("Raum 3");
    response.body_case = ATTUNE__RESPONSE__BODY_ENROLLED;
    response.enrolled = &enrolled;
    save_message(folder, "answer_enrolled", KIND_SERVER_FRAME, &frame.base);
    response.body_case = ATTUNE__RESPONSE__BODY_AUTHORITY;
    response.authority = &authority;
    save_message(folder, "answer_authority", KIND_SERVER_FRAME, &frame.base);
}

static void revoking_requests(const char *folder)
{
    Attune__RevokeDevice device = ATTUNE__REVOKE_DEVICE__INIT;
    Attune__RevokeTherapist person = ATTUNE__REVOKE_THERAPIST__INIT;
    Attune__RevokeCertificate certificate = ATTUNE__REVOKE_CERTIFICATE__INIT;
    uint8_t serial[] = {0x5a, 0, 0x0f};
    device.label = text("kiosk-3");
    person.code = text("t04");
    certificate.serial = (ProtobufCBinaryData){sizeof serial, serial};
    device.meant = certificate.meant = true;
    save_request(folder, "revoke_device", ATTUNE__REQUEST__BODY_REVOKE_DEVICE, &device);
    save_request(folder, "revoke_therapist", ATTUNE__REQUEST__BODY_REVOKE_THERAPIST, &person);
    save_request(folder, "revoke_certificate", ATTUNE__REQUEST__BODY_REVOKE_CERTIFICATE,
                 &certificate);
}

static void server_frames(const char *folder)
{
    Attune__ServerFrame frame = ATTUNE__SERVER_FRAME__INIT;
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Push push = ATTUNE__PUSH__INIT;
    Attune__Error error = ATTUNE__ERROR__INIT;
    Attune__RoomState room = ATTUNE__ROOM_STATE__INIT;
    Attune__Ticket ticket = ATTUNE__TICKET__INIT;
    Attune__Session session = ATTUNE__SESSION__INIT;
    Attune__Session *sessions[2] = {&session, &session};
    Attune__SessionList list = ATTUNE__SESSION_LIST__INIT;
    error.code = 401;
    error.text = text("the server is busy");
    error.retry_after_ms = 1500;
    response.seq = 3;
    response.body_case = ATTUNE__RESPONSE__BODY_ERROR;
    response.error = &error;
    frame.body_case = ATTUNE__SERVER_FRAME__BODY_RESPONSE;
    frame.response = &response;
    save_message(folder, "answer_error", KIND_SERVER_FRAME, &frame.base);
    session.session_id = id(3);
    session.client_ref = text("c-0042");
    session.scores = scores();
    list.sessions = sessions;
    list.n_sessions = 2;
    response.body_case = ATTUNE__RESPONSE__BODY_SESSION_LIST;
    response.session_list = &list;
    save_message(folder, "answer_sessions", KIND_SERVER_FRAME, &frame.base);
    ticket.ticket_id = id(2);
    ticket.therapist = text("Zo\xc3\xab");
    ticket.colour = 3;
    ticket.symbol = text("moon");
    room.ticket = &ticket;
    room.invited = true;
    push.body_case = ATTUNE__PUSH__BODY_ROOM_STATE;
    push.room_state = &room;
    frame.body_case = ATTUNE__SERVER_FRAME__BODY_PUSH;
    frame.push = &push;
    save_message(folder, "push_room", KIND_SERVER_FRAME, &frame.base);
}

/* `unit` again and again, as often as a frame takes it. */
static void save_flood(const char *folder, const char *name, uint8_t kind, const char *unit,
                       size_t unit_len)
{
    uint8_t bytes[LIMIT_FRAME_BODY];
    size_t len = 0;
    while (len + unit_len <= sizeof bytes) {
        memcpy(bytes + len, unit, unit_len);
        len += unit_len;
    }
    save(folder, name, kind, bytes, len);
}

static void save_text(const char *folder, const char *name, uint8_t kind, const char *bytes,
                      size_t len)
{
    save(folder, name, kind, (const uint8_t *)bytes, len);
}

static void nasty(const char *folder)
{
    save_flood(folder, "bad_singular_repeated", KIND_REQUEST, "\x12\x00", 2);
    save_flood(folder, "bad_singular_merged", KIND_REQUEST, "\x12\x04\x0a\x02hi", 6);
    save_flood(folder, "bad_empty_sub_messages", KIND_REQUEST, "\xda\x01\x02\x0a\x00", 5);
    save_flood(folder, "bad_empty_responses", KIND_SERVER_FRAME, "\x0a\x00", 2);
    save_flood(folder, "bad_unknown", KIND_REQUEST, "\x98\x06\x01", 3);
    save_flood(folder, "bad_groups", KIND_REQUEST, "\x0b", 1);
    save_flood(folder, "bad_depth", KIND_SERVER_FRAME, "\x12\x7f", 2);
    save_flood(folder, "bad_varint", KIND_REQUEST, "\xff", 1);
    save_text(folder, "unknown_8", KIND_REQUEST,
              "\x08\x01\x1a\x00\xa0\x06\x01\xa0\x06\x01\xa0\x06\x01\xa0\x06\x01"
              "\xa0\x06\x01\xa0\x06\x01\xa0\x06\x01\xa0\x06\x01",
              28);
    save_text(folder, "bad_unknown_9", KIND_REQUEST,
              "\x08\x01\x1a\x00\xa0\x06\x01\xa0\x06\x01\xa0\x06\x01\xa0\x06\x01"
              "\xa0\x06\x01\xa0\x06\x01\xa0\x06\x01\xa0\x06\x01\xa0\x06\x01",
              31);
    save_text(folder, "number_last", KIND_REQUEST, "\xf8\xff\xff\xff\x0f\x00", 6);
    save_text(folder, "bad_number_above", KIND_REQUEST, "\x80\x80\x80\x80\x10\x00", 6);
    save_text(folder, "bad_number_0", KIND_REQUEST, "\x00\x00", 2);
    save_text(folder, "bad_two_of_a_oneof", KIND_REQUEST, "\x08\x01\x12\x00\x1a\x00", 6);
    save_text(folder, "bad_overrun", KIND_REQUEST, "\x08\x01\x1a\xff\xff\xff\xff\x0f", 8);
    save_text(folder, "bad_nul_in_text", KIND_REQUEST,
              "\x08\x01\x12\x05\x0a\x03"
              "a\0b",
              9);
    save_text(folder, "bad_utf8", KIND_REQUEST, "\x08\x01\x12\x05\x0a\x03\xed\xa0\x80", 9);
    save_text(folder, "bad_wire_type", KIND_REQUEST, "\x0d\x01\x00\x00\x00", 5);
    save_text(folder, "bad_long_tag", KIND_REQUEST, "\x88\x80\x80\x80\x80\x00\x01", 7);
    save_text(folder, "empty", KIND_REQUEST, "", 0);
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: codec_corpus FOLDER\n");
        return 2;
    }
    connection_requests(arguments[1]);
    staff_requests(arguments[1]);
    desk_requests(arguments[1]);
    alert_and_rule_requests(arguments[1]);
    instrument_requests(arguments[1]);
    log_on_requests(arguments[1]);
    account_requests(arguments[1]);
    retention_requests(arguments[1]);
    administrator_requests(arguments[1]);
    enrolment_requests(arguments[1]);
    revoking_requests(arguments[1]);
    server_frames(arguments[1]);
    enrolment_frames(arguments[1]);
    nasty(arguments[1]);
    return 0;
}
