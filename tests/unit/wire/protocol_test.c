/* PROTOCOL.md against the code: codes, limits, roles, and each example byte by byte. Run from the
 * source tree's root. A wrong example is printed as it should stand. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/codec.h"
#include "proto/wire/enrol_code.h"
#include "proto/wire/err.h"
#include "proto/wire/frame.h"
#include "proto/wire/limits.h"
#include "proto/wire/seal.h"
#include "proto/wire/valid.h"
#include "server/gateway/permit.h"

static const int64_t NOW_MS = INT64_C(1900000000000);
enum { DOCUMENT_MAX = 1 << 17 };

static int set_up(void **state)
{
    char *document = calloc(1, DOCUMENT_MAX);
    FILE *file = fopen("proto/PROTOCOL.md", "re");
    assert_non_null(document);
    assert_non_null(file);
    size_t len = fread(document, 1, DOCUMENT_MAX - 1, file);
    assert_true(feof(file) && len > 0);
    assert_int_equal(fclose(file), 0);
    *state = document;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static const struct {
    unsigned code;
    const char *name;
} codes[] = {
#define ROW(name, code, text) {code, #name},
    ERR_LIST(ROW)
#undef ROW
};

static void every_code_has_its_row(void **state)
{
    const char *document = *state;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        char row[80];
        (void)snprintf(row, sizeof row, "\n| %u | %s | ", codes[i].code, codes[i].name);
        if (strstr(document, row) == NULL) {
            fail_msg("PROTOCOL.md has no row%s", row);
        }
    }
}

static void every_row_of_the_table_is_a_code(void **state)
{
    const char *at = strstr(*state, "## 10. Codes");
    const char *end = strstr(*state, "## 11. Limits");
    assert_non_null(at);
    assert_non_null(end);
    size_t rows = 0;
    for (at = strstr(at, "\n| "); at != NULL && at < end; at = strstr(at + 1, "\n| ")) {
        unsigned code;
        if (sscanf(at, "\n| %u |", &code) == 1) {
            rows++;
            assert_true(code == 503 || err_from_code(code) != ERR_INTERNAL);
        }
    }
    assert_int_equal(rows, sizeof codes / sizeof codes[0]);
}

static void the_limits_are_those_of_the_code(void **state)
{
    static const struct {
        const char *name;
        int value;
    } limits[] = {
#define LIMIT(name) {#name, name}
        LIMIT(LIMIT_ID_SIZE),         LIMIT(LIMIT_FRAME_BODY),     LIMIT(LIMIT_FRAME_GREETING),
        LIMIT(LIMIT_RECORD_SIZE),     LIMIT(LIMIT_MESSAGE_TAGS),   LIMIT(LIMIT_ANSWER_TAGS),
        LIMIT(LIMIT_MESSAGE_UNKNOWN), LIMIT(LIMIT_OPEN_REQUESTS),  LIMIT(LIMIT_ALERTS_OPEN),
        LIMIT(LIMIT_NAME_BYTES),      LIMIT(LIMIT_VERSION_BYTES),  LIMIT(LIMIT_LANGUAGE_BYTES),
        LIMIT(LIMIT_SCORE_TENTHS),    LIMIT(LIMIT_SESSION_MS),     LIMIT(LIMIT_SESSIONS_PAGE),
        LIMIT(LIMIT_RATINGS_PAGE),    LIMIT(LIMIT_ALERTS_PAGE),    LIMIT(LIMIT_PRACTICE_PAGE),
        LIMIT(LIMIT_PING_S),          LIMIT(LIMIT_SILENCE_S),      LIMIT(LIMIT_SEALED_SIZE),
        LIMIT(LIMIT_TOKEN_SIZE),      LIMIT(LIMIT_PASSWORD_BYTES), LIMIT(LIMIT_PASSWORD_BYTES_MIN),
        LIMIT(LIMIT_DEVICES_PAGE),    LIMIT(LIMIT_REQUEST_BYTES),  LIMIT(LIMIT_CERTIFICATE_BYTES),
        LIMIT(LIMIT_RENEW_GRACE_S),   LIMIT(LIMIT_PROOF_BYTES),    LIMIT(LIMIT_AUTHORITIES),
        LIMIT(LIMIT_AUTHORITY_ID),    LIMIT(LIMIT_ENROL_REQUESTS), LIMIT(LIMIT_AUDIT_PAGE),
        LIMIT(LIMIT_CASELOAD_PAGE),   LIMIT(LIMIT_GOALS_PAGE),     LIMIT(LIMIT_ESCALATIONS_PAGE),
        LIMIT(LIMIT_LOOKS),           LIMIT(LIMIT_RIGHTS),         LIMIT(LIMIT_REPORT_ROWS),
        LIMIT(LIMIT_REPORT_WEEKS),    LIMIT(LIMIT_RETENTION_ROWS), LIMIT(LIMIT_ENROL_WRONG_ROWS),
#undef LIMIT
    };
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        char row[80];
        (void)snprintf(row, sizeof row, "\n| %s | %d |", limits[i].name, limits[i].value);
        if (strstr(*state, row) == NULL) {
            fail_msg("PROTOCOL.md has no row%s", row);
        }
    }
    size_t rows = 0;
    for (const char *at = *state; (at = strstr(at, "\n| LIMIT_")) != NULL; at++) {
        rows++;
    }
    assert_int_equal(rows, sizeof limits / sizeof limits[0]); /* None stands there unheld. */
}

