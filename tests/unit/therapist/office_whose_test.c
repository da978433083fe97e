/* Goal: the promises of office_whose.h. Method: a real office and a fake server in one loop. */
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

static void choose(void)
{
    office_choose(&the.office, &cover);
    RUN_UNTIL(asked_for(ATTUNE__ACT_KIND__ACT_COVER));
    assert_int_equal(the.office.whose->state, WHOSE_ASKED);
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
        EACH(nothing_is_due_before_the_answer_or_the_connection_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
