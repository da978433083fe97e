/* Goal: from a stored rating to its alerts, exactly once in effect, with one aggregator or several.
 */
#include "tests/integration/pg/fixture.h"

#include <stdio.h>

#include "proto/wire/container_of.h"
#include "server/aggregator/aggregator.h"

struct running {
    struct aggregator aggregator;
    struct aggregator_options options;
    bool closed;
};

static void on_closed(struct aggregator *a)
{
    container_of(a, struct running, aggregator)->closed = true;
}

/* On the world's loop, beside the server's store. */
static void start(struct fixture *f, struct running *r, uint32_t poll_ms)
{
    *r = (struct running){
        .options = {.database_call_s = 20, .poll_ms = poll_ms, .claim_ratings_max = 1000}};
    (void)snprintf(r->options.database, sizeof r->options.database, "%s",
                   f->database.as_aggregator);
    aggregator_init(&r->aggregator, &r->options, NULL, NULL);
    aggregator_start(&r->aggregator, &f->world.loop);
    world_until(&f->world, aggregator_ready(&r->aggregator));
}

static void stop(struct fixture *f, struct running *r)
{
    aggregator_stop(&r->aggregator, on_closed);
    aggregator_stop(&r->aggregator, on_closed);
    assert_false(r->closed);
    world_until(&f->world, r->closed);
}

enum { LOW = 60, VERY_LOW = 40, FINE = 95 };

static void rate(struct fixture *f, unsigned number, int16_t score)
{
    struct store_rating r = rating_of(&f->practice, number);
    struct heard h;
    for (int i = 0; i < STORE_AREAS; i++) {
        r.scores[i] = score;
    }
    assert_int_equal(insert_ratings(&f->world, &h, &r, 1), 0);
}

static int64_t alerts(struct fixture *f, const char *condition)
{
    return database_number(&f->database,
                           "select count(*) from alert where practice_id = %" PRId64 " and %s",
                           f->practice.practice_id, condition);
}

static int64_t ruptures(struct fixture *f, const char *where)
{
    return database_number(&f->database,
                           "select count(*) from rupture where practice_id = %" PRId64 " and %s",
                           f->practice.practice_id, where);
}

/* Every batch is gone, so all that is to be said has been said. */
static void until_all_is_evaluated(struct fixture *f)
{
    while (database_number(&f->database, "select count(*) from rating_batch") > 0) {
        (void)uv_run(&f->world.loop, UV_RUN_ONCE);
    }
}

static void a_low_rating_is_an_alert_once_per_rule(void **state)
{
    struct fixture *f = *state;
    struct running r;
    start(f, &r, 60000);
    rate(f, 0, VERY_LOW);
    until_all_is_evaluated(f);
    rate(f, 0, VERY_LOW); /* A resend. */
    until_all_is_evaluated(f);
    assert_int_equal(alerts(f, "rule = 'VERY_LOW' and tier = 'red' and not late"), 1);
    assert_int_equal(alerts(f, "rule = 'LEVEL' and tier = 'amber'"), 1);
    assert_int_equal(alerts(f, "rule = 'EARLY' and tier = 'amber'"), 1);
    assert_int_equal(alerts(f, "true"), 3);
    assert_int_equal(database_number(&f->database,
                                     "select count(*) from alert_delivery where practice_id ="
                                     " %" PRId64,
                                     f->practice.practice_id),
                     1);
    stop(f, &r);
}

static void what_was_stored_before_it_started_is_found(void **state)
{
    struct fixture *f = *state;
    struct running r;
    rate(f, 0, VERY_LOW);
    start(f, &r, 60000);
    until_all_is_evaluated(f);
    assert_int_equal(alerts(f, "rule = 'VERY_LOW'"), 1);
    stop(f, &r);
}

/* Goal: the table is the truth. Method: a batch that nobody was told of. */
static void a_batch_without_a_hint_is_found_by_the_poll(void **state)
{
    struct fixture *f = *state;
    struct running r;
    start(f, &r, 100);
    until_all_is_evaluated(f);
    database_do(&f->database,
                "insert into rating (practice_id, rating_id, ticket_id, session_id, course_id,"
                " therapist_id, session_start, session_end, made_at, understanding, relevance,"
                " safety, fit, skipped, instrument) select practice_id, gen_random_uuid(),"
                " ticket_id, session_id, course_id, therapist_id, session_start, session_end,"
                " now(), 10, 10, 10, 10, false, 'x' from ticket where practice_id = %" PRId64
                " order by session_start limit 1",
                f->practice.practice_id);
    database_do(&f->database,
                "insert into rating_batch (practice_ids, rating_ids)"
                " select array_agg(practice_id), array_agg(rating_id) from rating"
                " where practice_id = %" PRId64,
                f->practice.practice_id);
    until_all_is_evaluated(f);
    assert_int_equal(alerts(f, "rule = 'VERY_LOW'"), 1);
    stop(f, &r);
}

