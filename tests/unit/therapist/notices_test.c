/* Goal: which alert is before one's eyes, and that a step is sent once, after its time and not
 * before, unless it was undone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "client/therapist/notices.h"

enum { RED = ATTUNE__TIER__TIER_RED, GOOD = ATTUNE__TIER__TIER_GOOD };
enum { SEEN = ATTUNE__STEP__STEP_SEEN, SUPERVISION = ATTUNE__STEP__STEP_SUPERVISION };

static int set_up(void **state)
{
    *state = malloc(sizeof(struct notices));
    notices_init(*state, NOTICE_POPUP);
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

/* Alert `number` of session `number`. */
static int add(struct notices *n, unsigned number, char *client, int tier, bool over)
{
    uint8_t id[LIMIT_ID_SIZE] = {1, (uint8_t)(number >> 8), (uint8_t)number};
    Attune__Alert a = ATTUNE__ALERT__INIT;
    a.alert_id = a.session_id = (ProtobufCBinaryData){sizeof id, id};
    a.client_ref = client;
    a.tier = (Attune__Tier)tier;
    return notices_add(n, &a, over);
}

static char one[] = "c001", two[] = "c002";

static void an_alert_is_here_once_and_amber_never(void **state)
{
    struct notices *n = *state;
    assert_int_equal(add(n, 1, one, RED, false), 0);
    assert_int_equal(add(n, 1, one, RED, false), 0);
    assert_int_equal(add(n, 2, one, ATTUNE__TIER__TIER_AMBER, false), NOTICE_NONE);
    assert_int_equal(add(n, 3, one, ATTUNE__TIER__TIER_PATTERN, false), NOTICE_NONE);
    assert_int_equal(n->count, 1);
}

static void red_comes_before_good_and_the_open_client_before_others(void **state)
{
    struct notices *n = *state;
    int good = add(n, 1, one, GOOD, true), first = add(n, 2, one, RED, false);
    int other = add(n, 3, two, RED, false);
    assert_int_equal(notices_banner(n, ""), other); /* The newest. */
    assert_int_equal(notices_banner(n, one), first);
    assert_int_equal(notices_waiting(n, one), 1);
    assert_int_equal(notices_badge(n, two), 1);
    notices_put_away(n, first);
    notices_put_away(n, other);
    assert_int_equal(notices_banner(n, one), good);
    notices_put_away(n, good);
    assert_int_equal(notices_banner(n, one), NOTICE_NONE);
}

static void as_a_badge_it_waits_until_the_client_is_opened(void **state)
{
    struct notices *n = *state;
    n->mode = NOTICE_BADGE;
    int at = add(n, 1, one, RED, false);
    assert_int_equal(notices_banner(n, two), NOTICE_NONE);
    assert_int_equal(notices_badge(n, one), 1);
    assert_int_equal(notices_banner(n, one), at);
}

static void after_the_session_it_waits_for_the_sessions_end(void **state)
{
    struct notices *n = *state;
    uint8_t other[LIMIT_ID_SIZE] = {9}, session[LIMIT_ID_SIZE] = {1, 0, 1};
    n->mode = NOTICE_AFTER;
    int at = add(n, 1, one, RED, false);
    assert_int_equal(notices_banner(n, one), NOTICE_NONE);
    assert_int_equal(notices_badge(n, one), 0);
    assert_false(notices_session_over(n, other));
    assert_true(notices_session_over(n, session));
    assert_false(notices_session_over(n, session));
    assert_int_equal(notices_banner(n, two), at);
}

static void what_is_covered_is_nowhere_and_comes_afterwards(void **state)
{
    struct notices *n = *state;
    int at = add(n, 1, one, RED, true);
    for (int mode = NOTICE_POPUP; mode <= NOTICE_AFTER; mode++) {
        n->mode = (enum notice_mode)mode;
        assert_true(notices_cover(n, at, true));
        assert_false(notices_may_show(n, at));
        assert_int_equal(notices_banner(n, one), NOTICE_NONE);
        assert_int_equal(notices_badge(n, one), 0);
        assert_false(notices_cover(n, at, true));
        assert_true(notices_cover(n, at, false));
        assert_int_equal(notices_banner(n, one), at);
        assert_int_equal(notices_badge(n, one), 1);
    }
}

