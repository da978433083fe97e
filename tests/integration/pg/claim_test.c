/* Goal: claims, their windows, and what ends them. More than 500
 * lines: all that a claim promises, from one fixture. */
#include "tests/integration/pg/fixture.h"

#include "proto/wire/container_of.h"
#include "server/pg/store_claim.h"

enum { KEPT_MAX = 64 };

struct claimed {
    struct store_claim claim;
    unsigned count; /* Verdicts heard. */
    int rc;
    size_t ratings, claimed;
    struct store_claimed kept[KEPT_MAX];
};

static void on_claimed(struct store_claim *c, int rc, const struct store_claimed *ratings,
                       size_t count)
{
    struct claimed *h = container_of(c, struct claimed, claim);
    assert_true(count <= KEPT_MAX);
    h->count++;
    h->rc = rc;
    h->ratings = count;
    h->claimed = 0;
    for (size_t i = 0; i < count; i++) {
        h->kept[i] = ratings[i];
        h->claimed += ratings[i].claimed;
    }
}

static void on_step(struct store_claim *c, int rc)
{
    struct claimed *h = container_of(c, struct claimed, claim);
    h->count++;
    h->rc = rc;
}

static int claim(struct world *w, struct claimed *h, unsigned ratings_max)
{
    *h = (struct claimed){0};
    int rc = store_claim(&w->store, &h->claim, ratings_max, on_claimed);
    assert_int_equal(rc, 0);
    world_until(w, h->count > 0);
    return h->rc;
}

static int commit(struct world *w, struct claimed *h)
{
    h->count = 0;
    int rc = store_claim_commit(&h->claim, on_step);
    if (rc == 0) {
        world_until(w, h->count > 0);
        rc = h->rc;
    }
    return rc;
}

static int write_alert(struct world *w, struct claimed *h, size_t of, const char *rule)
{
    const struct store_new_alert alert = {.rating = &h->kept[of],
                                          .rule = rule,
                                          .rule_version = 1,
                                          .tier = STORE_TIER_RED,
                                          .inputs = "{}",
                                          .wording = "en/1",
                                          .usual = {-1, -1, -1, -1},
                                          .what = "what",
                                          .why = "why",
                                          .now = "now",
                                          .next_time = "next"};
    h->count = 0;
    const struct store_claim_news news = {
        .alerts = &alert, .alert_count = 1, .pushes_at = 64, .pushes = 8};
    int rc = store_claim_write(&h->claim, &news, on_step);
    if (rc == 0) {
        world_until(w, h->count > 0);
        rc = h->rc;
    }
    return rc;
}

static void start_aggregator(struct fixture *f, struct world *w)
{
    world_init(w, f->database.as_aggregator);
    w->options.connections = 1;
    w->options.listen_room = w->options.listen_alert = false;
    world_start(w);
    world_until_up(w);
}

static void insert(struct fixture *f, unsigned first, unsigned count)
{
    struct store_rating rows[8];
    struct heard h;
    for (unsigned i = 0; i < count; i++) {
        rows[i] = rating_of(&f->practice, first + i);
    }
    assert_int_equal(insert_ratings(&f->world, &h, rows, count), 0);
}

static int64_t batches(struct fixture *f)
{
    return database_number(&f->database, "select count(*) from rating_batch");
}

static int64_t alerts(struct fixture *f)
{
    return database_number(&f->database, "select count(*) from alert where practice_id = %" PRId64,
                           f->practice.practice_id);
}

