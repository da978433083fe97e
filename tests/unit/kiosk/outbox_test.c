#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/kiosk/outbox.h"
#include "proto/wire/err.h"

enum { DAY = OUTBOX_KEEP_MS };

struct id {
    uint8_t bytes[LIMIT_ID_SIZE];
};

/* Ids spread over the buckets, and some within one. */
static struct id id(unsigned n)
{
    struct id i = {{(uint8_t)(n * 7), (uint8_t)(n >> 8), (uint8_t)n, 1}};
    return i;
}

static void add(struct outbox *o, unsigned n)
{
    assert_int_equal(outbox_add(o, id(n).bytes), 0);
}

static void answer(struct outbox *o, unsigned n, int rc, int64_t now)
{
    outbox_answer(o, id(n).bytes, rc, 0, now);
}

static void expect(struct outbox *o, int64_t now, enum outbox_do kind, unsigned n)
{
    struct outbox_action a;
    assert_true(outbox_next(o, now, &a));
    assert_int_equal(a.kind, kind);
    assert_memory_equal(a.id, id(n).bytes, LIMIT_ID_SIZE);
}

static void expect_nothing(struct outbox *o, int64_t now)
{
    struct outbox_action a;
    assert_false(outbox_next(o, now, &a));
}

static void nothing_is_sent_before_a_connection(void **state)
{
    (void)state;
    struct outbox o;
    outbox_init(&o);
    add(&o, 1);
    expect_nothing(&o, 0);
    assert_int_equal(outbox_wake_ms(&o), INT64_MAX);
    outbox_connected(&o, 64);
    assert_true(outbox_wake_ms(&o) <= 0);
    expect(&o, 0, OUTBOX_SEND, 1);
    expect_nothing(&o, 0);
    outbox_fini(&o);
}

static void a_stored_record_is_marked_and_dropped_a_day_later(void **state)
{
    (void)state;
    struct outbox o;
    outbox_init(&o);
    add(&o, 1);
    outbox_connected(&o, 64);
    expect(&o, 0, OUTBOX_SEND, 1);
    answer(&o, 1, 0, 5);
    assert_true(outbox_wake_ms(&o) <= 5);
    expect(&o, 10, OUTBOX_MARK_SENT, 1);
    assert_int_equal(outbox_unsent(&o), 0);
    assert_int_equal(outbox_wake_ms(&o), 10 + DAY);
    expect_nothing(&o, 10 + DAY - 1);
    expect(&o, 10 + DAY, OUTBOX_DROP, 1);
    expect_nothing(&o, 10 + DAY);
    assert_int_equal(outbox_wake_ms(&o), INT64_MAX);
    add(&o, 1); /* Forgotten: the id is free again. */
    outbox_fini(&o);
}

/* Three are stored at 10, 20 and 30; the server asks for what it acknowledged from 20 to 29. */
static void what_the_server_asks_for_again_goes_again_and_counts_anew(void **state)
{
    (void)state;
    struct outbox o;
    outbox_init(&o);
    outbox_connected(&o, 64);
    for (unsigned n = 1; n <= 3; n++) {
        add(&o, n);
        expect(&o, n * 10, OUTBOX_SEND, n);
        answer(&o, n, 0, n * 10);
        expect(&o, n * 10, OUTBOX_MARK_SENT, n);
    }
    assert_int_equal(outbox_resend(&o, 20, 30), 1);
    assert_int_equal(outbox_resend(&o, 20, 30), 0); /* Asked twice: on its way already. */
    assert_int_equal(outbox_unsent(&o), 1);
    assert_true(outbox_wake_ms(&o) <= 40);
    expect(&o, 40, OUTBOX_MARK_UNSENT, 2);
    struct outbox_action a;
    assert_true(outbox_next(&o, 40, &a));
    assert_int_equal(a.kind, OUTBOX_SEND);
    assert_true(a.resent);
    outbox_lost(&o); /* And the connection goes: it is an unsent record like any other. */
    outbox_connected(&o, 64);
    expect(&o, 50, OUTBOX_SEND, 2);
    answer(&o, 2, 0, 50);
    expect(&o, 50, OUTBOX_MARK_SENT, 2);
    assert_int_equal(outbox_resend(&o, 20, 30), 0); /* Acknowledged since then. */
    expect(&o, 10 + DAY, OUTBOX_DROP, 1);
    expect(&o, 50 + DAY, OUTBOX_DROP, 3);
    expect(&o, 50 + DAY, OUTBOX_DROP, 2);
    assert_int_equal(outbox_resend(&o, 0, INT64_MAX), 0);
    outbox_fini(&o);
}