static void a_step_is_sent_once_when_its_time_is_up(void **state)
{
    struct notices *n = *state;
    int at = add(n, 1, one, RED, false);
    notices_acknowledge(n, at, (Attune__Step)SEEN, "", 100);
    assert_int_equal(n->all[at].state, NOTICE_HELD);
    assert_int_equal(notices_badge(n, one), 0);
    assert_int_equal(notices_wake_ms(n), 100 + NOTICE_UNDO_MS);
    assert_int_equal(notices_due(n, 100 + NOTICE_UNDO_MS - 1), NOTICE_NONE);
    assert_int_equal(notices_due(n, 100 + NOTICE_UNDO_MS), at);
    assert_int_equal(notices_due(n, 100 + NOTICE_UNDO_MS), NOTICE_NONE);
    assert_true(notices_wake_ms(n) == INT64_MAX);
    assert_false(notices_undo(n, at)); /* Too late. */
}

static void undone_it_is_as_it_was(void **state)
{
    struct notices *n = *state;
    int at = add(n, 1, one, RED, false);
    notices_acknowledge(n, at, (Attune__Step)SEEN, "", 0);
    assert_true(notices_undo(n, at));
    assert_int_equal(n->all[at].state, NOTICE_OPEN);
    notices_flush(n);
    assert_int_equal(notices_due(n, INT64_MAX), NOTICE_NONE);
    notices_acknowledge(n, at, (Attune__Step)SEEN, "", 0);
    assert_int_equal(notices_due(n, NOTICE_UNDO_MS), at);
    notices_acknowledge(n, at, (Attune__Step)SUPERVISION, "", 0);
    assert_true(notices_undo(n, at));
    assert_int_equal(n->all[at].state, NOTICE_SENT);
    assert_int_equal(n->all[at].step, SEEN);
}

static void closing_sends_what_is_held(void **state)
{
    struct notices *n = *state;
    int at = add(n, 1, one, RED, false);
    notices_acknowledge(n, at, ATTUNE__STEP__STEP_NOT_A_CONCERN, "a mistyped score", 1000);
    assert_int_equal(notices_due(n, 1000), NOTICE_NONE);
    notices_put_away(n, at); /* What is held stays until it was sent. */
    notices_flush(n);
    assert_int_equal(notices_due(n, 1000), at);
    assert_string_equal(n->all[at].reason, "a mistyped score");
}

static void a_repair_settles_what_waited_of_that_client(void **state)
{
    struct notices *n = *state;
    int mine = add(n, 1, one, RED, true), other = add(n, 2, two, RED, true);
    notices_settled(n, one, ATTUNE__STEP__STEP_UNSPECIFIED);
    assert_int_equal(n->all[mine].state, NOTICE_SENT);
    assert_int_equal(n->all[other].state, NOTICE_OPEN);
}

static void those_that_wait_never_make_room(void **state)
{
    struct notices *n = *state;
    for (unsigned number = 0; number < NOTICES_MAX; number++) {
        assert_int_equal(add(n, number, one, RED, true), (int)number);
    }
    assert_int_equal(add(n, NOTICES_MAX, one, RED, true), NOTICE_NONE);
    notices_put_away(n, 7);
    assert_int_equal(add(n, NOTICES_MAX, one, RED, true), 7);
}

static void steps_have_the_words_of_the_server(void **state)
{
    (void)state;
    assert_int_equal(notice_step_of("opens next session"), ATTUNE__STEP__STEP_OPENS_NEXT_SESSION);
    assert_int_equal(notice_step_of("not a concern"), ATTUNE__STEP__STEP_NOT_A_CONCERN);
    assert_int_equal(notice_step_of(""), ATTUNE__STEP__STEP_UNSPECIFIED);
    assert_int_equal(notice_step_of("else"), ATTUNE__STEP__STEP_UNSPECIFIED);
    assert_string_equal(notice_step_word((Attune__Step)SEEN), "Seen");
    assert_string_equal(notice_step_word((Attune__Step)9), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_alert_is_here_once_and_amber_never, set_up, tear_down),
        cmocka_unit_test_setup_teardown(red_comes_before_good_and_the_open_client_before_others,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(as_a_badge_it_waits_until_the_client_is_opened, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(after_the_session_it_waits_for_the_sessions_end, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_covered_is_nowhere_and_comes_afterwards, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_step_is_sent_once_when_its_time_is_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(undone_it_is_as_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(closing_sends_what_is_held, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_repair_settles_what_waited_of_that_client, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(those_that_wait_never_make_room, set_up, tear_down),
        cmocka_unit_test(steps_have_the_words_of_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
