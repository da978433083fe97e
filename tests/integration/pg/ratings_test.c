/* Goal: what store_ratings_insert promises, against a real PostgreSQL. */
#include "tests/integration/pg/fixture.h"

static int64_t stored(struct fixture *f)
{
    return database_number(&f->database, "select count(*) from rating where practice_id = %" PRId64,
                           f->practice.practice_id);
}

static void a_rating_is_stored_as_it_was_given(void **state)
{
    struct fixture *f = *state;
    struct store_rating r = rating_of(&f->practice, 0);
    struct heard h;
    r.scores[1] = STORE_NOT_ANSWERED;
    r.scores[2] = 0;
    r.talk = STORE_TALK_RATHER_NOT;
    assert_int_equal(insert_ratings(&f->world, &h, &r, 1), 0);
    assert_int_equal(h.results, 1);
    assert_int_equal(h.fates[0], STORE_NEW);
    assert_int_equal(
        database_number(&f->database,
                        "select count(*) from rating where practice_id = %" PRId64
                        " and understanding = 90 and relevance is null and safety = 0 and fit = 90"
                        " and talk = 'rather not' and not skipped and not imported"
                        " and course_id = %" PRId64 " and therapist_id = %" PRId64
                        " and made_at = to_timestamp(1780000000) and instrument ="
                        " 'attune-adult-en/1'",
                        f->practice.practice_id, f->practice.course_id, f->practice.therapist_id),
        1);
}

static void a_skip_has_no_scores(void **state)
{
    struct fixture *f = *state;
    struct store_rating r = rating_of(&f->practice, 0);
    struct heard h;
    r.skipped = true;
    for (int i = 0; i < STORE_AREAS; i++) {
        r.scores[i] = STORE_NOT_ANSWERED;
    }
    assert_int_equal(insert_ratings(&f->world, &h, &r, 1), 0);
    assert_int_equal(database_number(&f->database,
                                     "select count(*) from rating where practice_id = %" PRId64
                                     " and skipped and talk is null and safety is null",
                                     f->practice.practice_id),
                     1);
}

static void each_row_hears_its_own_fate(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_rating first[] = {rating_of(&f->practice, 0), rating_of(&f->practice, 1)};
    assert_int_equal(insert_ratings(&f->world, &h, first, 2), 0);
    struct store_rating rows[] = {
        rating_of(&f->practice, 2),  /* New. */
        rating_of(&f->practice, 0),  /* There already. */
        rating_of(&f->practice, 99), /* No such ticket. */
        rating_of(&f->practice, 50), /* Another rating has the ticket. */
        rating_of(&f->practice, 3),  /* New. */
    };
    id_of(&f->practice, ID_TICKET, 1, rows[3].ticket_id);
    assert_int_equal(insert_ratings(&f->world, &h, rows, 5), 0);
    assert_int_equal(h.results, 5);
    assert_int_equal(h.fates[0], STORE_NEW);
    assert_int_equal(h.fates[1], STORE_AGAIN);
    assert_int_equal(h.fates[2], STORE_TICKET_UNKNOWN);
    assert_int_equal(h.fates[3], STORE_TICKET_USED);
    assert_int_equal(h.fates[4], STORE_NEW);
    assert_int_equal(stored(f), 4);
}

static void twice_in_one_batch_is_new_and_again(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_rating rows[] = {rating_of(&f->practice, 0), rating_of(&f->practice, 0)};
    assert_int_equal(insert_ratings(&f->world, &h, rows, 2), 0);
    assert_int_equal(h.fates[0], STORE_NEW);
    assert_int_equal(h.fates[1], STORE_AGAIN);
    assert_int_equal(stored(f), 1);
}

static void another_practices_ticket_is_unknown(void **state)
{
    struct fixture *f = *state;
    struct practice other;
    struct heard h;
    database_practice(&f->database, &other);
    struct store_rating r = rating_of(&f->practice, 0);
    r.practice_id = other.practice_id;
    assert_int_equal(insert_ratings(&f->world, &h, &r, 1), 0);
    assert_int_equal(h.fates[0], STORE_TICKET_UNKNOWN);
}

