/* Goal: the promises of office_whose.h: whoever leaves, whenever, gets their own rows, and
 * no step for a colleague's client is lost unsaid. Method: a real office and a fake server in one
 * loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/therapist/office_ask.h"
#include "proto/wire/err.h"
#include "tests/support/test_pki.h"
#include "tests/unit/link/fake_server.h"

enum { TURNS_MAX = 20 * 1000 };

struct fixture {
    struct test_pki pki;
    struct identity identity;
    SSL_CTX *server_context;
    struct fake_server server;
    struct office office;
};

static struct fixture the;

static const struct whose_rows cover = {.kind = ATTUNE__ACT_KIND__ACT_COVER, .therapist = "t05"};

/* A hang is the time-out of ctest. */
#define RUN_UNTIL(condition)                                                                       \
    do {                                                                                           \
        for (int turn = 0; !(condition) && turn < TURNS_MAX; turn++) {                             \
            g_main_context_iteration(NULL, TRUE);                                                  \
        }                                                                                          \
        assert_true(condition);                                                                    \
    } while (0)

static int set_up(void **state)
{
    char why[LINK_WHY];
    memset(&the, 0, sizeof the);
    *state = &the;
    test_pki_init(&the.pki);
    test_pki_issue_usual(&the.pki);
    the.server_context = test_pki_context(&the.pki, TLS_SERVER, "server", "ca");
    the.identity.context = test_pki_context(&the.pki, TLS_CLIENT, "device", "ca");
    fake_server_init(&the.server, the.server_context);
    int rc =
        office_init(&the.office, &the.identity, the.server.address, NOTICE_POPUP, why, sizeof why);
    assert_int_equal(rc, 0);
    the.office.link.options.identity = NULL; /* It has no files to be renewed. */
    office_start(&the.office);
    RUN_UNTIL(the.office.link.state == LINK_UP);
    the.office.link.clock_ahead_ms = 0; /* Its Welcome tells no time. */
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    office_fini(&the.office, 1);
    fake_server_fini(&the.server);
    SSL_CTX_free(the.server_context);
    SSL_CTX_free(the.identity.context);
    test_pki_fini(&the.pki);
    return 0;
}

/* The last of this kind that came; NULL: none did. */
static const Attune__Request *heard(Attune__Request__BodyCase what)
{
    for (size_t at = the.server.request_count; at-- > 0;) {
        if (the.server.requests[at]->body_case == what) {
            return the.server.requests[at];
        }
    }
    return NULL;
}

static bool asked_for(Attune__ActKind kind)
{
    const Attune__Request *request = heard(ATTUNE__REQUEST__BODY_ACT_FOR);
    return request != NULL && request->act_for->kind == kind;
}

static void grant(void)
{
    char therapist[] = "t05", name[] = "Dr Lund", nobody[] = "";
    const Attune__Request *request = heard(ATTUNE__REQUEST__BODY_ACT_FOR);
    bool own = request->act_for->kind == ATTUNE__ACT_KIND__ACT_KIND_UNSPECIFIED;
    Attune__Acting acting = ATTUNE__ACTING__INIT;
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__ServerFrame frame = ATTUNE__SERVER_FRAME__INIT;
    acting.kind = request->act_for->kind;
    acting.therapist = own ? nobody : therapist;
    acting.name = own ? nobody : name;
    acting.until_ms = own ? 0 : office_server_now_ms(&the.office) + 3600 * 1000;
    response.seq = request->seq;
    response.body_case = ATTUNE__RESPONSE__BODY_ACTING;
    response.acting = &acting;
    frame.body_case = ATTUNE__SERVER_FRAME__BODY_RESPONSE;
    frame.response = &response;
    fake_server_say(&the.server, &frame);
}

static void choose(void)
{
    office_choose(&the.office, &cover);
    RUN_UNTIL(asked_for(ATTUNE__ACT_KIND__ACT_COVER));
    assert_int_equal(the.office.whose->state, WHOSE_ASKED);
}

static void go_back(struct office *o)
{
    office_go_home(o);
}

static void run_out(struct office *o)
{
    o->whose->now.until_ms = 1;
    office_pump(o);
}

