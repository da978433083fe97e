/* Method: one good message of each kind is made; each test spoils one field and names what must be
 * said of it. Above 500 lines because it goes through every field of every
 * request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/valid.h"

static const int64_t TIME_MIN = INT64_C(946684800000);  /* 2000-01-01 */
static const int64_t TIME_MAX = INT64_C(4102444800000); /* 2100-01-01 */
static const int64_t HOUR_MS = INT64_C(3600000);
static const int64_t NOW = INT64_C(1900000000000);

/* Memory that messages of protobuf-c may point to; it wants char *, and only reads it. */
static char name[] = "room 1", empty[] = "", longest[LIMIT_NAME_BYTES + 1],
            too_long[LIMIT_NAME_BYTES + 2], control[] = "a\nb", german[] = "de",
            instrument[] = "attune-adult-en/1";
static uint8_t id[LIMIT_ID_SIZE + 1] = {1}, no_id[LIMIT_ID_SIZE], key[33] = {1};

static char *const bad_names[] = {empty, too_long, control};

static ProtobufCBinaryData of(uint8_t *data, size_t len)
{
    return (ProtobufCBinaryData){len, data};
}

static const struct {
    uint8_t *data;
    size_t len;
} bad_ids[] = {{no_id, LIMIT_ID_SIZE}, {id, LIMIT_ID_SIZE - 1}, {id, LIMIT_ID_SIZE + 1}, {NULL, 0}};

enum { BAD_IDS = sizeof bad_ids / sizeof bad_ids[0], BAD_NAMES = 3 };

/* One of everything, wired together. */
struct all {
    Attune__Request request;
    Attune__Hello hello;
    Attune__Ping ping;
    Attune__SubmitRating submit;
    Attune__OpenSession open;
    Attune__InviteRating invite;
    Attune__CloseSession close;
    Attune__ListSessions list_sessions;
    Attune__ListRatings list_ratings;
    Attune__ListAlerts list_alerts;
    Attune__Watch watch;
    Attune__ReceiveAlerts receive;
    Attune__PutSite site;
    Attune__PutRoom room;
    Attune__PutTherapist therapist;
    Attune__PutClient client;
    Attune__PutDevice device;
    Attune__ListPractice list_practice;
    Attune__ImportRating import;
    Attune__Rating rating;
    Attune__Scores scores;
    ProtobufCBinaryData alerts[LIMIT_ALERTS_OPEN + 1];
};

static void fill_rating(struct all *a)
{
    attune__scores__init(&a->scores);
    attune__rating__init(&a->rating);
    a->rating.rating_id = a->rating.ticket_id = of(id, LIMIT_ID_SIZE);
    a->rating.scores = &a->scores;
    a->rating.instrument = instrument;
    a->rating.made_at_ms = NOW;
    attune__import_rating__init(&a->import);
    a->import.session_id = of(id, LIMIT_ID_SIZE);
    a->import.client_ref = a->import.therapist = a->import.room = name;
    a->import.start_ms = NOW;
    a->import.end_ms = NOW + HOUR_MS;
    a->import.rating = &a->rating;
}

static void fill_staff(struct all *a)
{
    attune__open_session__init(&a->open);
    a->open.session_id = of(id, LIMIT_ID_SIZE);
    a->open.client_ref = a->open.room = name;
    a->open.planned_end_ms = NOW;
    attune__invite_rating__init(&a->invite);
    a->invite.session_id = of(id, LIMIT_ID_SIZE);
    attune__close_session__init(&a->close);
    a->close.session_id = of(id, LIMIT_ID_SIZE);
    attune__list_sessions__init(&a->list_sessions);
    attune__list_ratings__init(&a->list_ratings);
    a->list_ratings.client_ref = name;
    attune__list_alerts__init(&a->list_alerts);
    attune__watch__init(&a->watch);
    attune__receive_alerts__init(&a->receive);
    for (size_t i = 0; i < LIMIT_ALERTS_OPEN + 1; i++) {
        a->alerts[i] = of(id, LIMIT_ID_SIZE);
    }
    a->receive.alert_id = a->alerts;
    a->receive.n_alert_id = 1;
}

