/* Goal: an address that floods waits behind itself, and nobody else behind it. Method: guests of a
 * few addresses, a clock that is handed in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/net/door.h"

enum { GUESTS = 64, HOLD_MS = 500 };
enum { FLOOD = 1, HOME, OTHER };

struct street {
    struct door door;
    struct door_guest guests[GUESTS];
    size_t count;
    uint64_t now;
};

static void begin(struct street *s, uint32_t inside_max, uint32_t waiting_max, uint32_t per_second)
{
    const struct door_limits limits = {inside_max, waiting_max, per_second, HOLD_MS};
    s->count = 0;
    s->now = 1000;
    door_init(&s->door, &limits, s->now);
}

/* Its number, or of who was turned away for it: -1 for nobody. */
static long knock(struct street *s, uint64_t where)
{
    assert_true(s->count < GUESTS);
    struct door_guest *away = door_knock(&s->door, &s->guests[s->count++], where, s->now);
    return away == NULL ? -1 : away - s->guests;
}

static long next(struct street *s, long *ret_gives_way)
{
    struct door_guest *gives_way, *g = door_next(&s->door, s->now, &gives_way);
    *ret_gives_way = gives_way == NULL ? -1 : gives_way - s->guests;
    return g == NULL ? -1 : g - s->guests;
}

static void assert_next(struct street *s, long expected)
{
    long gives_way;
    assert_int_equal(next(s, &gives_way), expected);
    assert_int_equal(gives_way, -1);
}

static void end(struct street *s)
{
    while (door_clear(&s->door) != NULL) {
    }
    assert_int_equal(s->door.waiting + s->door.inside, 0);
    assert_true(TAILQ_EMPTY(&s->door.turns));
}

static void alone_an_address_has_all_there_is(void **state)
{
    (void)state;
    struct street s;
    begin(&s, 4, 100, 100);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(knock(&s, HOME), -1);
    }
    for (int i = 0; i < 4; i++) {
        assert_next(&s, i);
    }
    assert_next(&s, -1);
    s.now += 10 * HOLD_MS;
    assert_next(&s, -1); /* It does not give way to itself. */
    door_leave(&s.door, &s.guests[1]);
    assert_next(&s, 4);
    end(&s);
}

static void who_comes_behind_a_flood_is_let_in_within_a_turn(void **state)
{
    (void)state;
    struct street s;
    begin(&s, 50, 100, 100);
    for (int i = 0; i < 20; i++) {
        (void)knock(&s, FLOOD);
    }
    assert_next(&s, 0);
    (void)knock(&s, HOME);
    (void)knock(&s, OTHER);
    assert_next(&s, 20);
    assert_next(&s, 21);
    assert_next(&s, 1);
    end(&s);
}

static void the_one_with_the_most_gives_way_when_all_places_are_taken(void **state)
{
    (void)state;
    struct street s;
    long gives_way;
    begin(&s, 3, 100, 100);
    for (int i = 0; i < 4; i++) {
        (void)knock(&s, FLOOD);
    }
    for (int i = 0; i < 3; i++) {
        assert_next(&s, i);
    }
    (void)knock(&s, HOME);
    assert_next(&s, -1); /* Each has its half second. */
    s.now += HOLD_MS;
    assert_int_equal(next(&s, &gives_way), 4);
    assert_int_equal(gives_way, 0);
    (void)knock(&s, HOME);
    s.now += HOLD_MS;
    assert_next(&s, -1); /* One and two are alike. */
    end(&s);
}

static void above_waiting_max_the_one_with_the_most_is_turned_away(void **state)
{
    (void)state;
    struct street s;
    begin(&s, 1, 4, 100);
    assert_int_equal(knock(&s, HOME), -1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(knock(&s, FLOOD), -1);
    }
    assert_int_equal(knock(&s, FLOOD), 1); /* The oldest of the flood, not the first to come. */
    assert_int_equal(knock(&s, OTHER), 2);
    assert_int_equal(s.door.waiting, 4);
    end(&s);
    begin(&s, 1, 1, 100);
    assert_int_equal(knock(&s, HOME), -1);
    assert_int_equal(knock(&s, HOME), 0);
    end(&s);
}

static void so_many_are_let_in_a_second(void **state)
{
    (void)state;
    struct street s;
    begin(&s, GUESTS, GUESTS, 8);
    for (int i = 0; i < GUESTS; i++) {
        (void)knock(&s, HOME);
    }
    assert_next(&s, 0); /* A quarter of a second's at once. */
    assert_next(&s, 1);
    assert_next(&s, -1);
    s.now += 124;
    assert_next(&s, -1);
    s.now += 1;
    assert_next(&s, 2);
    assert_next(&s, -1);
    s.now += 3600 * 1000; /* Nobody came for an hour: no more than that is saved up. */
    assert_next(&s, 3);
    assert_next(&s, 4);
    assert_next(&s, -1);
    end(&s);
    begin(&s, GUESTS, GUESTS, 1);
    (void)knock(&s, HOME);
    s.now += 1000;
    assert_next(&s, 0);
    end(&s);
}

static void who_waits_too_long_is_given_up(void **state)
{
    (void)state;
    struct street s;
    begin(&s, 1, 100, 100);
    (void)knock(&s, HOME);
    s.now += 10;
    (void)knock(&s, OTHER);
    s.now += 4990;
    assert_ptr_equal(door_give_up(&s.door, s.now, 5000), &s.guests[0]);
    assert_null(door_give_up(&s.door, s.now, 5000));
    assert_int_equal(s.door.waiting, 1);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alone_an_address_has_all_there_is),
        cmocka_unit_test(who_comes_behind_a_flood_is_let_in_within_a_turn),
        cmocka_unit_test(the_one_with_the_most_gives_way_when_all_places_are_taken),
        cmocka_unit_test(above_waiting_max_the_one_with_the_most_is_turned_away),
        cmocka_unit_test(so_many_are_let_in_a_second),
        cmocka_unit_test(who_waits_too_long_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