static void a_claim_has_the_ratings_in_session_time_with_those_around(void **state)
{
    struct fixture *f = *state;
    struct world w;
    struct claimed h;
    start_aggregator(f, &w);
    insert(f, 4, 1);
    insert(f, 0, 1);
    assert_int_equal(claim(&w, &h, 1000), 0);
    assert_int_equal(h.claimed, 2);
    assert_int_equal(commit(&w, &h), 0);
    assert_int_equal(batches(f), 0);
    insert(f, 2, 1);
    assert_int_equal(claim(&w, &h, 1000), 0);
    assert_int_equal(h.ratings, 3);
    assert_int_equal(h.claimed, 1);
    for (unsigned i = 0; i < 3; i++) {
        uint8_t id[STORE_ID];
        id_of(&f->practice, ID_RATING, 2 * i, id);
        assert_memory_equal(h.kept[i].rating_id, id, STORE_ID);
        assert_int_equal(h.kept[i].claimed, i == 1);
        assert_false(h.kept[i].late); /* By the clock alone: the sessions go on. */
        assert_int_equal(h.kept[i].scores[3], 90);
        assert_int_equal(h.kept[i].tension, STORE_TENSION_NOT_ANSWERED);
        assert_false(h.kept[i].opened);
    }
    assert_int_equal(commit(&w, &h), 0);
    world_stop(&w);
}

static void a_window_is_twenty_back_and_all_on(void **state)
{
    struct fixture *f = *state;
    struct world w;
    struct claimed h;
    start_aggregator(f, &w);
    for (unsigned i = 8; i < 50; i++) {
        database_ticket(&f->database, &f->practice, i);
    }
    for (unsigned i = 0; i < 50; i++) {
        if (i != 25) {
            insert(f, i, 1);
        }
    }
    database_do(&f->database, "delete from rating_batch");
    insert(f, 25, 1);
    assert_int_equal(claim(&w, &h, 1000), 0);
    assert_int_equal(h.ratings, 20 + 24);
    assert_true(h.kept[19].claimed);
    assert_int_equal(commit(&w, &h), 0);
    world_stop(&w);
}

static void batches_of_resends_are_passed_over(void **state)
{
    struct fixture *f = *state;
    struct world w;
    struct claimed h;
    start_aggregator(f, &w);
    insert(f, 0, 1);
    database_do(&f->database, "delete from rating_batch");
    for (int i = 0; i < 70; i++) {
        insert(f, 0, 1);
    }
    insert(f, 1, 1);
    assert_int_equal(claim(&w, &h, 1000), 0);
    assert_int_equal(h.claimed, 1);
    assert_int_equal(commit(&w, &h), 0);
    assert_int_equal(batches(f), 0);
    world_stop(&w);
}

static void a_claim_is_bounded_but_never_empty(void **state)
{
    struct fixture *f = *state;
    struct world w;
    struct claimed h;
    start_aggregator(f, &w);
    insert(f, 0, 3);
    insert(f, 3, 2);
    insert(f, 5, 2);
    static const size_t wanted[] = {3, 4};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(claim(&w, &h, i == 0 ? 2 : 4), 0); /* The first alone has more than 2. */
        assert_int_equal(h.claimed, wanted[i]);
        assert_int_equal(commit(&w, &h), 0);
    }
    assert_int_equal(batches(f), 0);
    world_stop(&w);
}

static void two_claims_never_share_a_batch(void **state)
{
    struct fixture *f = *state;
    struct world a, b;
    struct claimed ha, hb;
    start_aggregator(f, &a);
    start_aggregator(f, &b);
    struct practice other;
    database_practice(&f->database, &other);
    database_ticket(&f->database, &other, 0);
    struct store_rating elsewhere = rating_of(&other, 0);
    struct heard h;
    insert(f, 0, 1);
    assert_int_equal(claim(&a, &ha, 1000), 0);
    assert_int_equal(insert_ratings(&f->world, &h, &elsewhere, 1), 0);
    assert_int_equal(claim(&b, &hb, 1000), 0); /* Another practice's does not wait. */
    assert_int_equal(ha.claimed, 1);
    assert_int_equal(hb.claimed, 1);
    assert_int_equal(commit(&a, &ha), 0);
    assert_int_equal(commit(&b, &hb), 0);
    assert_int_equal(batches(f), 0);
    world_stop(&a);
    world_stop(&b);
}

/* Goal: killed anywhere, all or nothing. Method: cut the connection after the claim, and after the
 * write. */