static bool permitted(Attune__Role role, Attune__Request__BodyCase request)
{
    enum permit_state state = request == ATTUNE__REQUEST__BODY_HELLO ? PERMIT_FRESH : PERMIT_READY;
    return permit_request(state, role, request) == 0;
}

/* The requests are read from the message itself, so that a new one without a row is noticed. */
static void the_roles_are_those_of_the_code(void **state)
{
    const ProtobufCMessageDescriptor *type = &attune__request__descriptor;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (field->type != PROTOBUF_C_TYPE_MESSAGE) {
            continue;
        }
        const ProtobufCMessageDescriptor *body = field->descriptor;
        Attune__Request__BodyCase request = (Attune__Request__BodyCase)field->id;
        char row[120];
        (void)snprintf(row, sizeof row, "\n| %s |%s|%s|%s| ", body->short_name,
                       permitted(ATTUNE__ROLE__ROLE_KIOSK, request) ? " yes " : " ",
                       permitted(ATTUNE__ROLE__ROLE_THERAPIST, request) ? " yes " : " ",
                       permitted(ATTUNE__ROLE__ROLE_ADMINISTRATOR, request) ? " yes " : " ");
        if (strstr(*state, row) == NULL) {
            fail_msg("PROTOCOL.md has no row%s", row);
        }
    }
}

/* ---- examples -------------------------------------------------------------------------------- */

/* The bytes of the block ```hex NAME. */
static size_t example(const char *document, const char *name, uint8_t *bytes, size_t room)
{
    char head[64];
    (void)snprintf(head, sizeof head, "\n```hex %s\n", name);
    const char *at = strstr(document, head);
    size_t len = 0;
    if (at == NULL) {
        fail_msg("PROTOCOL.md has no block \"hex %s\"", name);
    }
    at += strlen(head);
    while (*at != '`' && *at != '\0') {
        unsigned byte;
        if (isspace((unsigned char)*at)) {
            at++;
            continue;
        }
        assert_int_equal(sscanf(at, "%2x", &byte), 1);
        assert_true(len < room);
        bytes[len++] = (uint8_t)byte;
        at += 2;
    }
    return len;
}

static void print_hex(const char *name, const uint8_t *bytes, size_t len)
{
    printf("```hex %s\n", name);
    for (size_t i = 0; i < len; i++) {
        printf("%02x%s", bytes[i], i + 1 == len || i % 32 == 31 ? "\n" : " ");
    }
    printf("```\n");
}

static bool same(const char *document, const char *name, const uint8_t *bytes, size_t len)
{
    static uint8_t written[LIMIT_FRAME_BODY];
    size_t written_len = example(document, name, written, sizeof written);
    if (written_len == len && memcmp(written, bytes, len) == 0) {
        return true;
    }
    print_hex(name, bytes, len);
    return false;
}

