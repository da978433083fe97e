/* Goal: nobody may ask what is not theirs to ask. Method: the whole table of role by request,
 * written out again by hand from PROTOCOL.md, section "Roles", in every state; and every number
 * that no request has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "server/gateway/permit.h"

enum { NO = ERR_ROLE, YES = 0, REQUEST_NUMBERS = 128 };

static const struct {
    int number;
    int kiosk, therapist, administrator;
} rows[] = {
    /* Ping */ {3, YES, YES, YES},
    /* SubmitRating */ {10, YES, NO, NO},
    /* OpenSession */ {20, NO, YES, NO},
    /* InviteRating */ {21, NO, YES, NO},
    /* CloseSession */ {22, NO, YES, NO},
    /* ListSessions */ {23, NO, YES, NO},
    /* ListRatings */ {24, NO, YES, NO},
    /* ListAlerts */ {25, NO, YES, NO},
    /* Watch */ {26, NO, YES, NO},
    /* ReceiveAlerts */ {27, NO, YES, NO},
    /* AcknowledgeAlert */ {28, NO, YES, NO},
    /* ExplainAlert */ {29, NO, YES, NO},
    /* PutSite */ {40, NO, NO, YES},
    /* PutRoom */ {41, NO, NO, YES},
    /* PutTherapist */ {42, NO, NO, YES},
    /* PutClient */ {43, NO, NO, YES},
    /* PutDevice */ {44, NO, NO, YES},
    /* ListPractice */ {45, NO, NO, YES},
    /* ImportRating */ {46, NO, NO, YES},
    /* PutRules */ {47, NO, NO, YES},
    /* GetRules */ {48, NO, YES, YES},
    /* GetReport */ {49, NO, YES, YES},
    /* ListEscalations */ {50, NO, NO, YES},
    /* PutInstrument */ {51, NO, NO, YES},
    /* ListInstruments */ {52, NO, NO, YES},
    /* GetInstrument */ {53, NO, NO, YES},
    /* ActFor */ {80, NO, YES, NO},
    /* PutCover */ {81, NO, NO, YES},
    /* PutSupervision */ {82, NO, NO, YES},
    /* EndCourse */ {83, NO, NO, YES},
    /* ListRights */ {84, NO, YES, YES},
    /* ListLooks */ {85, NO, YES, NO},
    /* SeenLook */ {86, NO, YES, NO},
    /* VerifyAudit */ {100, NO, NO, YES},
    /* WhoSaw */ {101, NO, NO, YES},
    /* PutRetention */ {95, NO, NO, YES},
    /* PutHold */ {96, NO, NO, YES},
    /* CopyClient */ {97, NO, YES, NO},
    /* PlanRetention */ {98, NO, NO, YES},
    /* RunRetention */ {99, NO, NO, YES},
    /* LogOn */ {70, NO, YES, YES},
    /* ResumeLogOn */ {71, NO, YES, YES},
    /* LogOff */ {72, NO, YES, YES},
    /* SetPassword */ {73, NO, YES, YES},
    /* BeginSecondFactor */ {74, NO, YES, YES},
    /* ConfirmSecondFactor */ {75, NO, YES, YES},
    /* AddAccount */ {76, NO, NO, YES},
    /* ResetPassword */ {77, NO, NO, YES},
    /* ListAccounts */ {78, NO, NO, YES},
    /* PutLogOn */ {79, NO, NO, YES},
    /* EraseClient */ {90, NO, NO, YES},
    /* AddDevice */ {60, NO, NO, YES},
    /* ListDevices */ {61, NO, NO, YES},
    /* ForgetCode */ {62, NO, NO, YES},
    /* RenewCertificate */ {63, YES, YES, YES},
    /* GetAuthority */ {64, YES, YES, YES},
    /* Enrol */ {65, NO, NO, NO},
    /* RenewExpired */ {66, NO, NO, NO},
    /* PutGoal */ {30, NO, YES, NO},
    /* EndGoal */ {31, NO, YES, NO},
    /* ListGoals */ {32, NO, YES, NO},
    /* ListCaseload */ {33, NO, YES, NO},
    /* ListRooms */ {34, NO, YES, NO},
    /* RevokeDevice */ {110, NO, NO, YES},
    /* RevokeTherapist */ {111, NO, NO, YES},
    /* RevokeCertificate */ {112, NO, NO, YES},
};
enum { ROWS = sizeof rows / sizeof rows[0], HELLO = 2, PING = 3 };

static const Attune__Role roles[] = {ATTUNE__ROLE__ROLE_UNSPECIFIED, ATTUNE__ROLE__ROLE_KIOSK,
                                     ATTUNE__ROLE__ROLE_THERAPIST, ATTUNE__ROLE__ROLE_ADMINISTRATOR,
                                     (Attune__Role)4};