static void one_bad_row_refuses_all_and_the_next_batch_is_taken(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_rating rows[] = {rating_of(&f->practice, 0), rating_of(&f->practice, 1)};
    rows[1].scores[0] = 101;
    assert_int_equal(insert_ratings(&f->world, &h, rows, 2), ERR_RATING_REFUSED);
    rows[1].scores[0] = 100;
    rows[1].instrument = "bad \xff utf-8";
    assert_int_equal(insert_ratings(&f->world, &h, rows, 2), ERR_RATING_REFUSED);
    assert_int_equal(stored(f), 0);
    assert_int_equal(database_number(&f->database, "select count(*) from rating_batch"), 0);
    assert_int_equal(f->world.downs, 0);
    assert_int_equal(insert_ratings(&f->world, &h, rows, 1), 0);
    assert_int_equal(stored(f), 1);
}

/* Goal: no acknowledged transaction is empty. */
static void a_batch_of_resends_writes_its_row_too(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_rating r = rating_of(&f->practice, 0);
    assert_int_equal(insert_ratings(&f->world, &h, &r, 1), 0);
    assert_int_equal(insert_ratings(&f->world, &h, &r, 1), 0);
    assert_int_equal(h.fates[0], STORE_AGAIN);
    assert_int_equal(database_number(&f->database, "select count(*) from rating_batch"), 2);
    assert_int_equal(
        database_number(&f->database, "select count(*) from rating_batch where rating_ids = '{}'"),
        1);
}

static void a_standby(struct fixture *f, const char *name)
{
    database_do(&f->database, "alter system set synchronous_standby_names = '%s'", name);
    database_do(&f->database, "select pg_reload_conf()");
}

static bool a_commit_waits(struct fixture *f)
{
    return database_number(&f->database, "select count(*) from pg_stat_activity"
                                         " where usename = 'attune_server'"
                                         " and wait_event = 'SyncRep'") > 0;
}

/* The server takes the new setting in its own time, so the first tries may go through. */
static void send_until_its_commit_waits(struct fixture *f, struct heard *h,
                                        const struct store_rating *const *row)
{
    for (int tries = 0; tries < 1000; tries++) {
        *h = (struct heard){0};
        assert_int_equal(store_ratings_insert(&f->world.store, &h->call, row, 1, heard_ratings), 0);
        while (h->count == 0) {
            (void)uv_run(&f->world.loop, UV_RUN_NOWAIT);
            if (h->count == 0 && a_commit_waits(f)) {
                return;
            }
        }
        assert_int_equal(h->rc, 0);
    }
    fail_msg("no commit has waited for the standby");
}

/* Goal: an acknowledged resend is as safe as the first. Method: a synchronous standby that is away;
 * a transaction that wrote nothing would not wait for it. */
static void a_resend_waits_for_the_standby(void **state)
{
    struct fixture *f = *state;
    struct store_rating r = rating_of(&f->practice, 0);
    const struct store_rating *row = &r;
    struct heard h;
    assert_int_equal(insert_ratings(&f->world, &h, &r, 1), 0);
    a_standby(f, "away");
    send_until_its_commit_waits(f, &h, &row);
    assert_int_equal(h.count, 0);
    a_standby(f, "");
    assert_int_equal(heard_rc(&f->world, &h), 0);
    assert_int_equal(h.fates[0], STORE_AGAIN);
}

/* Goal: COMMIT that says OK beside a warning is not an acknowledgement. Method: cancel its wait. */
static void a_cancelled_wait_for_the_standby_is_no_success(void **state)
{
    struct fixture *f = *state;
    struct store_rating r = rating_of(&f->practice, 0);
    const struct store_rating *row = &r;
    struct heard h;
    a_standby(f, "away");
    send_until_its_commit_waits(f, &h, &row);
    assert_int_equal(h.count, 0); /* The insert has answered; the sync has not. */
    database_do(&f->database, "select pg_cancel_backend(pid) from pg_stat_activity"
                              " where usename = 'attune_server' and wait_event = 'SyncRep'");
    assert_int_equal(heard_rc(&f->world, &h), ERR_DATABASE);
    assert_int_equal(stored(f), 1); /* Here; on the standby perhaps not. */
    a_standby(f, "");
    world_until_up(&f->world);
    assert_int_equal(insert_ratings(&f->world, &h, &r, 1), 0);
    assert_int_equal(h.fates[0], STORE_AGAIN);
}