static void what_was_marked_before_the_start_can_be_asked_for_too(void **state)
{
    (void)state;
    struct outbox o;
    outbox_init(&o);
    assert_int_equal(outbox_add_sent(&o, id(1).bytes, 1000, 0), 0);
    assert_int_equal(outbox_resend(&o, -999, INT64_MAX), 0);
    assert_int_equal(outbox_resend(&o, -1000, -1000), 0);
    assert_int_equal(outbox_resend(&o, -1000, -999), 1);
    expect(&o, 0, OUTBOX_MARK_UNSENT, 1);
    expect_nothing(&o, 0); /* Not connected. */
    outbox_fini(&o);
}

static void two_thousand_are_kept(void **state)
{
    (void)state;
    struct outbox o;
    outbox_init(&o);
    for (unsigned n = 0; n <= OUTBOX_KEPT_MAX; n++) {
        assert_int_equal(outbox_add_sent(&o, id(n).bytes, 0, 0), 0);
        assert_int_equal(outbox_wake_ms(&o) <= 0, n == OUTBOX_KEPT_MAX);
    }
    expect(&o, 0, OUTBOX_DROP, 0);
    expect_nothing(&o, 0);
    assert_int_equal(outbox_count(&o, OUTBOX_KEPT), OUTBOX_KEPT_MAX);
    outbox_fini(&o);
}

static void what_was_marked_before_the_start_keeps_its_age(void **state)
{
    (void)state;
    static const struct {
        int64_t age, dropped_at;
    } cases[] = {{0, DAY}, {DAY - 5, 5}, {DAY, 0}, {50 * (int64_t)DAY, 0}, {-1000, DAY}};
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        struct outbox o;
        outbox_init(&o);
        assert_int_equal(outbox_add_sent(&o, id(1).bytes, cases[at].age, 0), 0);
        outbox_connected(&o, 64);
        assert_int_equal(outbox_wake_ms(&o), cases[at].dropped_at);
        expect_nothing(&o, cases[at].dropped_at - 1);
        expect(&o, cases[at].dropped_at, OUTBOX_DROP, 1);
        outbox_fini(&o);
    }
}

static void no_more_are_in_flight_than_allowed(void **state)
{
    (void)state;
    static const struct {
        uint32_t asked, allowed;
    } cases[] = {{0, 1}, {1, 1}, {3, 3}, {63, 63}, {64, 64}, {65, 64}, {UINT32_MAX, 64}};
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        struct outbox o;
        outbox_init(&o);
        for (unsigned n = 0; n < 70; n++) {
            add(&o, n);
        }
        outbox_connected(&o, cases[at].asked);
        for (unsigned n = 0; n < cases[at].allowed; n++) {
            expect(&o, 0, OUTBOX_SEND, n);
        }
        expect_nothing(&o, 0);
        assert_int_equal(outbox_wake_ms(&o), INT64_MAX);
        answer(&o, 0, 0, 0);
        expect(&o, 0, OUTBOX_MARK_SENT, 0);
        expect(&o, 0, OUTBOX_SEND, cases[at].allowed);
        outbox_fini(&o);
    }
}

static void a_lost_connection_sends_the_same_again_first_and_in_order(void **state)
{
    (void)state;
    struct outbox o;
    struct outbox_action a;
    outbox_init(&o);
    for (unsigned n = 0; n < 5; n++) {
        add(&o, n);
    }
    outbox_connected(&o, 3);
    for (unsigned n = 0; n < 3; n++) {
        expect(&o, 0, OUTBOX_SEND, n);
    }
    outbox_lost(&o);
    expect_nothing(&o, 0);
    outbox_connected(&o, 5);
    for (unsigned n = 0; n < 5; n++) {
        assert_true(outbox_next(&o, 0, &a));
        assert_int_equal(a.kind, OUTBOX_SEND);
        assert_memory_equal(a.id, id(n).bytes, LIMIT_ID_SIZE);
        assert_int_equal(a.resent, n < 3);
    }
    outbox_fini(&o);
}

static void a_busy_server_is_left_alone_for_as_long_as_it_asked(void **state)
{
    (void)state;
    static const int codes[] = {ERR_BUSY, ERR_DATABASE, ERR_CLOSING};
    for (size_t at = 0; at < sizeof codes / sizeof *codes; at++) {
        struct outbox o;
        outbox_init(&o);
        add(&o, 1);
        add(&o, 2);
        outbox_connected(&o, 1);
        expect(&o, 0, OUTBOX_SEND, 1);
        outbox_answer(&o, id(1).bytes, codes[at], 700, 100);
        expect_nothing(&o, 799);
        assert_int_equal(outbox_wake_ms(&o), 800);
        expect(&o, 800, OUTBOX_SEND, 2);
        outbox_fini(&o);
    }
}

/* Goal: one flight of refusals is one refusal, the next one waits longer, and never over a minute.
 */