enum { ROLES = sizeof roles / sizeof roles[0] };

static int ask(enum permit_state state, Attune__Role role, int number)
{
    return permit_request(state, role, (Attune__Request__BodyCase)number);
}

/* What a role may ask once it is welcomed. */
static int wanted(Attune__Role role, int number)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].number == number) {
            return role == ATTUNE__ROLE__ROLE_KIOSK           ? rows[i].kiosk
                   : role == ATTUNE__ROLE__ROLE_THERAPIST     ? rows[i].therapist
                   : role == ATTUNE__ROLE__ROLE_ADMINISTRATOR ? rows[i].administrator
                                                              : NO;
        }
    }
    return NO;
}

static void each_role_may_ask_what_the_table_says_and_nothing_else(void **state)
{
    (void)state;
    for (size_t r = 0; r < ROLES; r++) {
        for (int number = 0; number < REQUEST_NUMBERS; number++) {
            if (number != HELLO) {
                assert_int_equal(ask(PERMIT_READY, roles[r], number), wanted(roles[r], number));
            }
        }
    }
}

static void the_table_has_a_row_for_every_request(void **state)
{
    (void)state;
    size_t requests = 0;
    const ProtobufCMessageDescriptor *type = &attune__request__descriptor;
    for (unsigned i = 0; i < type->n_fields; i++) {
        requests += (type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
    }
    assert_int_equal(requests, ROWS + 1); /* Hello has none. */
}

/* Of a therapist's requests: which ones while covering, supervising, breaking the glass. */
static void who_sees_a_colleague_s_may_ask_less(void **state)
{
    (void)state;
    static const int acts[] = {20, 21, 22, 27, 28, 30, 31}, reads[] = {23, 24, 25, 29, 32, 33};
    static const int selfs[] = {3, 26, 34, 48, 63, 64, 70, 71, 72, 80};
    bool may[REQUEST_NUMBERS][4] = {{false}};
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        may[acts[i]][ATTUNE__ACT_KIND__ACT_COVER] = true;
    }
    for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++) {
        may[reads[i]][1] = may[reads[i]][2] = may[reads[i]][3] = true;
    }
    for (size_t i = 0; i < sizeof selfs / sizeof selfs[0]; i++) {
        may[selfs[i]][1] = may[selfs[i]][2] = may[selfs[i]][3] = true;
    }
    for (int number = 0; number < REQUEST_NUMBERS; number++) {
        for (int kind = 1; kind < 4; kind++) {
            assert_int_equal(
                permit_acting((Attune__ActKind)kind, (Attune__Request__BodyCase)number),
                may[number][kind] ? 0 : ERR_READ_ONLY);
        }
    }
}

static void a_fresh_connection_may_say_hello_alone(void **state)
{
    (void)state;
    for (size_t r = 0; r < ROLES; r++) {
        for (int number = 0; number < REQUEST_NUMBERS; number++) {
            assert_int_equal(ask(PERMIT_FRESH, roles[r], number),
                             number == HELLO ? 0 : ERR_HELLO_FIRST);
        }
    }
}

static void while_hello_is_being_answered_nothing_may_be_said(void **state)
{
    (void)state;
    for (int number = 0; number < REQUEST_NUMBERS; number++) {
        assert_int_equal(ask(PERMIT_GREETING, ATTUNE__ROLE__ROLE_UNSPECIFIED, number),
                         ERR_HELLO_FIRST);
    }
}

static void hello_may_be_said_once(void **state)
{
    (void)state;
    for (size_t r = 0; r < ROLES; r++) {
        assert_int_equal(ask(PERMIT_READY, roles[r], HELLO), ERR_HELLO_FIRST);
    }
}

static void without_a_certificate_a_device_may_enrol_and_nothing_else(void **state)
{
    (void)state;
    for (size_t r = 0; r < ROLES; r++) {
        for (int number = 0; number < REQUEST_NUMBERS; number++) {
            bool may = number == 64 || number == 65 || number == 66;
            assert_int_equal(ask(PERMIT_ENROL, roles[r], number), may ? 0 : ERR_ROLE);
        }
    }
}

static void while_draining_only_ping_is_answered(void **state)
{
    (void)state;
    for (size_t r = 0; r < ROLES; r++) {
        for (int number = 0; number < REQUEST_NUMBERS; number++) {
            assert_int_equal(ask(PERMIT_DRAINING, roles[r], number),
                             number == PING ? 0 : ERR_CLOSING);
        }
    }
}

