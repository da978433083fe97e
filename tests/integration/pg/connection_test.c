/* Goal: what the pool, the listener and a connection promise when the database does not behave. */
#include "tests/integration/pg/fixture.h"

#include <stdio.h>

#include "proto/wire/container_of.h"

static int insert_one(struct fixture *f, unsigned number)
{
    struct store_rating r = rating_of(&f->practice, number);
    struct heard h;
    return insert_ratings(&f->world, &h, &r, 1);
}

/* A call that takes its time: a site's name that a superuser's open transaction has inserted
 * already. */
static void hold_a_site(struct fixture *f)
{
    database_do(&f->database, "begin");
    database_do(&f->database, "insert into site (practice_id, name) values (%" PRId64 ", 'South')",
                f->practice.practice_id);
}

static int put_site(struct fixture *f, struct heard *h, const char *name)
{
    *h = (struct heard){0};
    return store_put_site(&f->world.store, &h->call, f->practice.practice_id, name, "test",
                          heard_done);
}

static void a_killed_backend_fails_its_call_and_comes_back(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    hold_a_site(f);
    assert_int_equal(put_site(f, &h, "South"), 0);
    while (database_number(&f->database, "select count(*) from pg_stat_activity where usename ="
                                         " 'attune_server' and wait_event_type = 'Lock'") == 0) {
        (void)uv_run(&f->world.loop, UV_RUN_NOWAIT);
        database_do(&f->database, "select pg_stat_clear_snapshot()");
    }
    database_cut(&f->database, "attune_server");
    assert_int_equal(heard_rc(&f->world, &h), ERR_DATABASE);
    database_do(&f->database, "rollback");
    world_until_up(&f->world);
    assert_int_equal(insert_one(f, 0), 0);
}

/* Goal: a connection that died while nobody looked must not take the process with it. Method: cut
 * it, and call before the loop has seen it: libpq finds the closed socket itself. */
static void a_call_on_a_dead_socket_fails_and_nothing_aborts(void **state)
{
    struct fixture *f = *state;
    database_cut(&f->database, "attune_server");
    for (unsigned i = 0; i < 3; i++) {
        struct heard h;
        int rc = put_site(f, &h, "West");
        rc = rc == 0 ? heard_rc(&f->world, &h) : rc;
        assert_true(rc == ERR_DATABASE || i > 0);
    }
    world_until_up(&f->world);
    assert_int_equal(insert_one(f, 1), 0);
}

static void a_batch_does_not_wait_behind_a_slow_read(void **state)
{
    struct fixture *f = *state;
    struct heard slow;
    hold_a_site(f);
    assert_int_equal(put_site(f, &slow, "South"), 0);
    assert_int_equal(insert_one(f, 0), 0);
    assert_int_equal(slow.count, 0);
    database_do(&f->database, "rollback");
    assert_int_equal(heard_rc(&f->world, &slow), 0);
}

static void calls_of_a_lane_are_served_in_their_order(void **state)
{
    struct fixture *f = *state;
    struct heard h[3];
    static const char *const names[] = {"South", "East", "West"};
    hold_a_site(f);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(put_site(f, &h[i], names[i]), 0);
    }
    (void)uv_run(&f->world.loop, UV_RUN_NOWAIT);
    assert_int_equal(h[0].count + h[1].count + h[2].count, 0);
    database_do(&f->database, "rollback");
    assert_int_equal(heard_rc(&f->world, &h[2]), 0);
    assert_int_equal(h[0].count, 1);
    assert_int_equal(h[1].count, 1);
}

static void closing_cancels_what_waits(void **state)
{
    struct fixture *f = *state;
    struct heard under_way, waiting;
    struct world other;
    world_init(&other, f->database.as_server);
    world_start(&other);
    world_until_up(&other);
    hold_a_site(f);
    under_way = waiting = (struct heard){0};
    assert_int_equal(store_put_site(&other.store, &under_way.call, f->practice.practice_id, "South",
                                    "test", heard_done),
                     0);
    assert_int_equal(store_put_site(&other.store, &waiting.call, f->practice.practice_id, "East",
                                    "test", heard_done),
                     0);
    world_stop(&other);
    assert_int_equal(waiting.count, 1);
    assert_int_equal(waiting.rc, ERR_CANCELED);
    assert_int_equal(under_way.count, 1);
    assert_int_equal(under_way.rc, ERR_CANCELED); /* A second was not enough. */
    database_do(&f->database, "rollback");
}

