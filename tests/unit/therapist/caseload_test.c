/* Goal: who is on the list, in which order, and whom a search finds. Method: pages as the server
 * tells them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "client/therapist/caseload.h"

static int set_up(void **state)
{
    *state = malloc(sizeof(struct caseload));
    caseload_init(*state);
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void tell(struct caseload *c, const char *ref, int64_t last, bool open, const char *step)
{
    char name[LIMIT_NAME_BYTES + 1], word[LIMIT_NAME_BYTES + 1];
    Attune__CaseloadClient told = ATTUNE__CASELOAD_CLIENT__INIT;
    (void)snprintf(name, sizeof name, "%s", ref);
    (void)snprintf(word, sizeof word, "%s", step);
    told.client_ref = name;
    told.last_start_ms = last;
    told.rupture_open = open;
    told.step = word;
    caseload_take(c, &told, false);
}

/* "b a c": those that are found, in order. */
static const char *found(struct caseload *c, const char *search)
{
    static char text[256];
    uint16_t order[CASELOAD_MAX];
    size_t count = caseload_order(c, search, order), len = 0;
    text[0] = '\0';
    for (size_t at = 0; at < count; at++) {
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", at > 0 ? " " : "",
                                c->clients[order[at]].ref);
    }
    return text;
}

static void who_is_in_session_comes_first_then_what_waits_then_the_latest(void **state)
{
    struct caseload *c = *state;
    caseload_begin(c);
    tell(c, "old", 1, false, "");
    tell(c, "new", 9, false, "");
    tell(c, "also-new", 9, false, "");
    tell(c, "followed", 5, true, "supervision");
    tell(c, "waits", 2, true, "");
    tell(c, "here", 3, false, "");
    caseload_end(c);
    caseload_live(c, "here", true);
    assert_string_equal(found(c, ""), "here waits followed also-new new old");
    caseload_live(c, "here", false);
    caseload_live(c, "nobody", true);
    assert_string_equal(found(c, ""), "waits followed also-new new here old");
}

static void a_search_finds_any_part_in_any_case(void **state)
{
    struct caseload *c = *state;
    caseload_begin(c);
    tell(c, "K-0042", 1, false, "");
    tell(c, "k-0420", 2, false, "");
    tell(c, "m\xc3\xbc-1", 3, false, "");
    caseload_end(c);
    assert_string_equal(found(c, "042"), "k-0420 K-0042");
    assert_string_equal(found(c, "K-00"), "K-0042");
    assert_string_equal(found(c, "\xc3\xbc"), "m\xc3\xbc-1");
    assert_string_equal(found(c, "k-00421"), "");
}

static void who_is_not_told_any_more_is_gone_and_who_stays_keeps_what_is_so(void **state)
{
    struct caseload *c = *state;
    caseload_begin(c);
    tell(c, "a", 1, false, "");
    tell(c, "b", 1, false, "");
    caseload_end(c);
    assert_true(c->known);
    caseload_live(c, "b", true);
    caseload_begin(c);
    tell(c, "b", 2, true, "");
    caseload_end(c);
    assert_string_equal(found(c, ""), "b");
    assert_true(caseload_find(c, "b")->live);
    assert_true(caseload_find(c, "b")->rupture_open);
    assert_null(caseload_find(c, "a"));
}

static void the_last_twelve_totals_are_kept(void **state)
{
    struct caseload *c = *state;
    int32_t totals[CASELOAD_TOTALS + 1];
    char name[] = "a";
    Attune__CaseloadClient told = ATTUNE__CASELOAD_CLIENT__INIT;
    for (int at = 0; at <= CASELOAD_TOTALS; at++) {
        totals[at] = at == 5 ? -1 : at;
    }
    told.client_ref = name;
    told.totals = totals;
    told.n_totals = CASELOAD_TOTALS + 1;
    caseload_begin(c);
    caseload_take(c, &told, false);
    assert_int_equal(c->clients[0].total_count, CASELOAD_TOTALS);
    assert_int_equal(c->clients[0].totals[0], 1);
    assert_int_equal(c->clients[0].totals[4], -1);
    assert_int_equal(c->clients[0].totals[CASELOAD_TOTALS - 1], CASELOAD_TOTALS);
}

static void who_is_covered_stays_as_they_were(void **state)
{
    struct caseload *c = *state;
    char name[] = "a", step[] = "supervision", none[] = "";
    int32_t totals[] = {360, 160};
    Attune__CaseloadClient told = ATTUNE__CASELOAD_CLIENT__INIT;
    told.client_ref = name;
    told.totals = totals;
    told.n_totals = 2;
    told.rupture_open = true;
    told.step = step;
    caseload_begin(c);
    caseload_take(c, &told, true); /* Not here before: without what is newest. */
    caseload_end(c);
    assert_int_equal(c->clients[0].total_count, 1);
    assert_int_equal(c->clients[0].totals[0], 360);
    assert_false(c->clients[0].rupture_open);
    assert_string_equal(c->clients[0].step, "");
    told.step = none;
    caseload_begin(c);
    caseload_take(c, &told, false);
    caseload_end(c);
    assert_int_equal(c->clients[0].total_count, 2);
    assert_true(c->clients[0].rupture_open);
    told.rupture_open = false; /* A repair is covered as well. */
    caseload_begin(c);
    caseload_take(c, &told, true);
    caseload_end(c);
    assert_int_equal(c->count, 1);
    assert_true(c->clients[0].rupture_open);
}

static void there_is_room_for_five_hundred_and_more_is_said(void **state)
{
    struct caseload *c = *state;
    char name[16];
    caseload_begin(c);
    for (int at = 0; at < CASELOAD_MAX; at++) {
        (void)snprintf(name, sizeof name, "c%d", at);
        tell(c, name, 0, false, "");
    }
    assert_false(c->cut);
    tell(c, "one more", 0, false, "");
    assert_true(c->cut);
    assert_int_equal(c->count, CASELOAD_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            who_is_in_session_comes_first_then_what_waits_then_the_latest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_search_finds_any_part_in_any_case, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            who_is_not_told_any_more_is_gone_and_who_stays_keeps_what_is_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_last_twelve_totals_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_is_covered_stays_as_they_were, set_up, tear_down),
        cmocka_unit_test_setup_teardown(there_is_room_for_five_hundred_and_more_is_said, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