static void fill_admin(struct all *a)
{
    attune__put_site__init(&a->site);
    attune__put_room__init(&a->room);
    attune__put_therapist__init(&a->therapist);
    attune__put_client__init(&a->client);
    attune__put_device__init(&a->device);
    attune__list_practice__init(&a->list_practice);
    a->site.name = a->room.site = a->room.name = name;
    a->therapist.code = a->therapist.site = name;
    a->client.client_ref = a->client.therapist = name;
    a->device.fingerprint = of(key, 32);
    a->device.role = ATTUNE__ROLE__ROLE_ADMINISTRATOR;
    a->device.label = name;
    a->list_practice.kind = ATTUNE__PRACTICE_KIND__PRACTICE_SITES;
}

static void fill(struct all *a)
{
    memset(longest, 'x', LIMIT_NAME_BYTES);
    memset(too_long, 'x', LIMIT_NAME_BYTES + 1);
    attune__request__init(&a->request);
    a->request.seq = 1;
    attune__hello__init(&a->hello);
    a->hello.software = a->hello.version = name;
    attune__ping__init(&a->ping);
    attune__submit_rating__init(&a->submit);
    a->submit.record = of(id, 1);
    fill_rating(a);
    fill_staff(a);
    fill_admin(a);
}

/* Returns the field that is found wrong, "" when all is well. */
static const char *fault_of(struct all *a, Attune__Request__BodyCase kind, void *body)
{
    struct valid_fault fault;
    a->request.body_case = kind;
    a->request.ping = body; /* All members of the oneof are pointers in one place. */
    int rc = valid_request(&a->request, &fault);
    if (rc == 0) {
        return "";
    }
    assert_int_equal(rc, ERR_FIELD);
    assert_true(fault.rule[0] != '\0');
    return fault.field;
}

#define FAULT(KIND, member) fault_of(&a, ATTUNE__REQUEST__BODY_##KIND, &a.member)

/* The value as it is passes; each of the bad names is named as `field`. */
#define ASSERT_NAME(KIND, member, place, field)                                                    \
    for (size_t bad = 0; bad < BAD_NAMES; bad++) {                                                 \
        fill(&a);                                                                                  \
        a.place = longest;                                                                         \
        assert_string_equal(FAULT(KIND, member), "");                                              \
        a.place = bad_names[bad];                                                                  \
        assert_string_equal(FAULT(KIND, member), field);                                           \
    }

#define ASSERT_ID(KIND, member, place, field)                                                      \
    for (size_t bad = 0; bad < BAD_IDS; bad++) {                                                   \
        fill(&a);                                                                                  \
        assert_string_equal(FAULT(KIND, member), "");                                              \
        a.place = of(bad_ids[bad].data, bad_ids[bad].len);                                         \
        assert_string_equal(FAULT(KIND, member), field);                                           \
    }

#define ASSERT_ID_OR_EMPTY(KIND, member, field)                                                    \
    for (size_t bad = 0; bad < BAD_IDS; bad++) {                                                   \
        fill(&a);                                                                                  \
        a.member.after_id = of(id, LIMIT_ID_SIZE);                                                 \
        assert_string_equal(FAULT(KIND, member), "");                                              \
        a.member.after_id = of(bad_ids[bad].data, bad_ids[bad].len);                               \
        assert_string_equal(FAULT(KIND, member), bad_ids[bad].len == 0 ? "" : field);              \
    }

