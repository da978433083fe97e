/* Goal: the promises of office_whose.h: whoever leaves, whenever, gets their own rows. Method: a
 * real office and a fake server in one loop. */
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

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(who_leaves_before_the_answer_asks_for_ones_own_after_it),
        EACH(nothing_is_due_before_the_answer_or_the_connection_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
