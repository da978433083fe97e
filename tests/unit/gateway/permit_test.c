/* Goal: nobody may ask what is not theirs to ask. Method: the whole table of role by request,
 * written out again by hand from PROTOCOL.md, section "Roles", in every state; and every number
 * that no request has. */
#include <setjmp.h>
#include <stdarg.h>
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
    /* PutRetention */ {95, NO, NO, YES},
    /* PutHold */ {96, NO, NO, YES},
    /* PlanRetention */ {98, NO, NO, YES},
    /* RunRetention */ {99, NO, NO, YES},
    /* PutGoal */ {30, NO, YES, NO},
    /* EndGoal */ {31, NO, YES, NO},
    /* ListGoals */ {32, NO, YES, NO},
    /* ListCaseload */ {33, NO, YES, NO},
    /* ListRooms */ {34, NO, YES, NO},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_may_ask_what_the_table_says_and_nothing_else),
        cmocka_unit_test(the_table_has_a_row_for_every_request),
        cmocka_unit_test(a_fresh_connection_may_say_hello_alone),
        cmocka_unit_test(while_hello_is_being_answered_nothing_may_be_said),
        cmocka_unit_test(hello_may_be_said_once),
        cmocka_unit_test(while_draining_only_ping_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