static void assert_time(struct all *a, int64_t *place, Attune__Request__BodyCase kind, void *body,
                        const char *field, bool may_be_none)
{
    const struct {
        int64_t ms;
        bool good;
    } cases[] = {{0, may_be_none},  {TIME_MIN - 1, false}, {TIME_MIN, true},   {TIME_MAX - 1, true},
                 {TIME_MAX, false}, {-1, false},           {INT64_MIN, false}, {INT64_MAX, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        *place = cases[i].ms;
        assert_string_equal(fault_of(a, kind, body), cases[i].good ? "" : field);
    }
}

/* ---- requests -------------------------------------------------------------------------------- */

static void a_request_counts_from_1_and_has_a_body(void **state)
{
    (void)state;
    struct all a;
    struct valid_fault fault;
    fill(&a);
    assert_string_equal(FAULT(PING, ping), "");
    assert_string_equal(FAULT(WATCH, watch), "");
    a.request.seq = 0;
    assert_string_equal(FAULT(PING, ping), "seq");
    a.request.seq = UINT64_MAX;
    assert_string_equal(FAULT(PING, ping), "");
    a.request.body_case = ATTUNE__REQUEST__BODY__NOT_SET;
    assert_int_equal(valid_request(&a.request, &fault), ERR_MESSAGE);
}

static void hello_says_who_it_is(void **state)
{
    (void)state;
    struct all a;
    static char version[LIMIT_VERSION_BYTES + 2], language[LIMIT_LANGUAGE_BYTES + 2];
    ASSERT_NAME(HELLO, hello, hello.software, "hello.software");
    fill(&a);
    memset(version, '1', LIMIT_VERSION_BYTES + 1);
    memset(language, 'x', LIMIT_LANGUAGE_BYTES + 1);
    a.hello.version = version;
    assert_string_equal(FAULT(HELLO, hello), "hello.version");
    a.hello.version = version + 1;
    assert_string_equal(FAULT(HELLO, hello), "");
    a.hello.language = language;
    assert_string_equal(FAULT(HELLO, hello), "hello.language");
    a.hello.language = language + 1;
    assert_string_equal(FAULT(HELLO, hello), "");
    a.hello.clock_ms = INT64_MIN; /* A wrong clock is told, not refused. */
    assert_string_equal(FAULT(HELLO, hello), "");
    a.hello.version = empty;
    assert_string_equal(FAULT(HELLO, hello), "hello.version");
}

static void a_submitted_record_is_short_and_of_a_known_seal(void **state)
{
    (void)state;
    struct all a;
    static uint8_t record[LIMIT_RECORD_SIZE + 1];
    fill(&a);
    static const size_t good[] = {1, LIMIT_RECORD_SIZE - 1, LIMIT_RECORD_SIZE};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        a.submit.record = of(record, good[i]);
        assert_string_equal(FAULT(SUBMIT_RATING, submit), "");
    }
    a.submit.record = of(record, 0);
    assert_string_equal(FAULT(SUBMIT_RATING, submit), "submit_rating.record");
    a.submit.record = of(record, LIMIT_RECORD_SIZE + 1);
    assert_string_equal(FAULT(SUBMIT_RATING, submit), "submit_rating.record");
    a.submit.record = of(record, 1);
    a.submit.seal = ATTUNE__SEAL__SEAL_BOX;
    for (size_t len = LIMIT_SEALED_SIZE - 1; len <= LIMIT_SEALED_SIZE + 1; len += 2) {
        a.submit.record = of(record, len);
        assert_string_equal(FAULT(SUBMIT_RATING, submit), "submit_rating.record");
    }
    a.submit.record = of(record, LIMIT_SEALED_SIZE);
    assert_string_equal(FAULT(SUBMIT_RATING, submit), "");
    a.submit.seal = (Attune__Seal)2;
    assert_string_equal(FAULT(SUBMIT_RATING, submit), "submit_rating.seal");
    a.submit.seal = (Attune__Seal)-1;
    assert_string_equal(FAULT(SUBMIT_RATING, submit), "submit_rating.seal");
}

static void a_session_is_opened_with_id_client_room_and_end(void **state)
{
    (void)state;
    struct all a;
    ASSERT_ID(OPEN_SESSION, open, open.session_id, "open_session.session_id");
    ASSERT_NAME(OPEN_SESSION, open, open.client_ref, "open_session.client_ref");
    ASSERT_NAME(OPEN_SESSION, open, open.room, "open_session.room");
    fill(&a);
    assert_time(&a, &a.open.planned_end_ms, ATTUNE__REQUEST__BODY_OPEN_SESSION, &a.open,
                "open_session.planned_end_ms", false);
    ASSERT_ID(INVITE_RATING, invite, invite.session_id, "invite_rating.session_id");
    ASSERT_ID(CLOSE_SESSION, close, close.session_id, "close_session.session_id");
}