static bool same_frame(const char *document, const char *name, const ProtobufCMessage *message)
{
    uint8_t bytes[FRAME_HEAD + LIMIT_FRAME_GREETING];
    size_t size = codec_frame_size(message);
    assert_true(size <= sizeof bytes);
    codec_frame_pack(message, bytes);
    return same(document, name, bytes, size);
}

/* protobuf-c's texts are not const; packing only reads them. */
static char *text(const char *borrowed)
{
    return (char *)(uintptr_t)borrowed;
}

static ProtobufCBinaryData id(uint8_t byte)
{
    static uint8_t ids[256][LIMIT_ID_SIZE];
    memset(ids[byte], byte, LIMIT_ID_SIZE);
    return (ProtobufCBinaryData){LIMIT_ID_SIZE, ids[byte]};
}

static bool same_request(const char *document, const char *name, uint64_t seq,
                         Attune__Request__BodyCase body_case, void *body)
{
    Attune__Request request = ATTUNE__REQUEST__INIT;
    struct valid_fault fault;
    request.seq = seq;
    request.body_case = body_case;
    request.ping = body; /* All members of the oneof are pointers in one place. */
    assert_int_equal(valid_request(&request, &fault), 0);
    return same_frame(document, name, &request.base);
}

static bool same_response(const char *document, const char *name, uint64_t seq,
                          Attune__Response__BodyCase body_case, void *body)
{
    Attune__ServerFrame frame = ATTUNE__SERVER_FRAME__INIT;
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    response.seq = seq;
    response.body_case = body_case;
    response.done = body;
    frame.body_case = ATTUNE__SERVER_FRAME__BODY_RESPONSE;
    frame.response = &response;
    return same_frame(document, name, &frame.base);
}

static bool same_push(const char *document, const char *name, Attune__Push__BodyCase body_case,
                      void *body)
{
    Attune__ServerFrame frame = ATTUNE__SERVER_FRAME__INIT;
    Attune__Push push = ATTUNE__PUSH__INIT;
    push.body_case = body_case;
    push.draining = body;
    frame.body_case = ATTUNE__SERVER_FRAME__BODY_PUSH;
    frame.push = &push;
    return same_frame(document, name, &frame.base);
}

static void the_examples_of_the_greeting_are_true(void **state)
{
    Attune__Hello hello = ATTUNE__HELLO__INIT;
    Attune__Welcome welcome = ATTUNE__WELCOME__INIT;
    Attune__Ping ping = ATTUNE__PING__INIT;
    Attune__Done done = ATTUNE__DONE__INIT;
    Attune__Draining draining = ATTUNE__DRAINING__INIT;
    hello.software = text("attune-kiosk");
    hello.version = text("0.1.0");
    hello.language = text("en");
    hello.clock_ms = welcome.clock_ms = NOW_MS;
    welcome.role = ATTUNE__ROLE__ROLE_KIOSK;
    welcome.practice = text("Lindenhof");
    welcome.device = text("kiosk-3");
    welcome.place = text("Room 3");
    welcome.frame_max = LIMIT_FRAME_BODY;
    welcome.open_max = LIMIT_OPEN_REQUESTS;
    welcome.ping_s = LIMIT_PING_S;
    draining.reconnect_after_ms = 12345;
    bool good = same_request(*state, "hello", 1, ATTUNE__REQUEST__BODY_HELLO, &hello);
    good &= same_response(*state, "welcome", 1, ATTUNE__RESPONSE__BODY_WELCOME, &welcome);
    good &= same_request(*state, "ping", 3, ATTUNE__REQUEST__BODY_PING, &ping);
    good &= same_response(*state, "done", 3, ATTUNE__RESPONSE__BODY_DONE, &done);
    good &= same_push(*state, "draining", ATTUNE__PUSH__BODY_DRAINING, &draining);
    assert_true(good);
}

static void fill_scores(Attune__Scores *s)
{
    attune__scores__init(s);
    s->understanding_answer_case = ATTUNE__SCORES__UNDERSTANDING_ANSWER_UNDERSTANDING;
    s->understanding = 85;
    s->safety_answer_case = ATTUNE__SCORES__SAFETY_ANSWER_SAFETY;
    s->safety = 0;
    s->fit_answer_case = ATTUNE__SCORES__FIT_ANSWER_FIT;
    s->fit = 100;
}

