/* Goal: news is told once, nothing that is open is forgotten, and both lists stay bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/gateway/feed/watch_feed.h"

/* Ids that differ in their last bytes alone, so that all 16 are compared. */
static const uint8_t *id_of(unsigned number)
{
    static uint8_t id[LIMIT_ID_SIZE];
    memset(id, 0x11, sizeof id);
    id[LIMIT_ID_SIZE - 2] = (uint8_t)(number >> 8);
    id[LIMIT_ID_SIZE - 1] = (uint8_t)number;
    return id;
}

static void a_session_is_news_once(void **state)
{
    (void)state;
    struct watch_feed f;
    watch_feed_init(&f);
    assert_true(watch_feed_session(&f, id_of(1), 1, 0));
    assert_false(watch_feed_session(&f, id_of(1), 1, 0));
    assert_true(watch_feed_session(&f, id_of(2), 1, 0));
    assert_false(watch_feed_session(&f, id_of(1), 1, 0));
}

static void a_changed_state_or_outcome_is_news(void **state)
{
    (void)state;
    struct watch_feed f;
    watch_feed_init(&f);
    assert_true(watch_feed_session(&f, id_of(1), 1, 0));
    assert_true(watch_feed_session(&f, id_of(1), 2, 0));
    assert_false(watch_feed_session(&f, id_of(1), 2, 0));
    assert_true(watch_feed_session(&f, id_of(1), 2, 1));
    assert_false(watch_feed_session(&f, id_of(1), 2, 1));
    assert_true(watch_feed_session(&f, id_of(1), 1, 0)); /* Back again: also news. */
}

static void as_many_sessions_as_a_scan_brings_are_remembered(void **state)
{
    (void)state;
    struct watch_feed f;
    watch_feed_init(&f);
    for (unsigned i = 0; i < WATCH_SESSIONS_MAX; i++) {
        assert_true(watch_feed_session(&f, id_of(i), 1, 0));
    }
    for (unsigned i = 0; i < WATCH_SESSIONS_MAX; i++) {
        assert_false(watch_feed_session(&f, id_of(i), 1, 0));
    }
}

static void one_more_session_makes_the_oldest_be_told_again_and_no_other(void **state)
{
    (void)state;
    struct watch_feed f;
    watch_feed_init(&f);
    for (unsigned i = 0; i <= WATCH_SESSIONS_MAX; i++) {
        assert_true(watch_feed_session(&f, id_of(i), 1, 0));
    }
    for (unsigned i = 1; i <= WATCH_SESSIONS_MAX; i++) {
        assert_false(watch_feed_session(&f, id_of(i), 1, 0));
    }
    assert_true(watch_feed_session(&f, id_of(0), 1, 0));
}

static void an_alert_is_pushed_once_a_connection(void **state)
{
    (void)state;
    struct watch_feed f;
    watch_feed_init(&f);
    assert_int_equal(watch_feed_alert(&f, id_of(1)), WATCH_PUSH);
    assert_int_equal(watch_feed_alert(&f, id_of(1)), WATCH_KNOWN);
    assert_int_equal(watch_feed_alert(&f, id_of(2)), WATCH_PUSH);
    watch_feed_init(&f); /* The next connection. */
    assert_int_equal(watch_feed_alert(&f, id_of(1)), WATCH_PUSH);
}

static void the_64th_alert_is_pushed_and_the_65th_waits(void **state)
{
    (void)state;
    struct watch_feed f;
    watch_feed_init(&f);
    for (unsigned i = 0; i < LIMIT_ALERTS_OPEN; i++) {
        assert_int_equal(watch_feed_alert(&f, id_of(i)), WATCH_PUSH);
    }
    assert_int_equal(watch_feed_alert(&f, id_of(LIMIT_ALERTS_OPEN)), WATCH_FULL);
    for (unsigned i = 0; i < LIMIT_ALERTS_OPEN; i++) {
        assert_int_equal(watch_feed_alert(&f, id_of(i)), WATCH_KNOWN);
    }
}

static void a_received_alert_makes_room_for_one_that_waited(void **state)
{
    (void)state;
    for (unsigned gone = 0; gone < LIMIT_ALERTS_OPEN; gone++) {
        struct watch_feed f;
        watch_feed_init(&f);
        for (unsigned i = 0; i < LIMIT_ALERTS_OPEN; i++) {
            (void)watch_feed_alert(&f, id_of(i)); /* WATCH_PUSH: see above. */
        }
        watch_feed_received(&f, id_of(gone));
        for (unsigned i = 0; i < LIMIT_ALERTS_OPEN; i++) {
            if (i != gone) {
                assert_int_equal(watch_feed_alert(&f, id_of(i)), WATCH_KNOWN);
            }
        }
        assert_int_equal(watch_feed_alert(&f, id_of(LIMIT_ALERTS_OPEN)), WATCH_PUSH);
        assert_int_equal(watch_feed_alert(&f, id_of(gone)), WATCH_FULL);
    }
}

static void receiving_what_was_never_pushed_changes_nothing(void **state)
{
    (void)state;
    struct watch_feed f, before;
    watch_feed_init(&f);
    watch_feed_received(&f, id_of(9));
    (void)watch_feed_alert(&f, id_of(1)); /* WATCH_PUSH: see above. */
    before = f;
    watch_feed_received(&f, id_of(9));
    assert_memory_equal(&f, &before, sizeof f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_news_once),
        cmocka_unit_test(a_changed_state_or_outcome_is_news),
        cmocka_unit_test(as_many_sessions_as_a_scan_brings_are_remembered),
        cmocka_unit_test(one_more_session_makes_the_oldest_be_told_again_and_no_other),
        cmocka_unit_test(an_alert_is_pushed_once_a_connection),
        cmocka_unit_test(the_64th_alert_is_pushed_and_the_65th_waits),
        cmocka_unit_test(a_received_alert_makes_room_for_one_that_waited),
        cmocka_unit_test(receiving_what_was_never_pushed_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