static void who_leaves_before_the_answer_asks_for_ones_own_after_it(void **state)
{
    static void (*const leave[])(struct office *) = {go_back, office_log_off, run_out};
    struct office *o = &the.office;
    (void)state;
    for (size_t at = 0; at < G_N_ELEMENTS(leave); at++) {
        choose();
        leave[at](o);
        assert_true(whose_is_own(o->whose));
        assert_true(whose_holds(o->whose)); /* The server may have granted it by now. */
        assert_int_equal(office_whose_wake_ms(o), INT64_MAX);
        assert_true(asked_for(ATTUNE__ACT_KIND__ACT_COVER));
        grant();
        RUN_UNTIL(asked_for(ATTUNE__ACT_KIND__ACT_KIND_UNSPECIFIED));
        assert_true(whose_is_own(o->whose));
        grant();
        RUN_UNTIL(o->whose->state == WHOSE_SETTLED);
        assert_true(whose_is_own(o->whose));
    }
}

static void nothing_is_due_before_the_answer_or_the_connection_is_there(void **state)
{
    struct office *o = &the.office;
    (void)state;
    choose();
    assert_int_equal(office_whose_wake_ms(o), INT64_MAX);
    fake_server_hang_up(&the.server, true);
    RUN_UNTIL(o->link.state == LINK_WAITING);
    assert_false(whose_is_own(o->whose));
    assert_int_equal(office_whose_wake_ms(o), INT64_MAX);
}

/* They cover, and have chosen a step a moment ago. */
static void choose_a_step(void)
{
    uint8_t id[LIMIT_ID_SIZE] = {1};
    char client[] = "c501";
    Attune__Alert alert = ATTUNE__ALERT__INIT;
    choose();
    grant();
    RUN_UNTIL(the.office.whose->state == WHOSE_SETTLED);
    alert.alert_id = (ProtobufCBinaryData){sizeof id, id};
    alert.session_id = alert.alert_id;
    alert.client_ref = client;
    alert.tier = ATTUNE__TIER__TIER_RED;
    int notice = office_take_alert(&the.office, &alert);
    assert_int_not_equal(notice, NOTICE_NONE);
    office_acknowledge(&the.office, notice, ATTUNE__STEP__STEP_TALKED_NOW, "");
    assert_int_equal(notices_held(the.office.notices), 1);
}

static bool said_that_something_was_lost(void)
{
    return strstr(the.office.said, "has ended") != NULL &&
           strstr(the.office.said, "Not all that you did there could be sent.") != NULL;
}

static void a_step_for_a_colleagues_client_is_sent_before_the_lock(void **state)
{
    struct office *o = &the.office;
    (void)state;
    choose_a_step();
    o->lock.required = o->lock.on = true;
    office_log_off(o);
    RUN_UNTIL(heard(ATTUNE__REQUEST__BODY_LOG_OFF) != NULL);
    const Attune__Request *step = heard(ATTUNE__REQUEST__BODY_ACKNOWLEDGE_ALERT);
    assert_non_null(step);
    assert_true(step->seq < heard(ATTUNE__REQUEST__BODY_LOG_OFF)->seq);
    assert_non_null(strstr(o->said, "has ended"));
    assert_false(said_that_something_was_lost());
    fake_server_hang_up(&the.server, true);
    RUN_UNTIL(o->link.state == LINK_WAITING);
    assert_true(g_queue_is_empty(&o->asks)); /* Not sent again by who is oneself. */
}

static void lock_by_the_server(struct office *o)
{
    Attune__Locked locked = ATTUNE__LOCKED__INIT;
    office_lock_pushed(o, &locked);
}

static void lock_without_a_connection(struct office *o)
{
    fake_server_hang_up(&the.server, true);
    RUN_UNTIL(o->link.state == LINK_WAITING);
    office_log_off(o);
}

static void a_step_that_cannot_be_sent_any_more_is_said_to_be_lost(void **state)
{
    static void (*const end[])(struct office *) = {run_out, office_whose_ended, lock_by_the_server,
                                                   lock_without_a_connection};
    for (size_t at = 0; at < G_N_ELEMENTS(end); at++) {
        if (at > 0) {
            assert_int_equal(tear_down(state), 0);
            assert_int_equal(set_up(state), 0);
        }
        choose_a_step();
        end[at](&the.office);
        assert_true(whose_is_own(the.office.whose));
        assert_true(said_that_something_was_lost());
    }
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(who_leaves_before_the_answer_asks_for_ones_own_after_it),
        EACH(nothing_is_due_before_the_answer_or_the_connection_is_there),
        EACH(a_step_for_a_colleagues_client_is_sent_before_the_lock),
        EACH(a_step_that_cannot_be_sent_any_more_is_said_to_be_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
