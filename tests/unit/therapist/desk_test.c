#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/therapist/desk.h"
#include "proto/wire/err.h"

#define OPEN ATTUNE__SESSION_STATE__SESSION_OPEN
#define CLOSED ATTUNE__SESSION_STATE__SESSION_CLOSED
#define NONE ATTUNE__SESSION_OUTCOME__SESSION_OUTCOME_NONE
#define RATED ATTUNE__SESSION_OUTCOME__SESSION_RATED

static struct desk the_desk;
static struct desk_action act;

struct id {
    uint8_t bytes[LIMIT_ID_SIZE];
};

static struct id id(unsigned n)
{
    struct id i = {{1, (uint8_t)(n >> 8), (uint8_t)n}};
    return i;
}

static int set_up(void **state)
{
    desk_init(&the_desk);
    *state = &the_desk;
    return 0;
}

static enum desk_verdict alert(struct desk *d, unsigned n)
{
    return desk_alert(d, id(n).bytes);
}

static void show(struct desk *d, unsigned n)
{
    assert_int_equal(alert(d, n), DESK_SHOW);
    desk_shown(d, id(n).bytes);
}

static void expect(struct desk *d, int64_t now, enum desk_do kind)
{
    assert_true(desk_next(d, now, &act));
    assert_int_equal(act.kind, kind);
}

static void expect_report(struct desk *d, int64_t now, unsigned first, size_t count)
{
    expect(d, now, DESK_REPORT);
    assert_int_equal(act.count, count);
    for (size_t at = 0; at < count; at++) {
        assert_memory_equal(act.ids[at], id(first + (unsigned)at).bytes, LIMIT_ID_SIZE);
    }
}

/* Connected, watching, listed: ready for news. */
static void come_up(struct desk *d)
{
    desk_connected(d);
    expect(d, 0, DESK_WATCH);
    desk_watched(d, 0, 0, 0);
    expect(d, 0, DESK_LIST);
    desk_listed(d, 0, 0, 0);
}

static enum desk_verdict session(struct desk *d, unsigned n, Attune__SessionState state,
                                 Attune__SessionOutcome outcome, enum desk_source source)
{
    struct id i = id(n);
    Attune__Session s;
    attune__session__init(&s);
    s.session_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, i.bytes};
    s.state = state;
    s.outcome = outcome;
    return desk_session(d, &s, source);
}

static void each_connection_watches_first_and_then_lists(void **state)
{
    struct desk *d = *state;
    assert_false(desk_next(d, 0, &act));
    desk_connected(d);
    expect(d, 0, DESK_WATCH);
    assert_false(desk_next(d, 0, &act));
    desk_watched(d, 0, 0, 0);
    expect(d, 0, DESK_LIST);
    desk_listed(d, 0, 0, 0);
    assert_false(desk_next(d, 0, &act));
    desk_lost(d);
    assert_false(desk_next(d, 0, &act));
    come_up(d);
}

static void an_alert_is_reported_only_after_it_was_shown(void **state)
{
    struct desk *d = *state;
    come_up(d);
    assert_int_equal(alert(d, 1), DESK_SHOW);
    assert_false(desk_next(d, 0, &act));
    desk_shown(d, id(1).bytes);
    expect_report(d, 0, 1, 1);
    assert_false(desk_next(d, 0, &act));
    desk_reported(d, 0, 0, 0);
    assert_int_equal(desk_count(d, DESK_ALERT_KNOWN), 1);
    assert_int_equal(desk_wake_ms(d), INT64_MAX);
}

static void an_alert_that_comes_twice_is_shown_once(void **state)
{
    struct desk *d = *state;
    come_up(d);
    show(d, 1);
    assert_int_equal(alert(d, 1), DESK_KNOWN);
    expect_report(d, 0, 1, 1);
    assert_int_equal(alert(d, 1), DESK_KNOWN);
    desk_reported(d, 0, 0, 0);
    assert_false(desk_next(d, 0, &act));
    desk_lost(d);
    come_up(d);
    assert_int_equal(alert(d, 1), DESK_KNOWN);
    expect_report(d, 0, 1, 1); /* The server does not know after all: told again. */
}

static void one_that_could_not_be_shown_is_shown_when_it_comes_again(void **state)
{
    struct desk *d = *state;
    come_up(d);
    assert_int_equal(alert(d, 1), DESK_SHOW);
    desk_lost(d);
    come_up(d);
    show(d, 1);
    expect_report(d, 0, 1, 1);
}