static void pauses_grow_until_something_is_stored(void **state)
{
    (void)state;
    struct outbox o;
    struct outbox_action a;
    int64_t now = 0;
    static const int64_t pauses[] = {1, 2, 4, 8, 16, 32, 60, 60};
    outbox_init(&o);
    add(&o, 1);
    add(&o, 2);
    outbox_connected(&o, 2);
    for (size_t at = 0; at < sizeof pauses / sizeof *pauses; at++) {
        for (int sent = 0; sent < 2; sent++) {
            assert_true(outbox_next(&o, now, &a));
            assert_int_equal(a.kind, OUTBOX_SEND);
        }
        answer(&o, 1, ERR_BUSY, now);
        answer(&o, 2, ERR_BUSY, now);
        assert_int_equal(outbox_wake_ms(&o), now + 1000 * pauses[at]);
        now += 1000 * pauses[at];
    }
    assert_true(outbox_next(&o, now, &a));
    outbox_answer(&o, a.id, 0, 0, now);
    assert_true(outbox_next(&o, now, &a)); /* Marked. */
    assert_true(outbox_next(&o, now, &a));
    outbox_answer(&o, a.id, ERR_BUSY, 0, now);
    assert_int_equal(outbox_wake_ms(&o), now + 1000);
    outbox_fini(&o);
}

static void a_new_connection_ends_the_pause(void **state)
{
    (void)state;
    struct outbox o;
    outbox_init(&o);
    add(&o, 1);
    outbox_connected(&o, 1);
    expect(&o, 0, OUTBOX_SEND, 1);
    outbox_answer(&o, id(1).bytes, ERR_CLOSING, 30000, 0);
    outbox_lost(&o);
    outbox_connected(&o, 1);
    expect(&o, 1, OUTBOX_SEND, 1);
    outbox_fini(&o);
}

/* Goal: one that always fails never holds up the others. */
static void an_error_of_one_record_pauses_that_record_alone(void **state)
{
    (void)state;
    struct outbox o;
    outbox_init(&o);
    add(&o, 1);
    add(&o, 2);
    outbox_connected(&o, 1);
    expect(&o, 0, OUTBOX_SEND, 1);
    answer(&o, 1, ERR_INTERNAL, 0);
    expect(&o, 0, OUTBOX_SEND, 2);
    answer(&o, 2, 0, 0);
    expect(&o, 0, OUTBOX_MARK_SENT, 2);
    expect_nothing(&o, 999);
    assert_int_equal(outbox_wake_ms(&o), 1000);
    expect(&o, 1000, OUTBOX_SEND, 1);
    answer(&o, 1, ERR_TIMEOUT, 1000);
    assert_int_equal(outbox_wake_ms(&o), 3000);
    outbox_fini(&o);
}