static void lists_begin_after_an_id_or_at_the_newest(void **state)
{
    (void)state;
    struct all a;
    ASSERT_ID_OR_EMPTY(LIST_SESSIONS, list_sessions, "list_sessions.after_id");
    ASSERT_ID_OR_EMPTY(LIST_RATINGS, list_ratings, "list_ratings.after_id");
    ASSERT_ID_OR_EMPTY(LIST_ALERTS, list_alerts, "list_alerts.after_id");
    ASSERT_NAME(LIST_RATINGS, list_ratings, list_ratings.client_ref, "list_ratings.client_ref");
    fill(&a);
    a.list_alerts.client_ref = empty; /* All of the therapist's. */
    assert_string_equal(FAULT(LIST_ALERTS, list_alerts), "");
    a.list_alerts.client_ref = too_long;
    assert_string_equal(FAULT(LIST_ALERTS, list_alerts), "list_alerts.client_ref");
    fill(&a);
    a.list_sessions.limit = UINT32_MAX; /* More than a page is a page. */
    assert_string_equal(FAULT(LIST_SESSIONS, list_sessions), "");
}

static void one_to_64_alerts_are_received_at_a_time(void **state)
{
    (void)state;
    struct all a;
    fill(&a);
    static const struct {
        size_t count;
        const char *field;
    } cases[] = {{0, "receive_alerts.alert_id"},
                 {1, ""},
                 {LIMIT_ALERTS_OPEN - 1, ""},
                 {LIMIT_ALERTS_OPEN, ""},
                 {LIMIT_ALERTS_OPEN + 1, "receive_alerts.alert_id"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        a.receive.n_alert_id = cases[i].count;
        assert_string_equal(FAULT(RECEIVE_ALERTS, receive), cases[i].field);
    }
    a.receive.n_alert_id = LIMIT_ALERTS_OPEN;
    a.alerts[LIMIT_ALERTS_OPEN - 1] = of(no_id, LIMIT_ID_SIZE);
    assert_string_equal(FAULT(RECEIVE_ALERTS, receive), "receive_alerts.alert_id");
}

static void what_a_practice_is_made_of_has_names(void **state)
{
    (void)state;
    struct all a;
    ASSERT_NAME(PUT_SITE, site, site.name, "put_site.name");
    ASSERT_NAME(PUT_ROOM, room, room.site, "put_room.site");
    ASSERT_NAME(PUT_ROOM, room, room.name, "put_room.name");
    ASSERT_NAME(PUT_THERAPIST, therapist, therapist.code, "put_therapist.code");
    ASSERT_NAME(PUT_THERAPIST, therapist, therapist.site, "put_therapist.site");
    ASSERT_NAME(PUT_CLIENT, client, client.client_ref, "put_client.client_ref");
    ASSERT_NAME(PUT_CLIENT, client, client.therapist, "put_client.therapist");
    fill(&a);
    a.therapist.display_name = empty; /* The code is shown. */
    assert_string_equal(FAULT(PUT_THERAPIST, therapist), "");
    a.therapist.display_name = control;
    assert_string_equal(FAULT(PUT_THERAPIST, therapist), "put_therapist.display_name");
    a.therapist.display_name = name;
    a.therapist.language = name;
    assert_string_equal(FAULT(PUT_THERAPIST, therapist), "put_therapist.language");
    a.therapist.language = german;
    assert_string_equal(FAULT(PUT_THERAPIST, therapist), "");
}

static void a_device_has_a_key_a_role_and_the_place_of_its_role(void **state)
{
    (void)state;
    struct all a;
    ASSERT_NAME(PUT_DEVICE, device, device.label, "put_device.label");
    static const struct {
        int role;
        char *room, *therapist;
        const char *field;
    } cases[] = {
        {ATTUNE__ROLE__ROLE_KIOSK, name, empty, ""},
        {ATTUNE__ROLE__ROLE_KIOSK, empty, empty, "put_device.room"},
        {ATTUNE__ROLE__ROLE_KIOSK, name, name, "put_device.therapist"},
        {ATTUNE__ROLE__ROLE_THERAPIST, empty, name, ""},
        {ATTUNE__ROLE__ROLE_THERAPIST, empty, empty, "put_device.therapist"},
        {ATTUNE__ROLE__ROLE_THERAPIST, name, name, "put_device.room"},
        {ATTUNE__ROLE__ROLE_ADMINISTRATOR, empty, empty, ""},
        {ATTUNE__ROLE__ROLE_ADMINISTRATOR, name, empty, "put_device.room"},
        {ATTUNE__ROLE__ROLE_ADMINISTRATOR, empty, name, "put_device.therapist"},
        {0, empty, empty, "put_device.role"},
        {4, empty, empty, "put_device.role"},
        {-1, empty, empty, "put_device.role"},
    };
    fill(&a);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        a.device.role = (Attune__Role)cases[i].role;
        a.device.room = cases[i].room;
        a.device.therapist = cases[i].therapist;
        assert_string_equal(FAULT(PUT_DEVICE, device), cases[i].field);
    }
    for (size_t len = 31; len <= 33; len++) {
        fill(&a);
        a.device.fingerprint = of(key, len);
        assert_string_equal(FAULT(PUT_DEVICE, device), len == 32 ? "" : "put_device.fingerprint");
    }
}

