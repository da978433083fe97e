/* Goal: what is said of log-on and accounts is judged field by field, and what was in a field is
 * never said back. Method: a good request of each kind; each spoilt field at its limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/valid.h"

static char bytes[LIMIT_PASSWORD_BYTES + 2];

static char *text(const char *borrowed)
{
    return (char *)(uintptr_t)borrowed; /* Only read. */
}

/* So many times the letter. */
static char *long_text(size_t len)
{
    memset(bytes, 'a', sizeof bytes);
    bytes[len] = '\0';
    return bytes;
}

static const char *fault_of(Attune__Request__BodyCase body_case, void *body)
{
    Attune__Request q = ATTUNE__REQUEST__INIT;
    struct valid_fault fault;
    q.seq = 1;
    q.body_case = body_case;
    q.ping = body; /* All members of the oneof are pointers in one place. */
    int rc = valid_request(&q, &fault);
    assert_true(rc == 0 || rc == ERR_FIELD);
    return fault.field;
}

static const char *log_on(const char *name, const char *password, const char *code)
{
    Attune__LogOn l = ATTUNE__LOG_ON__INIT;
    l.name = text(name);
    l.password = text(password);
    l.code = text(code);
    return fault_of(ATTUNE__REQUEST__BODY_LOG_ON, &l);
}

static void a_log_on_has_a_password_and_perhaps_a_name_and_a_code(void **state)
{
    (void)state;
    assert_string_equal(log_on("", "x", ""), "");
    assert_string_equal(log_on("lund", "x", "000000"), "");
    assert_string_equal(log_on("lund", long_text(LIMIT_PASSWORD_BYTES), ""), "");
    assert_string_equal(log_on("lund", long_text(LIMIT_PASSWORD_BYTES + 1), ""), "log_on.password");
    assert_string_equal(log_on("lund", "", ""), "log_on.password");
    assert_string_equal(log_on("lund", "a\nb", ""), "log_on.password");
    assert_string_equal(log_on("lu\tnd", "x", ""), "log_on.name");
    static const char *const codes[] = {"12345", "1234567", "12345a", " 12345"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        assert_string_equal(log_on("", "x", codes[i]), "log_on.code");
    }
}

static void a_token_has_32_bytes(void **state)
{
    (void)state;
    uint8_t token[LIMIT_TOKEN_SIZE + 1] = {0};
    for (size_t len = LIMIT_TOKEN_SIZE - 1; len <= LIMIT_TOKEN_SIZE + 1; len++) {
        Attune__ResumeLogOn r = ATTUNE__RESUME_LOG_ON__INIT;
        r.token = (ProtobufCBinaryData){len, token};
        assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_RESUME_LOG_ON, &r),
                            len == LIMIT_TOKEN_SIZE ? "" : "resume_log_on.token");
    }
}

static const char *set_password(const char *old, const char *fresh)
{
    Attune__SetPassword s = ATTUNE__SET_PASSWORD__INIT;
    s.old = text(old);
    s.fresh = text(fresh);
    return fault_of(ATTUNE__REQUEST__BODY_SET_PASSWORD, &s);
}

static void a_new_password_has_12_to_128_bytes_and_may_be_anything_else(void **state)
{
    (void)state;
    assert_string_equal(set_password("x", "ääääää"), ""); /* 12 bytes. */
    assert_string_equal(set_password("x", long_text(LIMIT_PASSWORD_BYTES_MIN)), "");
    assert_string_equal(set_password("x", long_text(LIMIT_PASSWORD_BYTES_MIN - 1)),
                        "set_password.fresh");
    assert_string_equal(set_password("x", long_text(LIMIT_PASSWORD_BYTES)), "");
    assert_string_equal(set_password("x", long_text(LIMIT_PASSWORD_BYTES + 1)),
                        "set_password.fresh");
    assert_string_equal(set_password("", "long enough for all"), "set_password.old");
}

static void an_account_has_a_name(void **state)
{
    (void)state;
    Attune__AddAccount a = ATTUNE__ADD_ACCOUNT__INIT;
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ADD_ACCOUNT, &a), "add_account.name");
    a.name = text("lund");
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ADD_ACCOUNT, &a), "");
    a.therapist = long_text(LIMIT_NAME_BYTES + 1);
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_ADD_ACCOUNT, &a), "add_account.therapist");
    Attune__ResetPassword r = ATTUNE__RESET_PASSWORD__INIT;
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_RESET_PASSWORD, &r), "reset_password.name");
    Attune__ListAccounts l = ATTUNE__LIST_ACCOUNTS__INIT;
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_LIST_ACCOUNTS, &l), "");
    l.after = text("a\nb");
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_LIST_ACCOUNTS, &l), "list_accounts.after");
}

static void a_second_factor_begins_with_the_password_and_is_confirmed_with_a_code(void **state)
{
    (void)state;
    Attune__BeginSecondFactor b = ATTUNE__BEGIN_SECOND_FACTOR__INIT;
    Attune__ConfirmSecondFactor c = ATTUNE__CONFIRM_SECOND_FACTOR__INIT;
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_BEGIN_SECOND_FACTOR, &b),
                        "begin_second_factor.password");
    b.password = text("x");
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_BEGIN_SECOND_FACTOR, &b), "");
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_CONFIRM_SECOND_FACTOR, &c),
                        "confirm_second_factor.code");
    c.code = text("012345");
    assert_string_equal(fault_of(ATTUNE__REQUEST__BODY_CONFIRM_SECOND_FACTOR, &c), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_on_has_a_password_and_perhaps_a_name_and_a_code),
        cmocka_unit_test(a_token_has_32_bytes),
        cmocka_unit_test(a_new_password_has_12_to_128_bytes_and_may_be_anything_else),
        cmocka_unit_test(an_account_has_a_name),
        cmocka_unit_test(a_second_factor_begins_with_the_password_and_is_confirmed_with_a_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
