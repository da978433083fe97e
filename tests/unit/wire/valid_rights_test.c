/* What is said of rights: each field at its limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/valid.h"

static char nothing[] = "", code[] = "t01", client[] = "c1", why[] = "why";

static const char *fault_of(Attune__Request *q)
{
    struct valid_fault fault = {.field = ""};
    q->seq = 1;
    int rc = valid_request(q, &fault);
    assert_true(rc == 0 || rc == ERR_FIELD);
    return rc == 0 ? "" : fault.field;
}

static const char *act(int kind, char *therapist, char *client_ref, char *reason)
{
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__ActFor body = ATTUNE__ACT_FOR__INIT;
    body.kind = (Attune__ActKind)kind;
    body.therapist = therapist;
    body.client_ref = client_ref;
    body.reason = reason;
    q.body_case = ATTUNE__REQUEST__BODY_ACT_FOR;
    q.act_for = &body;
    return fault_of(&q);
}

static void a_glass_is_broken_for_a_client_and_a_reason_and_nothing_else_is(void **state)
{
    (void)state;
    char longest[LIMIT_REASON_BYTES + 2];
    memset(longest, 'x', sizeof longest);
    longest[LIMIT_REASON_BYTES] = '\0';
    assert_string_equal(act(0, nothing, nothing, nothing), "");
    assert_string_equal(act(0, code, nothing, nothing), "act_for.therapist");
    assert_string_equal(act(1, code, nothing, nothing), "");
    assert_string_equal(act(1, nothing, nothing, nothing), "act_for.therapist");
    assert_string_equal(act(1, code, client, nothing), "act_for.client_ref");
    assert_string_equal(act(2, code, nothing, nothing), "");
    assert_string_equal(act(2, code, nothing, why), "act_for.reason");
    assert_string_equal(act(3, nothing, client, why), "");
    assert_string_equal(act(3, code, client, longest), "");
    longest[LIMIT_REASON_BYTES] = 'x';
    longest[LIMIT_REASON_BYTES + 1] = '\0';
    assert_string_equal(act(3, code, client, longest), "act_for.reason");
    assert_string_equal(act(3, code, client, nothing), "act_for.reason");
    assert_string_equal(act(3, code, nothing, why), "act_for.client_ref");
    assert_string_equal(act(4, code, nothing, nothing), "act_for.kind");
    assert_string_equal(act(-1, code, nothing, nothing), "act_for.kind");
}

static const char *supervise(char *supervisor, char *therapist, char *site, int64_t from,
                             int64_t until)
{
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__PutSupervision body = ATTUNE__PUT_SUPERVISION__INIT;
    body.supervisor = supervisor;
    body.therapist = therapist;
    body.site = site;
    body.from_ms = from;
    body.until_ms = until;
    q.body_case = ATTUNE__REQUEST__BODY_PUT_SUPERVISION;
    q.put_supervision = &body;
    return fault_of(&q);
}

static void a_supervision_is_of_one_or_of_a_site_and_has_both_days_or_none(void **state)
{
    (void)state;
    const int64_t day = INT64_C(1800000000000);
    assert_string_equal(supervise(code, code, nothing, day, day + 1), "");
    assert_string_equal(supervise(code, nothing, code, day, day + 1), "");
    assert_string_equal(supervise(code, nothing, nothing, day, day), "put_supervision.therapist");
    assert_string_equal(supervise(code, code, code, day, day), "put_supervision.therapist");
    assert_string_equal(supervise(nothing, code, nothing, day, day), "put_supervision.supervisor");
    assert_string_equal(supervise(code, code, nothing, 0, 0), "");
    assert_string_equal(supervise(code, code, nothing, day, 0), "put_supervision.from_ms");
    assert_string_equal(supervise(code, code, nothing, 0, day), "put_supervision.from_ms");
    assert_string_equal(supervise(code, code, nothing, day, 1), "put_supervision.until_ms");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_glass_is_broken_for_a_client_and_a_reason_and_nothing_else_is),
        cmocka_unit_test(a_supervision_is_of_one_or_of_a_site_and_has_both_days_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