static void a_list_of_the_practice_is_of_a_known_kind(void **state)
{
    (void)state;
    struct all a;
    fill(&a);
    for (int kind = -1; kind <= 9; kind++) {
        a.list_practice.kind = (Attune__PracticeKind)kind;
        assert_string_equal(FAULT(LIST_PRACTICE, list_practice),
                            kind >= 1 && kind <= 8 ? "" : "list_practice.kind");
    }
    fill(&a);
    a.list_practice.after = longest;
    assert_string_equal(FAULT(LIST_PRACTICE, list_practice), "");
    a.list_practice.after = too_long;
    assert_string_equal(FAULT(LIST_PRACTICE, list_practice), "list_practice.after");
}

static void an_imported_rating_belongs_to_a_session_of_a_day_at_most(void **state)
{
    (void)state;
    struct all a;
    ASSERT_ID(IMPORT_RATING, import, import.session_id, "import_rating.session_id");
    ASSERT_ID(IMPORT_RATING, import, rating.rating_id, "rating.rating_id");
    ASSERT_NAME(IMPORT_RATING, import, import.client_ref, "import_rating.client_ref");
    ASSERT_NAME(IMPORT_RATING, import, import.therapist, "import_rating.therapist");
    ASSERT_NAME(IMPORT_RATING, import, import.room, "import_rating.room");
    static const struct {
        int64_t start, end;
        const char *field;
    } cases[] = {
        {0, NOW, "import_rating.start_ms"},
        {NOW, 0, "import_rating.end_ms"},
        {NOW, NOW - 1, "import_rating.end_ms"},
        {NOW, NOW, ""},
        {NOW, NOW + 24 * HOUR_MS, ""},
        {NOW, NOW + 24 * HOUR_MS + 1, "import_rating.end_ms"},
        {TIME_MAX - 1, TIME_MAX, "import_rating.end_ms"},
    };
    fill(&a);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        a.import.start_ms = cases[i].start;
        a.import.end_ms = cases[i].end;
        assert_string_equal(FAULT(IMPORT_RATING, import), cases[i].field);
    }
    fill(&a);
    a.import.rating = NULL;
    assert_string_equal(FAULT(IMPORT_RATING, import), "import_rating.rating");
}

/* Goal: what is packed anew fits, whatever a peer added. Method: a field that nobody knows. */
static void an_imported_rating_is_no_longer_than_a_record(void **state)
{
    (void)state;
    static uint8_t bytes[LIMIT_RECORD_SIZE];
    ProtobufCMessageUnknownField field = {.tag = 15000, .wire_type = PROTOBUF_C_WIRE_TYPE_VARINT};
    struct all a;
    fill(&a);
    field.data = bytes;
    a.rating.base.n_unknown_fields = 1;
    a.rating.base.unknown_fields = &field;
    field.len = LIMIT_RECORD_SIZE - attune__rating__get_packed_size(&a.rating);
    assert_int_equal(attune__rating__get_packed_size(&a.rating), LIMIT_RECORD_SIZE);
    assert_string_equal(FAULT(IMPORT_RATING, import), "");
    field.len++;
    assert_string_equal(FAULT(IMPORT_RATING, import), "import_rating.rating");
}

/* ---- ratings --------------------------------------------------------------------------------- */

static const char *rating_fault(const struct all *a)
{
    struct valid_fault fault;
    int rc = valid_rating(&a->rating, &fault);
    assert_true(rc == 0 || rc == ERR_FIELD);
    return rc == 0 ? "" : fault.field;
}