static void a_report_without_an_answer_goes_again(void **state)
{
    struct desk *d = *state;
    come_up(d);
    show(d, 1);
    expect_report(d, 0, 1, 1);
    desk_lost(d);
    desk_reported(d, 0, 0, 0); /* Too late: of a connection that is gone. */
    assert_int_equal(desk_count(d, DESK_ALERT_TO_REPORT), 1);
    come_up(d);
    expect_report(d, 0, 1, 1);
}

static void a_refused_report_waits_and_goes_again(void **state)
{
    struct desk *d = *state;
    come_up(d);
    show(d, 1);
    expect_report(d, 0, 1, 1);
    desk_reported(d, ERR_BUSY, 300, 1000);
    assert_false(desk_next(d, 1299, &act));
    assert_int_equal(desk_wake_ms(d), 1300);
    expect_report(d, 1300, 1, 1);
    int64_t now = 1300;
    static const int64_t pauses[] = {2, 4, 8, 16, 32, 60, 60};
    for (size_t at = 0; at < sizeof pauses / sizeof *pauses; at++) {
        desk_reported(d, ERR_DATABASE, 0, now);
        now += pauses[at] * 1000;
        assert_int_equal(desk_wake_ms(d), now);
        expect_report(d, now, 1, 1);
    }
    desk_reported(d, 0, 0, now);
    assert_int_equal(desk_count(d, DESK_ALERT_KNOWN), 1);
}

static void a_refused_watch_is_asked_again(void **state)
{
    struct desk *d = *state;
    desk_connected(d);
    expect(d, 0, DESK_WATCH);
    desk_watched(d, ERR_DATABASE, 500, 0);
    assert_false(desk_next(d, 499, &act));
    expect(d, 500, DESK_WATCH);
    desk_watched(d, 0, 0, 500);
    expect(d, 500, DESK_LIST);
    desk_listed(d, ERR_TIMEOUT, 0, 500);
    assert_int_equal(desk_wake_ms(d), 1500);
    expect(d, 1500, DESK_LIST);
}

static void a_report_holds_sixty_four_at_most(void **state)
{
    struct desk *d = *state;
    come_up(d);
    for (unsigned n = 0; n < 65; n++) {
        show(d, n);
    }
    expect_report(d, 0, 0, 64);
    assert_false(desk_next(d, 0, &act)); /* One report at a time. */
    desk_reported(d, 0, 0, 0);
    expect_report(d, 0, 64, 1);
}

static void a_thousand_are_remembered_and_unreported_ones_never_forgotten(void **state)
{
    struct desk *d = *state;
    come_up(d);
    for (unsigned n = 0; n < DESK_ALERTS_MAX; n++) {
        show(d, n);
    }
    assert_int_equal(alert(d, 5000), DESK_FULL);
    assert_int_equal(alert(d, 999), DESK_KNOWN);
    expect_report(d, 0, 0, 64);
    assert_int_equal(alert(d, 5000), DESK_FULL);
    desk_reported(d, 0, 0, 0);
    show(d, 5000); /* In the place of the oldest. */
    assert_int_equal(alert(d, 1), DESK_KNOWN);
    assert_int_equal(alert(d, 0), DESK_SHOW);
    assert_int_equal(desk_count(d, DESK_ALERT_TO_REPORT), DESK_ALERTS_MAX - 64 + 2);
}

static void what_the_day_began_with_is_not_news(void **state)
{
    struct desk *d = *state;
    desk_connected(d);
    expect(d, 0, DESK_WATCH);
    desk_watched(d, 0, 0, 0);
    expect(d, 0, DESK_LIST);
    assert_int_equal(session(d, 1, OPEN, NONE, DESK_LISTED), DESK_KNOWN);
    assert_int_equal(session(d, 2, CLOSED, RATED, DESK_LISTED), DESK_KNOWN);
    assert_int_equal(session(d, 3, OPEN, RATED, DESK_NEWS), DESK_SHOW);
    assert_int_equal(session(d, 3, OPEN, RATED, DESK_LISTED), DESK_KNOWN);
    desk_listed(d, 0, 0, 0);
    assert_int_equal(session(d, 1, OPEN, RATED, DESK_NEWS), DESK_SHOW);
    assert_int_equal(session(d, 1, OPEN, RATED, DESK_NEWS), DESK_KNOWN);
}