static void one_call_too_many_is_busy_and_none_is_lost(void **state)
{
    struct fixture *f = *state;
    struct world other;
    struct heard h[4];
    world_init(&other, f->database.as_server);
    other.options.calls_max = 3;
    world_start(&other);
    world_until_up(&other);
    hold_a_site(f);
    for (int i = 0; i < 4; i++) {
        h[i] = (struct heard){0};
        assert_int_equal(store_put_site(&other.store, &h[i].call, f->practice.practice_id, "South",
                                        "test", heard_done),
                         i < 3 ? 0 : ERR_BUSY);
    }
    database_do(&f->database, "rollback");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(heard_rc(&other, &h[i]), 0);
    }
    assert_int_equal(h[3].count, 0);
    world_stop(&other);
}

static void a_call_without_an_answer_is_given_up(void **state)
{
    struct fixture *f = *state;
    struct world other;
    struct heard h = {0};
    world_init(&other, f->database.as_server);
    other.options.call_ms_max = 100;
    world_start(&other);
    world_until_up(&other);
    hold_a_site(f);
    assert_int_equal(
        store_put_site(&other.store, &h.call, f->practice.practice_id, "South", "test", heard_done),
        0);
    assert_int_equal(heard_rc(&other, &h), ERR_DATABASE);
    database_do(&f->database, "rollback");
    world_until(&other, other.up == other.wanted);
    world_stop(&other);
}

/* ---- whom it may be -------------------------------------------------------------------------- */

/* The check refuses: never ready. Method: let it try three times. */
static void is_refused(struct fixture *f, const char *conninfo)
{
    struct world other;
    world_init(&other, conninfo);
    world_start(&other);
    (void)f;
    world_until(&other, other.store.pool.slots[0].connection.backoff.tries >= 3);
    assert_false(store_ready(&other.store));
    assert_int_equal(other.up, 0);
    struct heard h = {0};
    assert_int_equal(store_put_site(&other.store, &h.call, 1, "x", "test", heard_done),
                     ERR_DATABASE);
    world_stop(&other);
    assert_int_equal(h.count, 0);
}

static void a_superuser_is_refused(void **state)
{
    struct fixture *f = *state;
    is_refused(f, f->database.as_super);
}

static void the_owner_of_the_tables_is_refused(void **state)
{
    struct fixture *f = *state;
    is_refused(f, f->database.as_owner);
}

static void a_role_that_bypasses_row_security_is_refused(void **state)
{
    struct fixture *f = *state;
    database_do(&f->database, "alter role attune_aggregator bypassrls");
    is_refused(f, f->database.as_aggregator);
    database_do(&f->database, "alter role attune_aggregator nobypassrls");
}

static void a_table_without_forced_row_security_is_refused(void **state)
{
    struct fixture *f = *state;
    database_do(&f->database, "alter table goal no force row level security");
    is_refused(f, f->database.as_server);
    database_do(&f->database, "alter table goal force row level security");
    database_do(&f->database, "alter table goal disable row level security");
    is_refused(f, f->database.as_server);
    database_do(&f->database, "alter table goal enable row level security");
    database_do(&f->database, "alter role attune_server set row_security = off");
    is_refused(f, f->database.as_server);
    database_do(&f->database, "alter role attune_server reset row_security");
}

static void commits_that_are_not_durable_are_refused(void **state)
{
    struct fixture *f = *state;
    database_do(&f->database, "alter role attune_aggregator set synchronous_commit = off");
    is_refused(f, f->database.as_aggregator);
    database_do(&f->database, "alter role attune_aggregator reset synchronous_commit");
}

static void an_older_schema_is_refused(void **state)
{
    struct fixture *f = *state;
    database_do(&f->database, "update schema_migration set number = number - 100");
    is_refused(f, f->database.as_server);
    database_do(&f->database, "update schema_migration set number = number + 100");
}

static void a_server_that_is_not_there_is_tried_again(void **state)
{
    struct fixture *f = *state;
    is_refused(f, "host=/nonexistent user=x dbname=x");
}