static void a_cut_claim_is_undone_whole(void **state)
{
    struct fixture *f = *state;
    struct world w;
    struct claimed h;
    start_aggregator(f, &w);
    insert(f, 0, 1);
    for (int write_first = 0; write_first < 2; write_first++) {
        assert_int_equal(claim(&w, &h, 1000), 0);
        if (write_first) {
            assert_int_equal(write_alert(&w, &h, 0, "TEST"), 0);
        }
        database_cut(&f->database, "attune_aggregator");
        assert_int_equal(commit(&w, &h), ERR_DATABASE);
        assert_int_equal(batches(f), 1);
        assert_int_equal(alerts(f), 0);
        world_until_up(&w);
    }
    assert_int_equal(claim(&w, &h, 1000), 0);
    assert_int_equal(h.claimed, 1);
    assert_int_equal(write_alert(&w, &h, 0, "TEST"), 0);
    assert_int_equal(commit(&w, &h), 0);
    assert_int_equal(alerts(f), 1);
    world_stop(&w);
}

/* Goal: the step after a lost connection never runs outside its transaction. Method: the connection
 * is back before the commit is asked for. */
static void a_step_on_a_new_connection_is_refused(void **state)
{
    struct fixture *f = *state;
    struct world w;
    struct claimed h;
    start_aggregator(f, &w);
    insert(f, 0, 1);
    assert_int_equal(claim(&w, &h, 1000), 0);
    database_cut(&f->database, "attune_aggregator");
    unsigned downs = w.downs;
    world_until(&w, w.downs > downs);
    world_until_up(&w);
    assert_int_equal(write_alert(&w, &h, 0, "TEST"), ERR_DATABASE);
    assert_int_equal(alerts(f), 0);
    assert_int_equal(batches(f), 1);
    world_stop(&w);
}

/* Goal: an error within the transaction undoes it, and the connection is good for the next. */
static void a_refused_alert_undoes_the_claim(void **state)
{
    struct fixture *f = *state;
    struct world w;
    struct claimed h;
    start_aggregator(f, &w);
    insert(f, 0, 1);
    assert_int_equal(claim(&w, &h, 1000), 0);
    assert_int_not_equal(write_alert(&w, &h, 0, "\xff"), 0);
    unsigned downs = w.downs;
    assert_int_equal(claim(&w, &h, 1000), 0);
    assert_int_equal(h.claimed, 1);
    assert_int_equal(w.downs, downs);
    assert_int_equal(commit(&w, &h), 0);
    world_stop(&w);
}

static void an_alert_is_written_once_and_sent_if_red(void **state)
{
    struct fixture *f = *state;
    struct world w;
    struct claimed h;
    start_aggregator(f, &w);
    insert(f, 0, 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(claim(&w, &h, 1000), 0);
        assert_int_equal(write_alert(&w, &h, 0, "TEST"), 0);
        f->world.wakes = 0;
        assert_int_equal(commit(&w, &h), 0);
        world_until(&f->world, f->world.wakes & STORE_WAKE_ALERT);
        assert_int_equal(alerts(f), 1);
        assert_int_equal(database_number(&f->database,
                                         "select count(*) from alert_delivery where practice_id ="
                                         " %" PRId64 " and therapist_id = %" PRId64,
                                         f->practice.practice_id, f->practice.therapist_id),
                         1);
        database_do(&f->database,
                    "insert into rating_batch (practice_ids, rating_ids)"
                    " select array_agg(practice_id), array_agg(rating_id)"
                    " from rating where practice_id = %" PRId64,
                    f->practice.practice_id);
    }
    world_stop(&w);
}

static void an_imported_ratings_alert_is_listed_not_sent(void **state)
{
    struct fixture *f = *state;
    struct world w;
    struct claimed h;
    start_aggregator(f, &w);
    database_do(&f->database, "update ticket set imported = true where practice_id = %" PRId64,
                f->practice.practice_id);
    insert(f, 0, 1);
    assert_int_equal(claim(&w, &h, 1000), 0);
    assert_true(h.kept[0].late);
    assert_int_equal(write_alert(&w, &h, 0, "TEST"), 0);
    assert_int_equal(commit(&w, &h), 0);
    assert_int_equal(alerts(f), 1);
    assert_int_equal(database_number(&f->database,
                                     "select count(*) from alert_delivery where practice_id ="
                                     " %" PRId64,
                                     f->practice.practice_id),
                     0);
    world_stop(&w);
}