static size_t pack_record(uint8_t *room)
{
    Attune__Rating rating = ATTUNE__RATING__INIT;
    Attune__Scores scores;
    struct valid_fault fault;
    fill_scores(&scores);
    rating.rating_id = id(0x11);
    rating.ticket_id = id(0x22);
    rating.scores = &scores;
    rating.talk = ATTUNE__TALK__TALK_NEXT;
    rating.instrument = text("attune-adult-en/1");
    rating.made_at_ms = NOW_MS;
    assert_int_equal(valid_rating(&rating, &fault), 0);
    return attune__rating__pack(&rating, room);
}

static void the_examples_of_a_kiosk_are_true(void **state)
{
    Attune__RoomState room = ATTUNE__ROOM_STATE__INIT;
    Attune__Ticket ticket = ATTUNE__TICKET__INIT;
    Attune__SubmitRating submit = ATTUNE__SUBMIT_RATING__INIT;
    Attune__RatingStored stored = ATTUNE__RATING_STORED__INIT;
    Attune__Error busy = ATTUNE__ERROR__INIT;
    uint8_t record[LIMIT_RECORD_SIZE];
    ticket.ticket_id = id(0x22);
    ticket.therapist = text("Zo\xc3\xab");
    ticket.session_start_ms = NOW_MS;
    ticket.colour = 3;
    ticket.symbol = text("moon");
    room.ticket = &ticket;
    room.invited = true;
    size_t len = pack_record(record);
    submit.record = (ProtobufCBinaryData){len, record};
    stored.rating_id = id(0x11);
    busy.code = (uint32_t)-ERR_BUSY;
    busy.text = text(err_text(ERR_BUSY));
    busy.retry_after_ms = 1500;
    bool good = same_push(*state, "room_state", ATTUNE__PUSH__BODY_ROOM_STATE, &room);
    good &= same(*state, "record", record, len);
    good &= same_request(*state, "submit_rating", 2, ATTUNE__REQUEST__BODY_SUBMIT_RATING, &submit);
    good &=
        same_response(*state, "rating_stored", 2, ATTUNE__RESPONSE__BODY_RATING_STORED, &stored);
    good &= same_response(*state, "busy", 2, ATTUNE__RESPONSE__BODY_ERROR, &busy);
    assert_true(good);
}

/* A record cannot be sealed twice alike: opened, it must be the example's, and by the keys that
 * stand beside it. */
static void the_example_of_a_sealed_record_opens(void **state)
{
    uint8_t first[SEAL_LINK + 1], second[SEAL_LINK + 1];
    struct seal_link link, by_hand = {.at = 1};
    uint8_t secret[SEAL_SECRET + 1], key[SEAL_PUBLIC + 1], sealed[SEAL_SIZE + 1];
    uint8_t record[LIMIT_RECORD_SIZE], opened[SEAL_RECORD_MAX];
    size_t len = 0;
    struct seal_pair pair;
    assert_int_equal(example(*state, "sealing_secret", secret, sizeof secret), SEAL_SECRET);
    assert_int_equal(example(*state, "sealing_key", key, sizeof key), SEAL_PUBLIC);
    assert_int_equal(example(*state, "sealed_record", sealed, sizeof sealed), SEAL_SIZE);
    seal_pair_from(secret, &pair);
    assert_memory_equal(pair.key.public_half, key, SEAL_PUBLIC);
    assert_int_equal(seal_open(&pair, 1, sealed, SEAL_SIZE, opened, &len), 0);
    assert_int_equal(len, pack_record(record));
    assert_memory_equal(opened, record, len);
    assert_int_equal(example(*state, "chain_first", first, sizeof first), SEAL_LINK);
    assert_int_equal(example(*state, "chain_second", second, sizeof second), SEAL_LINK);
    assert_int_equal(seal_first(&pair, 1, sealed, &link), 0);
    assert_memory_equal(link.key, first, SEAL_LINK);
    assert_int_equal(seal_open_from(&link, sealed, opened, &len), 0);
    assert_int_equal(link.at, 1);
    assert_memory_equal(link.key, second, SEAL_LINK);
    memcpy(by_hand.key, second, SEAL_LINK);
    assert_int_equal(seal_open_from(&by_hand, sealed, opened, &len), 0);
    assert_memory_equal(opened, record, len);
}