/* Goal: of several hosts the first that serves is used. PQconnectPoll closes the first one's socket
 * and opens another, which may have the same number: whoever still watches the old one goes silent
 * or aborts. */
static void a_host_that_refuses_is_passed_over(void **state)
{
    struct fixture *f = *state;
    struct world other;
    char where[300];
    (void)snprintf(where, sizeof where,
                   "host=127.0.0.1,127.0.0.1,%s port=1,2,5432 user=attune_server dbname=attune",
                   f->database.dir);
    world_init(&other, where);
    world_start(&other);
    world_until_up(&other);
    assert_int_equal(other.store.pool.slots[0].connection.backoff.tries, 0);
    world_stop(&other);
}

/* ---- hints ----------------------------------------------------------------------------------- */

static void a_lost_hint_is_made_good_by_the_poll(void **state)
{
    struct fixture *f = *state;
    struct world other;
    world_init(&other, f->database.as_server);
    other.options.poll_ms = 50;
    world_start(&other);
    world_until_up(&other);
    other.wakes = 0;
    world_until(&other, other.wakes != 0); /* Nobody has notified. */
    assert_int_equal(other.wakes, STORE_WAKE_RATING | STORE_WAKE_ROOM | STORE_WAKE_ALERT);
    world_stop(&other);
}

static void a_hint_wakes_only_its_own(void **state)
{
    struct fixture *f = *state;
    f->world.wakes = 0;
    database_do(&f->database, "notify attune_alert");
    world_until(&f->world, f->world.wakes != 0);
    assert_int_equal(f->world.wakes, STORE_WAKE_ALERT);
}

static void many_hints_are_few_wakes(void **state)
{
    struct fixture *f = *state;
    database_do(&f->database, "begin");
    for (int i = 0; i < 100; i++) {
        database_do(&f->database, "select pg_notify('attune_room', '%d')", i);
    }
    f->world.wakes = f->world.wake_count = 0;
    database_do(&f->database, "commit");
    world_until(&f->world, f->world.wakes != 0);
    while (uv_run(&f->world.loop, UV_RUN_NOWAIT) == 0) {
    }
    assert_true(f->world.wake_count < 100);
}

/* Goal: what was committed while nobody listened is found. Method: the listener is cut; all are
 * woken when it is back. */
static void all_are_woken_when_listening_again(void **state)
{
    struct fixture *f = *state;
    f->world.wakes = 0;
    database_cut(&f->database, "attune_server");
    world_until(&f->world, f->world.wakes != 0);
    assert_int_equal(f->world.wakes, STORE_WAKE_RATING | STORE_WAKE_ROOM | STORE_WAKE_ALERT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_killed_backend_fails_its_call_and_comes_back),
        WITH_FIXTURE(a_call_on_a_dead_socket_fails_and_nothing_aborts),
        WITH_FIXTURE(a_batch_does_not_wait_behind_a_slow_read),
        WITH_FIXTURE(calls_of_a_lane_are_served_in_their_order),
        WITH_FIXTURE(closing_cancels_what_waits),
        WITH_FIXTURE(one_call_too_many_is_busy_and_none_is_lost),
        WITH_FIXTURE(a_call_without_an_answer_is_given_up),
        WITH_FIXTURE(a_superuser_is_refused),
        WITH_FIXTURE(the_owner_of_the_tables_is_refused),
        WITH_FIXTURE(a_role_that_bypasses_row_security_is_refused),
        WITH_FIXTURE(a_table_without_forced_row_security_is_refused),
        WITH_FIXTURE(commits_that_are_not_durable_are_refused),
        WITH_FIXTURE(an_older_schema_is_refused),
        WITH_FIXTURE(a_server_that_is_not_there_is_tried_again),
        WITH_FIXTURE(a_host_that_refuses_is_passed_over),
        WITH_FIXTURE(a_lost_hint_is_made_good_by_the_poll),
        WITH_FIXTURE(a_hint_wakes_only_its_own),
        WITH_FIXTURE(many_hints_are_few_wakes),
        WITH_FIXTURE(all_are_woken_when_listening_again),
    };
    return cmocka_run_group_tests(tests, fixture_start_database, fixture_stop_database);
}