/* Goal: no answer but the four that are final may ever make a record leave. */
static void only_four_answers_refuse_for_good(void **state)
{
    (void)state;
    static const struct {
        int rc;
        bool refused;
    } codes[] = {
#define CODE(name, code, text)                                                                     \
    {ERR_##name, ERR_##name == ERR_FIELD || ERR_##name == ERR_TICKET_UNKNOWN ||                    \
                     ERR_##name == ERR_TICKET_USED || ERR_##name == ERR_RATING_REFUSED},
        ERR_LIST(CODE)
#undef CODE
    };
    for (size_t at = 0; at < sizeof codes / sizeof *codes; at++) {
        struct outbox o;
        struct outbox_action a;
        outbox_init(&o);
        add(&o, 1);
        outbox_connected(&o, 1);
        expect(&o, 0, OUTBOX_SEND, 1);
        answer(&o, 1, codes[at].rc, 0);
        if (codes[at].refused) {
            assert_true(outbox_next(&o, 0, &a));
            assert_int_equal(a.kind, OUTBOX_REFUSE);
            assert_int_equal(a.rc, codes[at].rc);
            assert_int_equal(outbox_unsent(&o), 0);
        } else {
            expect_nothing(&o, 0);
            assert_int_equal(outbox_unsent(&o), 1);
            expect(&o, OUTBOX_PAUSE_MS_MAX, OUTBOX_SEND, 1);
        }
        outbox_fini(&o);
    }
}

static void a_late_stored_counts_and_other_late_answers_do_not(void **state)
{
    (void)state;
    struct outbox o;
    outbox_init(&o);
    add(&o, 1);
    add(&o, 2);
    outbox_connected(&o, 2);
    expect(&o, 0, OUTBOX_SEND, 1);
    expect(&o, 0, OUTBOX_SEND, 2);
    outbox_lost(&o);
    answer(&o, 1, 0, 0);
    answer(&o, 2, ERR_TICKET_USED, 0);
    answer(&o, 3, 0, 0);
    expect(&o, 0, OUTBOX_MARK_SENT, 1);
    expect_nothing(&o, 0);
    answer(&o, 1, ERR_FIELD, 0); /* It is kept already. */
    expect_nothing(&o, 0);
    outbox_connected(&o, 2);
    expect(&o, 0, OUTBOX_SEND, 2);
    outbox_fini(&o);
}

static void the_same_id_twice_is_a_conflict_and_ten_thousand_are_enough(void **state)
{
    (void)state;
    struct outbox o;
    outbox_init(&o);
    for (unsigned n = 0; n < OUTBOX_RECORDS_MAX; n++) {
        add(&o, n);
    }
    assert_int_equal(outbox_add(&o, id(77).bytes), ERR_CONFLICT);
    assert_int_equal(outbox_add(&o, id(OUTBOX_RECORDS_MAX).bytes), ERR_BUSY);
    outbox_forget(&o, id(77).bytes);
    outbox_forget(&o, id(77).bytes);
    assert_int_equal(outbox_add(&o, id(OUTBOX_RECORDS_MAX).bytes), 0);
    assert_int_equal(outbox_unsent(&o), OUTBOX_RECORDS_MAX);
    outbox_fini(&o);
}

/* Goal: whatever happens in whatever order, a record is in one list, none is lost but by the three
 * ways out, and the counts agree. Method: random events from fixed seeds. */
static void nothing_is_ever_lost(void **state)
{
    (void)state;
    enum { RECORDS = 40, STEPS = 4000 };
    static const int codes[] = {0, 0, ERR_BUSY, ERR_TIMEOUT, ERR_TICKET_USED, ERR_INTERNAL};
    unsigned all_marked = 0, all_refused = 0, all_dropped = 0;
    for (uint32_t seed = 1; seed <= 20; seed++) {
        uint32_t random = seed;
        unsigned added = 0, marked = 0, refused = 0, dropped = 0;
        int64_t now = 0;
        struct outbox o;
        struct outbox_action a;
        outbox_init(&o);
        for (int step = 0; step < STEPS; step++) {
            random = random * 1664525 + 1013904223;
            unsigned n = (random >> 8) % RECORDS;
            now += (random >> 16) % 500 * 200;
            switch (random >> 29) {
            case 0:
                added += outbox_add(&o, id(n).bytes) == 0 ? 1 : 0;
                break;
            case 1:
                (random >> 28) % 2 == 0 ? outbox_lost(&o) : outbox_connected(&o, 4);
                break;
            case 2:
            case 3:
                answer(&o, n, codes[(random >> 20) % 6], now);
                break;
            default:
                if (outbox_next(&o, now, &a)) {
                    marked += a.kind == OUTBOX_MARK_SENT ? 1 : 0;
                    refused += a.kind == OUTBOX_REFUSE ? 1 : 0;
                    dropped += a.kind == OUTBOX_DROP ? 1 : 0;
                }
            }
            unsigned held = 0;
            for (int list = 0; list < OUTBOX_STATES; list++) {
                held += outbox_count(&o, (enum outbox_state)list);
            }
            assert_int_equal(held, added - refused - dropped);
            assert_int_equal(outbox_count(&o, OUTBOX_KEPT), marked - dropped);
            assert_true(outbox_count(&o, OUTBOX_IN_FLIGHT) <= 4);
        }
        all_marked += marked;
        all_refused += refused;
        all_dropped += dropped;
        outbox_fini(&o);
    }
    assert_true(all_marked > 100 && all_refused > 100 && all_dropped > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_sent_before_a_connection),
        cmocka_unit_test(a_stored_record_is_marked_and_dropped_a_day_later),
        cmocka_unit_test(what_was_marked_before_the_start_keeps_its_age),
        cmocka_unit_test(what_the_server_asks_for_again_goes_again_and_counts_anew),
        cmocka_unit_test(what_was_marked_before_the_start_can_be_asked_for_too),
        cmocka_unit_test(two_thousand_are_kept),
        cmocka_unit_test(no_more_are_in_flight_than_allowed),
        cmocka_unit_test(a_lost_connection_sends_the_same_again_first_and_in_order),
        cmocka_unit_test(a_busy_server_is_left_alone_for_as_long_as_it_asked),
        cmocka_unit_test(pauses_grow_until_something_is_stored),
        cmocka_unit_test(a_new_connection_ends_the_pause),
        cmocka_unit_test(an_error_of_one_record_pauses_that_record_alone),
        cmocka_unit_test(only_four_answers_refuse_for_good),
        cmocka_unit_test(a_late_stored_counts_and_other_late_answers_do_not),
        cmocka_unit_test(the_same_id_twice_is_a_conflict_and_ten_thousand_are_enough),
        cmocka_unit_test(nothing_is_ever_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
