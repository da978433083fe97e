#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/cli/when.h"
#include "proto/wire/err.h"

static void a_local_time_is_read_in_its_zone(void **state)
{
    (void)state;
    static const struct {
        const char *text, *zone;
        int64_t ms;
    } cases[] = {
        {"2026-03-03T13:00:00", "+00:00", INT64_C(1772542800000)},
        {"2026-03-03T13:00:00", "+01:00", INT64_C(1772539200000)},
        {"2000-02-29T23:59:59", "+00:00", INT64_C(951868799000)},
    };
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        int64_t ms = 0;
        GTimeZone *zone = g_time_zone_new_identifier(cases[at].zone);
        assert_int_equal(when_parse(cases[at].text, zone, &ms), 0);
        assert_int_equal(ms, cases[at].ms);
        g_time_zone_unref(zone);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "2026-03-03",
                                        "2026-03-03 13:00:00",
                                        "2026-3-3T13:00:00",
                                        "2026-02-30T13:00:00",
                                        "2026-13-01T13:00:00",
                                        "2026-03-03T24:00:00",
                                        "2026-03-03T13:60:00",
                                        "2026-03-03T13:00:00Z",
                                        "2026-03-03T13:00:0x",
                                        "-026-03-03T13:00:00"};
    GTimeZone *zone = g_time_zone_new_utc();
    for (size_t at = 0; at < sizeof texts / sizeof *texts; at++) {
        int64_t ms = 77;
        assert_int_equal(when_parse(texts[at], zone, &ms), ERR_FIELD);
        assert_int_equal(ms, 77);
    }
    g_time_zone_unref(zone);
}

static void programs_get_rfc_3339(void **state)
{
    (void)state;
    char text[WHEN_TEXT];
    when_rfc3339(text, INT64_C(1772542800007));
    assert_string_equal(text, "2026-03-03T13:00:00.007Z");
    when_rfc3339(text, INT64_MAX); /* No such year: no crash. */
    when_local(text, 0);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_local_time_is_read_in_its_zone),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(programs_get_rfc_3339),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
