/* Goal: an authenticator that follows RFC 6238 is understood, and no code is taken twice. Method:
 * the vectors of RFC 4226, appendix D, and of RFC 6238, appendix B (SHA-1, its last six digits). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/gateway/totp.h"

static const uint8_t *const secret = (const uint8_t *)"12345678901234567890";

static void the_codes_are_those_of_rfc_4226(void **state)
{
    (void)state;
    static const char *const codes[] = {"755224", "287082", "359152", "969429", "338314",
                                        "254676", "287922", "162583", "399871", "520489"};
    for (int64_t step = 0; step < 10; step++) {
        char code[TOTP_DIGITS + 1];
        totp_code(secret, TOTP_SECRET, step, code);
        assert_string_equal(code, codes[step]);
    }
}

static const struct {
    int64_t second;
    const char *code;
} vectors[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
               {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};

static void the_codes_are_those_of_rfc_6238(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        int64_t step = 0;
        assert_true(totp_check(secret, vectors[i].code, vectors[i].second * 1000, 0, &step));
        assert_int_equal(step, vectors[i].second / 30);
    }
}

static void a_clock_may_be_one_step_off_and_no_more(void **state)
{
    (void)state;
    int64_t at = INT64_C(1234567890) * 1000, step = 0;
    for (int64_t off = -3; off <= 3; off++) {
        bool near = off >= -1 && off <= 1;
        assert_int_equal(totp_check(secret, "005924", at + off * 30000, 0, &step), near);
        assert_true(!near || step == 1234567890 / 30);
    }
}

static void a_step_that_was_taken_is_not_taken_again(void **state)
{
    (void)state;
    int64_t at = INT64_C(1234567890) * 1000, taken = 0, step = 0;
    assert_true(totp_check(secret, "005924", at, 0, &taken));
    assert_false(totp_check(secret, "005924", at, taken, &step));
    assert_false(totp_check(secret, "005924", at + 30000, taken, &step));
    char before[TOTP_DIGITS + 1], after[TOTP_DIGITS + 1];
    totp_code(secret, TOTP_SECRET, taken - 1, before);
    totp_code(secret, TOTP_SECRET, taken + 1, after);
    assert_false(totp_check(secret, before, at, taken, &step)); /* Nor one before it. */
    assert_true(totp_check(secret, after, at, taken, &step));
    assert_int_equal(step, taken + 1);
}

static void what_is_no_code_is_none(void **state)
{
    (void)state;
    int64_t step = -7;
    static const char *const wrong[] = {"", "00592", "0059240", "005925", "abcdef"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(totp_check(secret, wrong[i], INT64_C(1234567890) * 1000, 0, &step));
    }
    assert_int_equal(step, -7);
}

static void the_qr_codes_text_names_the_account_and_holds_the_secret(void **state)
{
    (void)state;
    char uri[TOTP_URI];
    totp_uri(secret, "Zoë: a?b", uri);
    assert_string_equal(uri, "otpauth://totp/Attune:Zo%C3%AB%3A%20a%3Fb"
                             "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Attune"
                             "&algorithm=SHA1&digits=6&period=30");
    char longest[65];
    memset(longest, 0xff, 64);
    longest[64] = '\0';
    totp_uri(secret, longest, uri);
    assert_non_null(strstr(uri, "&period=30"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_codes_are_those_of_rfc_4226),
        cmocka_unit_test(the_codes_are_those_of_rfc_6238),
        cmocka_unit_test(a_clock_may_be_one_step_off_and_no_more),
        cmocka_unit_test(a_step_that_was_taken_is_not_taken_again),
        cmocka_unit_test(what_is_no_code_is_none),
        cmocka_unit_test(the_qr_codes_text_names_the_account_and_holds_the_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
