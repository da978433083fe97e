/* Goal: of two who came together neither one's session is seen before both are done, however the
 * news comes; and a session of one alone is never covered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "client/therapist/together.h"

enum {
    OPEN = ATTUNE__SESSION_STATE__SESSION_OPEN,
    PARKED = ATTUNE__SESSION_STATE__SESSION_PARKED,
    CLOSED = ATTUNE__SESSION_STATE__SESSION_CLOSED,
    NONE = ATTUNE__SESSION_OUTCOME__SESSION_OUTCOME_NONE,
    RATED = ATTUNE__SESSION_OUTCOME__SESSION_RATED,
    SKIPPED = ATTUNE__SESSION_OUTCOME__SESSION_SKIPPED
};

static struct together together;

static const uint8_t *id_of(unsigned number)
{
    static uint8_t id[LIMIT_ID_SIZE];
    memset(id, 0, sizeof id);
    id[0] = 1;
    id[1] = (uint8_t)number;
    return id;
}

/* Session `number` of the client of that number; `first` 0: not the second of two. */
static bool told(unsigned number, unsigned first, int state, int outcome)
{
    uint8_t id[LIMIT_ID_SIZE], with[LIMIT_ID_SIZE];
    char client[] = {'c', (char)('0' + number % 10), '\0'};
    Attune__Session s = ATTUNE__SESSION__INIT;
    memcpy(id, id_of(number), sizeof id);
    s.session_id = (ProtobufCBinaryData){sizeof id, id};
    s.client_ref = client;
    s.state = (Attune__SessionState)state;
    s.outcome = (Attune__SessionOutcome)outcome;
    if (first != 0) {
        memcpy(with, id_of(first), sizeof with);
        s.together_with = (ProtobufCBinaryData){sizeof with, with};
    }
    return together_take(&together, &s);
}

static bool covers(unsigned number)
{
    return together_covers(&together, id_of(number));
}

static void one_alone_is_never_covered(void **state)
{
    (void)state;
    together_init(&together);
    assert_true(told(1, 0, OPEN, NONE));
    assert_false(covers(1));
    assert_true(told(1, 0, OPEN, RATED));
    assert_false(covers(1));
    assert_false(told(1, 0, OPEN, RATED)); /* Nothing new. */
    assert_false(covers(2));
    assert_false(together_covers_client(&together, "c1"));
}

static void both_are_covered_until_both_are_done(void **state)
{
    const int outcomes[] = {RATED, SKIPPED};
    (void)state;
    for (unsigned at = 0; at < 4; at++) {
        int first = outcomes[at % 2], second = outcomes[at / 2];
        together_init(&together);
        (void)told(1, 0, OPEN, NONE);
        assert_true(told(2, 1, OPEN, NONE));
        assert_true(covers(1) && covers(2));
        assert_true(told(1, 0, OPEN, first));
        assert_true(covers(1) && covers(2));
        assert_true(together_covers_client(&together, "c1"));
        assert_true(together_covers_client(&together, "c2"));
        assert_false(together_covers_client(&together, "c3"));
        assert_true(told(2, 1, OPEN, second));
        assert_false(covers(1) || covers(2));
        assert_false(together_covers_client(&together, "c1"));
    }
}

static void the_second_one_may_be_the_first_that_is_told_or_done(void **state)
{
    (void)state;
    together_init(&together);
    (void)told(2, 1, OPEN, RATED);
    assert_true(covers(2)); /* Its first one may be anything. */
    (void)told(1, 0, OPEN, NONE);
    assert_true(covers(1) && covers(2));
    (void)told(1, 0, OPEN, RATED);
    assert_false(covers(1) || covers(2));
}

static void what_is_over_keeps_nothing_covered(void **state)
{
    const int overs[] = {CLOSED, PARKED};
    (void)state;
    for (unsigned at = 0; at < 2; at++) {
        together_init(&together);
        (void)told(1, 0, OPEN, RATED);
        (void)told(2, 1, OPEN, NONE);
        assert_true(covers(1));
        assert_true(told(2, 1, overs[at], NONE));
        assert_false(covers(1) || covers(2));
        (void)told(2, 1, OPEN, NONE); /* Older news that comes late. */
        assert_false(covers(1));
    }
}

static void a_second_one_may_come_to_one_who_is_under_way_and_alone(void **state)
{
    (void)state;
    together_init(&together);
    assert_false(together_may_join(&together, id_of(1)));
    (void)told(1, 0, OPEN, NONE);
    assert_true(together_may_join(&together, id_of(1)));
    (void)told(2, 1, OPEN, NONE);
    assert_false(together_may_join(&together, id_of(1)));
    assert_false(together_may_join(&together, id_of(2)));
    (void)told(2, 1, CLOSED, NONE); /* It makes room for another. */
    assert_true(together_may_join(&together, id_of(1)));
    (void)told(3, 1, OPEN, NONE);
    assert_false(together_may_join(&together, id_of(1)));
    assert_true(covers(1) && covers(3));
    (void)told(1, 0, CLOSED, NONE);
    assert_false(together_may_join(&together, id_of(1)));
}

static void those_under_way_are_not_forgotten(void **state)
{
    (void)state;
    together_init(&together);
    (void)told(1, 0, OPEN, RATED);
    (void)told(2, 1, OPEN, NONE);
    for (unsigned number = 3; number < 3 + 2 * TOGETHER_MAX; number++) {
        (void)told(number, 0, CLOSED, RATED);
    }
    assert_true(covers(1) && covers(2));
    assert_true(together_knows(&together, id_of(1)));
    assert_false(together_knows(&together, id_of(3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_alone_is_never_covered),
        cmocka_unit_test(both_are_covered_until_both_are_done),
        cmocka_unit_test(the_second_one_may_be_the_first_that_is_told_or_done),
        cmocka_unit_test(what_is_over_keeps_nothing_covered),
        cmocka_unit_test(a_second_one_may_come_to_one_who_is_under_way_and_alone),
        cmocka_unit_test(those_under_way_are_not_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