/* Goal: a rating that arrives late is judged in its place, and those after it again. Method: four
 * that look steady, until an earlier one shows that the last is a drop: with three earlier ratings
 * it needs one more. */
static void a_late_rating_is_judged_in_its_place(void **state)
{
    struct fixture *f = *state;
    struct running r;
    start(f, &r, 60000);
    rate(f, 1, FINE);
    rate(f, 2, FINE);
    rate(f, 3, 85); /* 34.0: below 36 and 4.0 below, but only two before it. */
    until_all_is_evaluated(f);
    assert_int_equal(alerts(f, "rule = 'DROP'"), 0);
    database_do(&f->database,
                "update rating set session_end = now() - interval '1 hour' where practice_id ="
                " %" PRId64,
                f->practice.practice_id);
    rate(f, 0, FINE);
    until_all_is_evaluated(f);
    assert_int_equal(alerts(f, "rule = 'DROP' and late"), 1);
    assert_int_equal(alerts(f, "rule = 'LEVEL'"), 1); /* Given before; it stands. */
    assert_int_equal(alerts(f, "rule = 'LEVEL' and not late"), 1);
    stop(f, &r);
}

static void several_at_once_say_everything_once(void **state)
{
    struct fixture *f = *state;
    struct running r[3];
    for (int i = 0; i < 3; i++) {
        start(f, &r[i], 60000);
    }
    for (unsigned i = 8; i < 60; i++) {
        database_ticket(&f->database, &f->practice, i);
    }
    for (unsigned i = 0; i < 60; i++) {
        rate(f, i, VERY_LOW);
    }
    until_all_is_evaluated(f);
    assert_int_equal(alerts(f, "rule = 'VERY_LOW'"), 60);
    assert_int_equal(alerts(f, "rule = 'VERY_LOW' and tier = 'red'"), ruptures(f, "true"));
    /* Unrepaired after three, then the next one opens another: 1, 5, 9, … */
    assert_int_equal(ruptures(f, "state = 'unrepaired'"), 15);
    assert_int_equal(ruptures(f, "true"), 15);
    assert_int_equal(alerts(f, "rule = 'LEVEL'"), 60);
    for (int i = 0; i < 3; i++) {
        stop(f, &r[i]);
    }
}

/* Goal: a claim that is cut is undone and found again. Method: cut the connection over and over
 * while ratings come. */
static void a_claim_that_is_cut_is_found_again(void **state)
{
    struct fixture *f = *state;
    struct running r;
    start(f, &r, 100);
    for (unsigned i = 0; i < 8; i++) {
        rate(f, i, VERY_LOW);
        database_cut(&f->database, "attune_aggregator");
    }
    until_all_is_evaluated(f);
    assert_int_equal(alerts(f, "rule = 'VERY_LOW'"), 8);
    assert_int_equal(alerts(f, "rule = 'LEVEL'"), 8);
    stop(f, &r);
}

static void a_fine_rating_says_nothing(void **state)
{
    struct fixture *f = *state;
    struct running r;
    start(f, &r, 60000);
    rate(f, 0, FINE);
    until_all_is_evaluated(f);
    assert_int_equal(alerts(f, "true"), 0);
    stop(f, &r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_low_rating_is_an_alert_once_per_rule),
        WITH_FIXTURE(what_was_stored_before_it_started_is_found),
        WITH_FIXTURE(a_batch_without_a_hint_is_found_by_the_poll),
        WITH_FIXTURE(a_late_rating_is_judged_in_its_place),
        WITH_FIXTURE(several_at_once_say_everything_once),
        WITH_FIXTURE(a_claim_that_is_cut_is_found_again),
        WITH_FIXTURE(a_fine_rating_says_nothing),
    };
    return cmocka_run_group_tests(tests, fixture_start_database, fixture_stop_database);
}