/* What may be said while nobody is known to be at a staff's device: of what the role allows. */
static void a_locked_connection_may_log_on_and_watch_and_nothing_else(void **state)
{
    (void)state;
    enum { WATCH = 26, LOG_ON = 70, LOG_OFF = 72, SET_PASSWORD = 73, BEGIN = 74, CONFIRM = 75 };
    for (size_t r = 0; r < ROLES; r++) {
        for (int number = 3; number < REQUEST_NUMBERS; number++) {
            int allowed = wanted(roles[r], number);
            bool open = number == PING || number == WATCH || number == 63 || number == 64 ||
                        (number >= LOG_ON && number <= LOG_OFF);
            int locked = allowed != YES ? NO : open ? YES : ERR_LOG_ON_FIRST;
            int password = allowed != YES                   ? NO
                           : open || number == SET_PASSWORD ? YES
                                                            : ERR_PASSWORD_FIRST;
            assert_int_equal(ask(PERMIT_LOCKED, roles[r], number), locked);
            assert_int_equal(ask(PERMIT_PASSWORD, roles[r], number), password);
            int factor = allowed != YES                                 ? NO
                         : open || number == BEGIN || number == CONFIRM ? YES
                                                                        : ERR_FACTOR_FIRST;
            assert_int_equal(ask(PERMIT_FACTOR, roles[r], number), factor);
        }
        assert_int_equal(ask(PERMIT_LOCKED, roles[r], HELLO), ERR_HELLO_FIRST);
    }
}

/* Or a program that runs by itself would keep the desk open. */
static void what_a_program_says_of_itself_is_not_a_persons(void **state)
{
    (void)state;
    static const int by_itself[] = {3, 26, 27, 63, 64, 71, 72};
    for (size_t i = 0; i < ROWS; i++) {
        bool person = true;
        for (size_t k = 0; k < sizeof by_itself / sizeof by_itself[0]; k++) {
            person = person && rows[i].number != by_itself[k];
        }
        assert_int_equal(permit_by_person((Attune__Request__BodyCase)rows[i].number), person);
    }
}

static void what_holds_a_password_or_a_token_is_secret(void **state)
{
    (void)state;
    for (int number = 0; number < REQUEST_NUMBERS; number++) {
        bool secret =
            number == 65 || number == 70 || number == 71 || (number >= 73 && number <= 75);
        assert_int_equal(permit_is_secret((Attune__Request__BodyCase)number), secret);
    }
}

/* Whatever is added to the messages is taken to be about a client until it is said here. */
static void what_tells_nothing_of_a_client_is_told_whoever_is_there(void **state)
{
    (void)state;
    enum { PUSH_NUMBERS = 128 };
    for (int number = 0; number < REQUEST_NUMBERS; number++) {
        Attune__Response response = ATTUNE__RESPONSE__INIT;
        Attune__ServerFrame frame = ATTUNE__SERVER_FRAME__INIT;
        response.body_case = (Attune__Response__BodyCase)number;
        frame.body_case = ATTUNE__SERVER_FRAME__BODY_RESPONSE;
        frame.response = &response;
        bool open = (number >= 2 && number <= 4) || number == 10 || number == 64 || number == 65 ||
                    number == 70 || number == 76;
        assert_int_equal(permit_is_open(&frame), open);
    }
    for (int number = 0; number < PUSH_NUMBERS; number++) {
        Attune__Push push = ATTUNE__PUSH__INIT;
        Attune__ServerFrame frame = ATTUNE__SERVER_FRAME__INIT;
        push.body_case = (Attune__Push__BodyCase)number;
        frame.body_case = ATTUNE__SERVER_FRAME__BODY_PUSH;
        frame.push = &push;
        bool open = number == 1 || number == 2 || number == 60 || number == 70 || number == 115;
        assert_int_equal(permit_is_open(&frame), open);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_may_ask_what_the_table_says_and_nothing_else),
        cmocka_unit_test(the_table_has_a_row_for_every_request),
        cmocka_unit_test(who_sees_a_colleague_s_may_ask_less),
        cmocka_unit_test(a_fresh_connection_may_say_hello_alone),
        cmocka_unit_test(while_hello_is_being_answered_nothing_may_be_said),
        cmocka_unit_test(hello_may_be_said_once),
        cmocka_unit_test(without_a_certificate_a_device_may_enrol_and_nothing_else),
        cmocka_unit_test(while_draining_only_ping_is_answered),
        cmocka_unit_test(a_locked_connection_may_log_on_and_watch_and_nothing_else),
        cmocka_unit_test(what_a_program_says_of_itself_is_not_a_persons),
        cmocka_unit_test(what_holds_a_password_or_a_token_is_secret),
        cmocka_unit_test(what_tells_nothing_of_a_client_is_told_whoever_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