/* Goal: a second aggregator passes over what stands behind the first, and does not wait for it
 * while there is other work. Method: the older batch is of the practice that the first is at. */
static void a_claim_passes_over_a_practice_that_somebody_is_at(void **state)
{
    struct fixture *f = *state;
    struct world a, b;
    struct claimed ha, hb;
    struct heard h;
    struct practice other;
    start_aggregator(f, &a);
    start_aggregator(f, &b);
    database_practice(&f->database, &other);
    database_ticket(&f->database, &other, 0);
    struct store_rating elsewhere = rating_of(&other, 0);
    insert(f, 0, 1);
    assert_int_equal(claim(&a, &ha, 1000), 0);
    insert(f, 1, 1);
    assert_int_equal(insert_ratings(&f->world, &h, &elsewhere, 1), 0);
    assert_int_equal(claim(&b, &hb, 1), 0);
    assert_int_equal(hb.claimed, 1);
    assert_int_equal(hb.kept[0].practice_id, other.practice_id);
    assert_int_equal(commit(&b, &hb), 0);
    assert_int_equal(batches(f), 2); /* What the first holds is not gone yet. */
    assert_int_equal(commit(&a, &ha), 0);
    assert_int_equal(claim(&a, &ha, 1000), 0);
    assert_int_equal(ha.claimed, 1);
    assert_int_equal(commit(&a, &ha), 0);
    assert_int_equal(batches(f), 0);
    world_stop(&a);
    world_stop(&b);
}

/* Goal: one looks at a time: two that looked at once could each take the other's look for work
 * under way, and both go idle. Method: somebody is looking. */
static void a_claim_waits_while_somebody_looks(void **state)
{
    struct fixture *f = *state;
    struct world w;
    struct claimed h = {0};
    start_aggregator(f, &w);
    insert(f, 0, 1);
    database_do(&f->database, "select pg_advisory_lock(7443, 1)");
    assert_int_equal(store_claim(&w.store, &h.claim, 1000, on_claimed), 0);
    while (h.count == 0 &&
           database_number(&f->database, "select count(*) from pg_locks where"
                                         " locktype = 'advisory' and not granted") == 0) {
        (void)uv_run(&w.loop, UV_RUN_NOWAIT);
    }
    assert_int_equal(h.count, 0);
    database_do(&f->database, "select pg_advisory_unlock(7443, 1)");
    world_until(&w, h.count > 0);
    assert_int_equal(h.rc, 0);
    assert_int_equal(h.claimed, 1);
    assert_int_equal(database_number(&f->database, "select count(*) from pg_locks where"
                                                   " locktype = 'advisory' and classid = 7443"),
                     0); /* Let go of before anything else. */
    assert_int_equal(commit(&w, &h), 0);
    world_stop(&w);
}

/* Goal: one statement's ratings of several practices can be claimed apart. */
static void a_batch_of_two_practices_can_be_claimed_apart(void **state)
{
    struct fixture *f = *state;
    struct world w;
    struct claimed h;
    struct heard told;
    struct practice other;
    do { /* The rows go by the practice's number. */
        database_practice(&f->database, &other);
    } while (other.practice_id % 8 == f->practice.practice_id % 8);
    database_ticket(&f->database, &other, 0);
    struct store_rating rows[2] = {rating_of(&f->practice, 0), rating_of(&other, 0)};
    start_aggregator(f, &w);
    assert_int_equal(insert_ratings(&f->world, &told, rows, 2), 0);
    assert_int_equal(batches(f), 2);
    assert_int_equal(claim(&w, &h, 1), 0);
    assert_int_equal(h.claimed, 1);
    assert_int_equal(commit(&w, &h), 0);
    assert_int_equal(batches(f), 1);
    assert_int_equal(claim(&w, &h, 1000), 0);
    assert_int_equal(commit(&w, &h), 0);
    world_stop(&w);
}

/* Goal: ids that are committed and not yet visible (several nodes) go back; after ten minutes they
 * are given up. */
