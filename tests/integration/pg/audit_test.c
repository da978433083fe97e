/* Goal: what is read, written or refused leaves its row in the audit, in the same transaction; each
 * connection's rows are a chain without gaps, whose hashes can be reckoned anew from the rows. */
#include "tests/integration/pg/fixture.h"

#include <stdio.h>

#include "proto/wire/container_of.h"
#include "server/pg/operation.h"

/* Rows whose hash is not that of the row before it and their own words. */
#define BROKEN                                                                                     \
    "select count(*) from (select a.*, lag(a.hash) over w as prior, lag(a.seq) over w as place"    \
    " from audit a window w as (partition by a.chain order by a.seq)) x"                           \
    " where x.seq <> coalesce(x.place, 0) + 1 or x.hash <> sha256(coalesce(x.prior,"               \
    "  decode(repeat('00', 32), 'hex')) || convert_to((select audit_text(b) from audit b"          \
    "  where b.chain = x.chain and b.seq = x.seq), 'UTF8'))"

static struct store_who therapist(const struct fixture *f)
{
    return (struct store_who){.scope = STORE_SCOPE_THERAPIST,
                              .practice_id = f->practice.practice_id,
                              .person = f->practice.therapist_id,
                              .subject = f->practice.therapist_id,
                              .actor = "desk 1"};
}

static void heard_clients(struct store_call *c, int rc, const struct store_client *clients,
                          size_t count)
{
    struct heard *h = container_of(c, struct heard, call);
    (void)clients;
    h->results = count;
    heard_done(c, rc);
}

static void heard_stored(struct store_call *c, int rc, const struct store_stored_rating *ratings,
                         size_t count)
{
    struct heard *h = container_of(c, struct heard, call);
    (void)ratings;
    h->results = count;
    heard_done(c, rc);
}

static int64_t rows_of(struct fixture *f, const char *action)
{
    return database_number(&f->database,
                           "select count(*) from audit where practice_id = %" PRId64
                           " and action = '%s'",
                           f->practice.practice_id, action);
}

static int read_ratings(struct fixture *f, struct heard *h, const char *client_ref)
{
    *h = (struct heard){.call.who = therapist(f)};
    assert_int_equal(store_ratings_list(&f->world.store, &h->call, f->practice.practice_id,
                                        f->practice.therapist_id, client_ref, NULL, 10,
                                        heard_stored),
                     0);
    return heard_rc(&f->world, h);
}

static void a_read_of_a_client_is_noted_with_the_client(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    assert_int_equal(read_ratings(f, &h, "c001"), 0);
    assert_int_equal(
        database_number(&f->database,
                        "select count(*) from audit a join client c on c.practice_id = "
                        "a.practice_id and a.clients = array[c.client_id] where a.practice_id = "
                        "%" PRId64 " and a.action = 'ratings.read' and a.actor = 'desk 1'"
                        " and a.scope = 'therapist' and a.person = %" PRId64
                        " and a.subject is null and c.client_ref = 'c001'",
                        f->practice.practice_id, f->practice.therapist_id),
        1);
}

static void a_client_that_is_not_theirs_leaves_no_row(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    assert_int_equal(read_ratings(f, &h, "nobody"), ERR_CLIENT_UNKNOWN);
    assert_int_equal(rows_of(f, "ratings.read"), 0);
}

/* One more is asked for than is shown: that one is not noted. */
static void a_page_is_noted_with_those_it_shows(void **state)
{
    struct fixture *f = *state;
    struct heard h = {.call.who = therapist(f)};
    assert_int_equal(store_caseload(&f->world.store, &h.call, f->practice.practice_id,
                                    f->practice.therapist_id, "", 2, heard_clients),
                     0);
    assert_int_equal(heard_rc(&f->world, &h), 0);
    assert_int_equal(h.results, 2);
    assert_int_equal(
        database_number(&f->database,
                        "select cardinality(clients) from audit where practice_id = %" PRId64
                        " and action = 'caseload.read'",
                        f->practice.practice_id),
        1);
}