static void a_score_is_0_to_100_and_judged_only_when_it_is_there(void **state)
{
    (void)state;
    static const struct {
        uint32_t score;
        bool good;
    } cases[] = {{0, true}, {99, true}, {100, true}, {101, false}, {UINT32_MAX, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct all a;
        fill(&a);
        a.scores.understanding = a.scores.relevance = a.scores.safety = a.scores.fit =
            cases[i].score;
        assert_string_equal(rating_fault(&a), ""); /* None of them is answered. */
        a.scores.fit_answer_case = ATTUNE__SCORES__FIT_ANSWER_FIT;
        assert_string_equal(rating_fault(&a), cases[i].good ? "" : "rating.scores.fit");
        a.scores.safety_answer_case = ATTUNE__SCORES__SAFETY_ANSWER_SAFETY;
        assert_string_equal(rating_fault(&a), cases[i].good ? "" : "rating.scores.safety");
        a.scores.relevance_answer_case = ATTUNE__SCORES__RELEVANCE_ANSWER_RELEVANCE;
        assert_string_equal(rating_fault(&a), cases[i].good ? "" : "rating.scores.relevance");
        a.scores.understanding_answer_case = ATTUNE__SCORES__UNDERSTANDING_ANSWER_UNDERSTANDING;
        assert_string_equal(rating_fault(&a), cases[i].good ? "" : "rating.scores.understanding");
    }
}

static void a_rating_is_skipped_or_has_scores(void **state)
{
    (void)state;
    struct all a;
    fill(&a);
    a.rating.skipped = true;
    assert_string_equal(rating_fault(&a), "rating.scores");
    a.rating.scores = NULL;
    assert_string_equal(rating_fault(&a), "");
    a.rating.skipped = false;
    assert_string_equal(rating_fault(&a), "rating.scores");
}

static void a_rating_names_itself_its_ticket_instrument_and_time(void **state)
{
    (void)state;
    struct all a;
    for (size_t bad = 0; bad < BAD_IDS; bad++) {
        fill(&a);
        a.rating.ticket_id = of(bad_ids[bad].data, bad_ids[bad].len);
        assert_string_equal(rating_fault(&a), "rating.ticket_id");
        a.rating.rating_id = of(bad_ids[bad].data, bad_ids[bad].len);
        assert_string_equal(rating_fault(&a), "rating.rating_id");
    }
    for (size_t bad = 0; bad < BAD_NAMES; bad++) {
        fill(&a);
        a.rating.instrument = bad_names[bad];
        assert_string_equal(rating_fault(&a), "rating.instrument");
    }
    for (int talk = -1; talk <= 4; talk++) {
        fill(&a);
        a.rating.talk = (Attune__Talk)talk;
        assert_string_equal(rating_fault(&a), talk >= 0 && talk <= 3 ? "" : "rating.talk");
    }
    fill(&a);
    a.rating.made_at_ms = TIME_MIN - 1;
    assert_string_equal(rating_fault(&a), "rating.made_at_ms");
    a.rating.made_at_ms = TIME_MAX;
    assert_string_equal(rating_fault(&a), "rating.made_at_ms");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_counts_from_1_and_has_a_body),
        cmocka_unit_test(hello_says_who_it_is),
        cmocka_unit_test(a_submitted_record_is_short_and_of_a_known_seal),
        cmocka_unit_test(a_session_is_opened_with_id_client_room_and_end),
        cmocka_unit_test(lists_begin_after_an_id_or_at_the_newest),
        cmocka_unit_test(one_to_64_alerts_are_received_at_a_time),
        cmocka_unit_test(what_a_practice_is_made_of_has_names),
        cmocka_unit_test(a_device_has_a_key_a_role_and_the_place_of_its_role),
        cmocka_unit_test(a_list_of_the_practice_is_of_a_known_kind),
        cmocka_unit_test(an_imported_rating_belongs_to_a_session_of_a_day_at_most),
        cmocka_unit_test(an_imported_rating_is_no_longer_than_a_record),
        cmocka_unit_test(a_score_is_0_to_100_and_judged_only_when_it_is_there),
        cmocka_unit_test(a_rating_is_skipped_or_has_scores),
        cmocka_unit_test(a_rating_names_itself_its_ticket_instrument_and_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