static void ids_without_a_rating_go_back_for_a_while(void **state)
{
    struct fixture *f = *state;
    struct world w;
    struct claimed h;
    start_aggregator(f, &w);
    insert(f, 0, 1);
    database_do(&f->database,
                "update rating_batch set practice_ids = practice_ids || %" PRId64
                "::bigint, rating_ids = rating_ids || gen_random_uuid()",
                f->practice.practice_id);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(claim(&w, &h, 1000), 0);
        assert_int_equal(h.claimed, i == 0 ? 1 : 0);
        assert_int_equal(commit(&w, &h), 0);
        assert_int_equal(batches(f), 1);
    }
    database_do(&f->database, "update rating_batch set made_at = now() - interval '11 minutes'");
    assert_int_equal(claim(&w, &h, 1000), 0);
    assert_int_equal(commit(&w, &h), 0);
    assert_int_equal(batches(f), 0);
    world_stop(&w);
}

static void a_session_long_over_makes_its_rating_late(void **state)
{
    struct fixture *f = *state;
    struct world w;
    struct claimed h;
    static const struct {
        const char *end;
        bool late;
    } table[] = {{"-9 minutes", false}, {"-11 minutes", true}};
    start_aggregator(f, &w);
    for (unsigned i = 0; i < 2; i++) {
        database_do(&f->database,
                    "update ticket set session_end = now() + interval '%s'"
                    " where practice_id = %" PRId64,
                    table[i].end, f->practice.practice_id);
        insert(f, i, 1);
        assert_int_equal(claim(&w, &h, 1000), 0);
        assert_int_equal(h.kept[i].late, table[i].late);
        assert_int_equal(commit(&w, &h), 0);
    }
    world_stop(&w);
}

/* Planned for 50 minutes, and all of them still under way by the plan. */
static void a_session_that_was_closed_or_parked_makes_its_rating_late(void **state)
{
    struct fixture *f = *state;
    struct world w;
    struct claimed h;
    static const struct {
        const char *change;
        bool late;
    } table[] = {{"closed_at = now() - interval '9 minutes', state = 'closed'", false},
                 {"closed_at = now() - interval '11 minutes', state = 'closed'", true},
                 {"closed_at = null, state = 'parked'", true},
                 {"closed_at = null, state = 'invited'", false}};
    start_aggregator(f, &w);
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        database_do(&f->database, "update session set %s where practice_id = %" PRId64,
                    table[i].change, f->practice.practice_id);
        insert(f, i, 1);
        assert_int_equal(claim(&w, &h, 1000), 0);
        assert_int_equal(h.kept[i].late, table[i].late);
        assert_int_equal(commit(&w, &h), 0);
    }
    world_stop(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_claim_has_the_ratings_in_session_time_with_those_around),
        WITH_FIXTURE(a_window_is_twenty_back_and_all_on),
        WITH_FIXTURE(batches_of_resends_are_passed_over),
        WITH_FIXTURE(a_claim_is_bounded_but_never_empty),
        WITH_FIXTURE(two_claims_never_share_a_batch),
        WITH_FIXTURE(a_cut_claim_is_undone_whole),
        WITH_FIXTURE(a_step_on_a_new_connection_is_refused),
        WITH_FIXTURE(a_refused_alert_undoes_the_claim),
        WITH_FIXTURE(an_alert_is_written_once_and_sent_if_red),
        WITH_FIXTURE(an_imported_ratings_alert_is_listed_not_sent),
        WITH_FIXTURE(a_claim_passes_over_a_practice_that_somebody_is_at),
        WITH_FIXTURE(a_claim_waits_while_somebody_looks),
        WITH_FIXTURE(a_batch_of_two_practices_can_be_claimed_apart),
        WITH_FIXTURE(ids_without_a_rating_go_back_for_a_while),
        WITH_FIXTURE(a_session_long_over_makes_its_rating_late),
        WITH_FIXTURE(a_session_that_was_closed_or_parked_makes_its_rating_late),
    };
    return cmocka_run_group_tests(tests, fixture_start_database, fixture_stop_database);
}