static void what_changed_while_away_is_shown_from_the_list(void **state)
{
    struct desk *d = *state;
    desk_connected(d);
    expect(d, 0, DESK_WATCH);
    desk_watched(d, 0, 0, 0);
    expect(d, 0, DESK_LIST);
    (void)session(d, 1, OPEN, NONE, DESK_LISTED);
    (void)session(d, 2, OPEN, NONE, DESK_LISTED);
    desk_listed(d, 0, 0, 0);
    desk_lost(d);
    desk_connected(d);
    assert_int_equal(session(d, 1, OPEN, RATED, DESK_LISTED), DESK_SHOW);
    assert_int_equal(session(d, 2, OPEN, NONE, DESK_LISTED), DESK_KNOWN);
    assert_int_equal(session(d, 3, OPEN, RATED, DESK_LISTED), DESK_SHOW);
}

static void closed_and_rated_are_final(void **state)
{
    struct desk *d = *state;
    come_up(d);
    assert_int_equal(session(d, 1, OPEN, RATED, DESK_NEWS), DESK_SHOW);
    assert_int_equal(session(d, 1, OPEN, NONE, DESK_LISTED), DESK_KNOWN);
    assert_int_equal(session(d, 1, CLOSED, RATED, DESK_NEWS), DESK_SHOW);
    assert_int_equal(session(d, 1, OPEN, RATED, DESK_LISTED), DESK_KNOWN);
    assert_int_equal(session(d, 1, CLOSED, RATED, DESK_NEWS), DESK_KNOWN);
}

static void sessions_are_bounded_and_the_stalest_goes(void **state)
{
    struct desk *d = *state;
    come_up(d);
    for (unsigned n = 0; n < DESK_SESSIONS_MAX; n++) {
        assert_int_equal(session(d, n, OPEN, NONE, DESK_NEWS), DESK_SHOW);
    }
    assert_int_equal(session(d, 0, OPEN, RATED, DESK_NEWS), DESK_SHOW);
    assert_int_equal(session(d, 5000, OPEN, NONE, DESK_NEWS), DESK_SHOW); /* For number 1. */
    assert_int_equal(session(d, 0, OPEN, RATED, DESK_NEWS), DESK_KNOWN);
    assert_int_equal(session(d, 1, OPEN, NONE, DESK_NEWS), DESK_SHOW);
}

/* Of two who came together the first one's scores come once the other one has rated, too. */
static void scores_that_come_later_are_news_once_and_do_not_go_again(void **state)
{
    struct desk *d = *state;
    struct id i = id(1);
    Attune__Scores scores;
    Attune__Session s;
    attune__scores__init(&scores);
    attune__session__init(&s);
    s.session_id = (ProtobufCBinaryData){LIMIT_ID_SIZE, i.bytes};
    s.state = OPEN;
    s.outcome = RATED;
    come_up(d);
    assert_int_equal(desk_session(d, &s, DESK_NEWS), DESK_SHOW);
    assert_int_equal(desk_session(d, &s, DESK_NEWS), DESK_KNOWN);
    s.scores = &scores;
    assert_int_equal(desk_session(d, &s, DESK_NEWS), DESK_SHOW);
    assert_int_equal(desk_session(d, &s, DESK_NEWS), DESK_KNOWN);
    s.scores = NULL; /* A list that was read before, and comes late. */
    assert_int_equal(desk_session(d, &s, DESK_LISTED), DESK_KNOWN);
}

static void a_session_without_an_id_is_left_alone(void **state)
{
    Attune__Session s;
    attune__session__init(&s);
    assert_int_equal(desk_session(*state, &s, DESK_NEWS), DESK_KNOWN);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        EACH(each_connection_watches_first_and_then_lists),
        EACH(an_alert_is_reported_only_after_it_was_shown),
        EACH(an_alert_that_comes_twice_is_shown_once),
        EACH(one_that_could_not_be_shown_is_shown_when_it_comes_again),
        EACH(a_report_without_an_answer_goes_again),
        EACH(a_refused_report_waits_and_goes_again),
        EACH(a_refused_watch_is_asked_again),
        EACH(a_report_holds_sixty_four_at_most),
        EACH(a_thousand_are_remembered_and_unreported_ones_never_forgotten),
        EACH(what_the_day_began_with_is_not_news),
        EACH(what_changed_while_away_is_shown_from_the_list),
        EACH(closed_and_rated_are_final),
        EACH(sessions_are_bounded_and_the_stalest_goes),
        EACH(scores_that_come_later_are_news_once_and_do_not_go_again),
        EACH(a_session_without_an_id_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