static void what_is_undone_leaves_no_row_and_no_gap(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(read_ratings(f, &h, "c001"), 0);
        /* A row that the database refuses, behind one of the audit in the same transaction. */
        database_do(&f->database,
                    "do $$ begin perform audit_add(null, 'x', 'x', null, null);"
                    " begin perform audit_add(null, 'x', 'undone', null, null); perform 1 / 0;"
                    " exception when division_by_zero then null; end; end $$");
    }
    assert_int_equal(database_number(&f->database, "select count(*) from audit"
                                                   " where action = 'undone'"),
                     0);
    assert_int_equal(database_number(&f->database, BROKEN), 0);
    assert_true(database_number(&f->database, "select max(seq) from audit") >= 4);
}

static void a_batch_of_ratings_is_noted_in_its_transaction(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    struct store_rating rating = rating_of(&f->practice, 0);
    assert_int_equal(insert_ratings(&f->world, &h, &rating, 1), 0);
    assert_int_equal(database_number(&f->database,
                                     "select count(*) from audit a, rating r"
                                     " where a.action = 'ratings' and a.at = r.received_at"
                                     " and r.practice_id = %" PRId64,
                                     f->practice.practice_id),
                     1);
    assert_int_equal(database_number(&f->database, BROKEN), 0);
}

static void a_connection_that_was_lost_leaves_a_whole_chain(void **state)
{
    struct fixture *f = *state;
    struct heard h;
    int64_t chains = database_number(&f->database, "select count(distinct chain) from audit");
    assert_int_equal(read_ratings(f, &h, "c001"), 0);
    unsigned downs = f->world.downs;
    database_cut(&f->database, "attune_server");
    world_until(&f->world, f->world.downs >= downs + 1);
    world_until_up(&f->world);
    assert_int_equal(read_ratings(f, &h, "c001"), 0);
    assert_true(database_number(&f->database, "select count(distinct chain) from audit") >=
                chains + 2);
    assert_int_equal(database_number(&f->database, BROKEN), 0);
}

/* Goal of the index: a page about one client does not grow dearer with what is of others. */
static void those_of_one_client_are_found_by_the_index(void **state)
{
    struct fixture *f = *state;
    database_do(&f->database, "do $$ begin perform audit_add(7, 'x', 'many', array[n, n + 1], null)"
                              " from generate_series(1, 3000) n; end $$");
    database_do(&f->database, "analyze audit");
    assert_int_equal(database_number(&f->database,
                                     "select count(*) from audit where practice_id = 7"
                                     " and clients is not null and audit_spans(clients, at)"
                                     " @> audit_spans(array[70], now())"),
                     2);
    database_do(&f->database,
                "create function pg_temp.plan() returns setof text language plpgsql as $$ begin"
                " return query execute 'explain select * from audit where practice_id = 7"
                " and clients is not null and audit_spans(clients, at)"
                " @> array[70::bigint * 4096 + 700]'; end $$");
    assert_int_equal(database_number(&f->database, "select count(*) from pg_temp.plan() p (line)"
                                                   " where line like '%%audit_of_client%%'"),
                     1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_read_of_a_client_is_noted_with_the_client),
        WITH_FIXTURE(a_client_that_is_not_theirs_leaves_no_row),
        WITH_FIXTURE(a_page_is_noted_with_those_it_shows),
        WITH_FIXTURE(what_is_undone_leaves_no_row_and_no_gap),
        WITH_FIXTURE(a_batch_of_ratings_is_noted_in_its_transaction),
        WITH_FIXTURE(a_connection_that_was_lost_leaves_a_whole_chain),
        WITH_FIXTURE(those_of_one_client_are_found_by_the_index),
    };
    return cmocka_run_group_tests(tests, fixture_start_database, fixture_stop_database);
}
