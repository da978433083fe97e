/* What is asked of the audit: each field at its limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/valid.h"

static char name[LIMIT_NAME_BYTES + 2];
static uint8_t place[LIMIT_AUDIT_HEAD_PLACE + 1];

static const char *fault_of(Attune__Request *q)
{
    struct valid_fault fault;
    q->seq = 1;
    int rc = valid_request(q, &fault);
    assert_true(rc == 0 || rc == ERR_FIELD);
    assert_int_equal(rc != 0, fault.field[0] != '\0');
    return fault.field;
}

static const char *who(size_t name_len, int64_t from, int64_t to, size_t before)
{
    Attune__Request q = ATTUNE__REQUEST__INIT;
    Attune__WhoSaw saw = ATTUNE__WHO_SAW__INIT;
    memset(name, 'a', name_len);
    name[name_len] = '\0';
    saw.client_ref = name;
    saw.from_ms = from;
    saw.to_ms = to;
    saw.before = (ProtobufCBinaryData){before, place};
    q.body_case = ATTUNE__REQUEST__BODY_WHO_SAW;
    q.who_saw = &saw;
    return fault_of(&q);
}

static void a_client_is_named_and_times_are_in_order(void **state)
{
    (void)state;
    const int64_t first = 946684800000, end = 4102444800000; /* 2000, 2100. */
    assert_string_equal(who(0, 0, 0, 0), "who_saw.client_ref");
    assert_string_equal(who(LIMIT_NAME_BYTES, 0, 0, 0), "");
    assert_string_equal(who(LIMIT_NAME_BYTES + 1, 0, 0, 0), "who_saw.client_ref");
    assert_string_equal(who(1, first, first + 1, 0), "");
    assert_string_equal(who(1, first, first, 0), "who_saw.to_ms");
    assert_string_equal(who(1, first - 1, 0, 0), "who_saw.to_ms");
    assert_string_equal(who(1, -1, 0, 0), "who_saw.to_ms");
    assert_string_equal(who(1, 0, end - 1, 0), "");
    assert_string_equal(who(1, 0, end, 0), "who_saw.to_ms");
}

static void a_place_is_as_long_as_the_server_makes_it(void **state)
{
    (void)state;
    for (size_t len = 0; len <= LIMIT_AUDIT_HEAD_PLACE + 1; len++) {
        Attune__Request q = ATTUNE__REQUEST__INIT;
        Attune__VerifyAudit verify = ATTUNE__VERIFY_AUDIT__INIT;
        verify.after = (ProtobufCBinaryData){len, place};
        q.body_case = ATTUNE__REQUEST__BODY_VERIFY_AUDIT;
        q.verify_audit = &verify;
        bool good = len == 0 || len == LIMIT_AUDIT_ROW_PLACE || len == LIMIT_AUDIT_HEAD_PLACE ||
                    len == LIMIT_AUDIT_CERTIFICATE_PLACE;
        assert_string_equal(fault_of(&q), good ? "" : "verify_audit.after");
        good = len == 0 || len == LIMIT_AUDIT_PLACE;
        assert_string_equal(who(1, 0, 0, len), good ? "" : "who_saw.before");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_is_named_and_times_are_in_order),
        cmocka_unit_test(a_place_is_as_long_as_the_server_makes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