static void fill_alert(Attune__Alert *a, Attune__Scores *scores)
{
    attune__alert__init(a);
    fill_scores(scores);
    a->alert_id = id(0x44);
    a->rule = text("VERY_LOW");
    a->rule_version = 1;
    a->tier = ATTUNE__TIER__TIER_RED;
    a->client_ref = text("c-0042");
    a->session_id = id(0x33);
    a->rating_id = id(0x11);
    a->session_start_ms = a->created_ms = NOW_MS;
    a->scores = scores;
    a->talk = ATTUNE__TALK__TALK_NEXT;
    a->what = text("what");
    a->why = text("why");
    a->now = text("now");
    a->next_time = text("next");
}

static void the_examples_of_a_therapist_are_true(void **state)
{
    Attune__OpenSession open = ATTUNE__OPEN_SESSION__INIT;
    Attune__Watch watch = ATTUNE__WATCH__INIT;
    Attune__ReceiveAlerts receive = ATTUNE__RECEIVE_ALERTS__INIT;
    Attune__Alert alert;
    Attune__Scores scores;
    ProtobufCBinaryData received = id(0x44);
    open.session_id = id(0x33);
    open.client_ref = text("c-0042");
    open.room = text("Room 3");
    open.planned_end_ms = NOW_MS;
    fill_alert(&alert, &scores);
    receive.alert_id = &received;
    receive.n_alert_id = 1;
    bool good = same_request(*state, "open_session", 2, ATTUNE__REQUEST__BODY_OPEN_SESSION, &open);
    good &= same_request(*state, "watch", 3, ATTUNE__REQUEST__BODY_WATCH, &watch);
    good &= same_push(*state, "alert", ATTUNE__PUSH__BODY_ALERT, &alert);
    good &=
        same_request(*state, "receive_alerts", 4, ATTUNE__REQUEST__BODY_RECEIVE_ALERTS, &receive);
    assert_true(good);
}

static void the_examples_of_enrolment_are_true(void **state)
{
    Attune__GetAuthority authority = ATTUNE__GET_AUTHORITY__INIT;
    Attune__Enrol enrol = ATTUNE__ENROL__INIT;
    Attune__RenewExpired expired = ATTUNE__RENEW_EXPIRED__INIT;
    struct enrol_code code;
    char written[ENROL_TEXT], line[ENROL_TEXT + 8];
    memset(code.secret, 0x66, sizeof code.secret);
    memset(code.authority, 0x88, sizeof code.authority);
    enrol_code_write(&code, written);
    (void)snprintf(line, sizeof line, "\n    %s\n", written);
    if (strstr(*state, line) == NULL) {
        fail_msg("PROTOCOL.md has no line%s", line);
    }
    enrol.secret = id(0x66);
    enrol.request = expired.request = id(0x77);
    enrol.role = ATTUNE__ROLE__ROLE_KIOSK;
    expired.certificate = id(0x55);
    expired.proof = id(0x99);
    bool good =
        same_request(*state, "get_authority", 1, ATTUNE__REQUEST__BODY_GET_AUTHORITY, &authority);
    good &= same_request(*state, "enrol", 2, ATTUNE__REQUEST__BODY_ENROL, &enrol);
    good &= same_request(*state, "renew_expired", 2, ATTUNE__REQUEST__BODY_RENEW_EXPIRED, &expired);
    assert_true(good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_its_row),
        cmocka_unit_test(every_row_of_the_table_is_a_code),
        cmocka_unit_test(the_limits_are_those_of_the_code),
        cmocka_unit_test(the_roles_are_those_of_the_code),
        cmocka_unit_test(the_examples_of_the_greeting_are_true),
        cmocka_unit_test(the_examples_of_a_kiosk_are_true),
        cmocka_unit_test(the_example_of_a_sealed_record_opens),
        cmocka_unit_test(the_examples_of_a_therapist_are_true),
        cmocka_unit_test(the_examples_of_enrolment_are_true),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
