#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wire/err.h"
#include "proto/wire/exits.h"

/* Goal: scripts rely on these; every code has one of the six. */
static void every_code_has_its_exit(void **state)
{
    (void)state;
    static const int unreachable[] = {ERR_BUSY,    ERR_CLOSING,     ERR_DATABASE,
                                      ERR_TIMEOUT, ERR_UNREACHABLE, ERR_CLOSED,
                                      ERR_SILENT,  ERR_TLS,         ERR_ISSUER};
    static const int not_allowed[] = {
        ERR_CERTIFICATE,    ERR_DEVICE_UNKNOWN, ERR_DEVICE_REVOKED, ERR_CERTIFICATE_REVOKED,
        ERR_PERSON_REVOKED, ERR_ROLE,           ERR_LOG_ON_FIRST,   ERR_LOG_ON_WRONG,
        ERR_LOG_ON_CODE,    ERR_LOG_ON_WAIT,    ERR_PASSWORD_FIRST, ERR_FACTOR_FIRST,
        ERR_CODE_REFUSED,   ERR_CODE_ROLE,      ERR_RENEW_REFUSED,  ERR_AUTHORITY,
        ERR_ENROL_LATER,    ERR_READ_ONLY,      ERR_RIGHT_NONE,     ERR_RIGHT_ENDED};
    static const int codes[] = {
#define CODE(name, code, text) ERR_##name,
        ERR_LIST(CODE)
#undef CODE
    };
    for (size_t at = 0; at < sizeof codes / sizeof *codes; at++) {
        enum exits expected = codes[at] == ERR_CONFIG ? EXITS_CONFIGURATION : EXITS_FAILED;
        for (size_t i = 0; i < sizeof unreachable / sizeof *unreachable; i++) {
            expected = codes[at] == unreachable[i] ? EXITS_UNREACHABLE : expected;
        }
        for (size_t i = 0; i < sizeof not_allowed / sizeof *not_allowed; i++) {
            expected = codes[at] == not_allowed[i] ? EXITS_NOT_ALLOWED : expected;
        }
        assert_int_equal(exits_of(codes[at]), expected);
    }
    assert_int_equal(exits_of(0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_its_exit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