/* Goal: the same rating through two servers at once is stored once and acknowledged twice. Method:
 * a lock holds the first's transaction open while the second one's insert meets it. */
static void through_two_servers_at_once_it_is_stored_once(void **state)
{
    struct fixture *f = *state;
    struct world other;
    world_init(&other, f->database.as_server);
    world_start(&other);
    world_until_up(&other);
    struct store_rating r = rating_of(&f->practice, 0);
    const struct store_rating *row = &r;
    struct heard a = {0}, b = {0};
    database_do(&f->database, "begin");
    database_do(&f->database,
                "lock table audit in exclusive mode"); /* After the rating's insert. */
    assert_int_equal(store_ratings_insert(&f->world.store, &a.call, &row, 1, heard_ratings), 0);
    assert_int_equal(store_ratings_insert(&other.store, &b.call, &row, 1, heard_ratings), 0);
    while (database_number(&f->database, "select count(*) from pg_stat_activity"
                                         " where usename = 'attune_server'"
                                         " and wait_event_type = 'Lock'") < 2) {
        (void)uv_run(&f->world.loop, UV_RUN_NOWAIT);
        (void)uv_run(&other.loop, UV_RUN_NOWAIT);
        database_do(&f->database, "select pg_stat_clear_snapshot()");
    }
    assert_int_equal(a.count + b.count, 0);
    database_do(&f->database, "commit");
    assert_int_equal(heard_rc(&f->world, &a), 0);
    assert_int_equal(heard_rc(&other, &b), 0);
    assert_int_equal(stored(f), 1);
    assert_int_equal((a.fates[0] == STORE_NEW) + (b.fates[0] == STORE_NEW), 1);
    assert_int_equal((a.fates[0] == STORE_AGAIN) + (b.fates[0] == STORE_AGAIN), 1);
    world_stop(&other);
}

static void a_refused_rating_is_kept_for_a_person_once(void **state)
{
    struct fixture *f = *state;
    struct store_rating r = rating_of(&f->practice, 0);
    static const uint8_t record[] = {1, 2, 3};
    for (int i = 0; i < 2; i++) {
        struct heard h = {0};
        assert_int_equal(store_rating_quarantine(&f->world.store, &h.call, &r, record,
                                                 sizeof record, heard_done),
                         0);
        assert_int_equal(heard_rc(&f->world, &h), 0);
    }
    assert_int_equal(database_number(&f->database,
                                     "select count(*) from rating_quarantine where practice_id ="
                                     " %" PRId64 " and record = '\\x010203'",
                                     f->practice.practice_id),
                     1);
}

static void a_batch_tells_who_listens(void **state)
{
    struct fixture *f = *state;
    struct store_rating r = rating_of(&f->practice, 0);
    struct heard h;
    f->world.wakes = 0;
    assert_int_equal(insert_ratings(&f->world, &h, &r, 1), 0);
    world_until(&f->world, f->world.wakes != 0);
    assert_int_equal(f->world.wakes, STORE_WAKE_RATING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_rating_is_stored_as_it_was_given),
        WITH_FIXTURE(a_skip_has_no_scores),
        WITH_FIXTURE(each_row_hears_its_own_fate),
        WITH_FIXTURE(twice_in_one_batch_is_new_and_again),
        WITH_FIXTURE(another_practices_ticket_is_unknown),
        WITH_FIXTURE(one_bad_row_refuses_all_and_the_next_batch_is_taken),
        WITH_FIXTURE(a_batch_of_resends_writes_its_row_too),
        WITH_FIXTURE(a_resend_waits_for_the_standby),
        WITH_FIXTURE(a_cancelled_wait_for_the_standby_is_no_success),
        WITH_FIXTURE(through_two_servers_at_once_it_is_stored_once),
        WITH_FIXTURE(a_refused_rating_is_kept_for_a_person_once),
        WITH_FIXTURE(a_batch_tells_who_listens),
    };
    return cmocka_run_group_tests(tests, fixture_start_database, fixture_stop_database);
}
