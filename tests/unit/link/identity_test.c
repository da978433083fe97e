#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "client/link/identity.h"
#include "proto/wire/err.h"

static void the_address_is_read(void **state)
{
    (void)state;
    char why[IDENTITY_WHY];
    static const struct {
        const char *text, *address;
    } cases[] = {
        {"", NULL},
        {"# nothing yet\n", NULL},
        {"[server]\n", NULL},
        {"[server]\naddress=attune.example:7421\n", "attune.example:7421"},
        {"# ours\n[server]\naddress = [::1]:7421\n", "[::1]:7421"},
    };
    for (size_t at = 0; at < G_N_ELEMENTS(cases); at++) {
        char *address = NULL;
        assert_int_equal(
            identity_settings(cases[at].text, "attune.conf", &address, why, sizeof why), 0);
        if (cases[at].address == NULL) {
            assert_null(address);
        } else {
            assert_string_equal(address, cases[at].address);
        }
        g_free(address);
    }
}

static void what_is_not_known_is_refused_with_the_nearest(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"[server]\n\nadress=x:1\n",
         "attune.conf:3: unknown key \"adress\" in [server]; did you mean \"address\"?"},
        {"[sever]\naddress=x:1\n", "attune.conf:1: unknown group [sever]; did you mean [server]?"},
        {"[server]\naddress=x:1\n[kiosk]\n", "attune.conf:3: unknown group [kiosk]"},
        {"address=x:1\n", "attune.conf: "},
        {"[server]\naddress\n", "attune.conf: "},
    };
    for (size_t at = 0; at < G_N_ELEMENTS(cases); at++) {
        char why[IDENTITY_WHY] = "";
        char *address = NULL;
        assert_int_equal(
            identity_settings(cases[at].text, "attune.conf", &address, why, sizeof why),
            ERR_CONFIG);
        assert_null(address);
        assert_ptr_equal(strstr(why, cases[at].said), why);
    }
}

static void a_missing_folder_is_told_by_name(void **state)
{
    (void)state;
    struct identity i;
    char why[IDENTITY_WHY] = "";
    assert_int_equal(identity_load(&i, "/nonexistent", why, sizeof why), ERR_CERTIFICATE);
    assert_non_null(strstr(why, "/nonexistent/"));
    identity_fini(&i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_address_is_read),
        cmocka_unit_test(what_is_not_known_is_refused_with_the_nearest),
        cmocka_unit_test(a_missing_folder_is_told_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
