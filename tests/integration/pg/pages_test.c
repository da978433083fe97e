/* Goal: a list that is read page by page is the whole list, each row once, also when all of its
 * rows are of one moment; and somebody else's id opens nothing. */
#include "tests/integration/pg/fixture.h"

#include "proto/wire/container_of.h"

enum { COUNT = 30, PAGE = 7, PAGES = 5 };

/* Ids in the order in which they came. */
struct reading {
    struct store_call call;
    uint8_t ids[COUNT + PAGE][STORE_ID];
    size_t count, page;
    int rc;
    bool heard;
};

static void on_row(struct reading *r, const uint8_t id[STORE_ID])
{
    assert_true(r->count < COUNT + PAGE);
    memcpy(r->ids[r->count++], id, STORE_ID);
}

static void on_page(struct reading *r, int rc, size_t count)
{
    r->rc = rc;
    r->page = count;
    r->heard = true;
}

static void on_sessions(struct store_call *c, int rc, const struct store_session *rows,
                        size_t count)
{
    struct reading *r = container_of(c, struct reading, call);
    for (size_t i = 0; i < count; i++) {
        on_row(r, rows[i].session_id);
    }
    on_page(r, rc, count);
}

static void on_ratings(struct store_call *c, int rc, const struct store_stored_rating *rows,
                       size_t count)
{
    struct reading *r = container_of(c, struct reading, call);
    for (size_t i = 0; i < count; i++) {
        on_row(r, rows[i].rating_id);
    }
    on_page(r, rc, count);
}

static void on_alerts(struct store_call *c, int rc, const struct store_alert *rows, size_t count)
{
    struct reading *r = container_of(c, struct reading, call);
    for (size_t i = 0; i < count; i++) {
        on_row(r, rows[i].alert_id);
    }
    on_page(r, rc, count);
}

/* Each asks one list of one therapist for the page after an id. */
typedef int (*ask)(struct fixture *f, struct reading *r, int64_t therapist_id,
                   const uint8_t *after);

static int ask_sessions(struct fixture *f, struct reading *r, int64_t therapist_id,
                        const uint8_t *after)
{
    return store_sessions_list(&f->world.store, &r->call, f->practice.practice_id, therapist_id,
                               after, PAGE, on_sessions);
}

static int ask_ratings(struct fixture *f, struct reading *r, int64_t therapist_id,
                       const uint8_t *after)
{
    return store_ratings_list(&f->world.store, &r->call, f->practice.practice_id, therapist_id,
                              "c001", after, PAGE, on_ratings);
}

static int ask_alerts(struct fixture *f, struct reading *r, int64_t therapist_id,
                      const uint8_t *after)
{
    return store_alerts_list(&f->world.store, &r->call, f->practice.practice_id, therapist_id, "",
                             after, PAGE, on_alerts);
}

static int ask_clients_alerts(struct fixture *f, struct reading *r, int64_t therapist_id,
                              const uint8_t *after)
{
    return store_alerts_list(&f->world.store, &r->call, f->practice.practice_id, therapist_id,
                             "c001", after, PAGE, on_alerts);
}

static int ask_clients_sessions(struct fixture *f, struct reading *r, int64_t therapist_id,
                                const uint8_t *after)
{
    return store_client_sessions_list(&f->world.store, &r->call, f->practice.practice_id,
                                      therapist_id, "c001", after, PAGE, on_sessions);
}

static const ask lists[] = {ask_clients_sessions, ask_sessions, ask_ratings, ask_alerts,
                            ask_clients_alerts};
enum { LISTS = sizeof lists / sizeof lists[0] };

static void read_page(struct fixture *f, struct reading *r, ask list, int64_t therapist_id,
                      const uint8_t *after)
{
    r->heard = false;
    assert_int_equal(list(f, r, therapist_id, after), 0);
    world_until(&f->world, r->heard);
    assert_int_equal(r->rc, 0);
}

/* COUNT sessions, each rated, each with an alert, all of one microsecond. */
static void of_one_moment(struct fixture *f)
{
    struct heard h;
    struct store_rating ratings[COUNT];
    for (unsigned number = 0; number < COUNT; number++) {
        if (number >= 8) { /* The first are the fixture's. */
            database_ticket(&f->database, &f->practice, number);
        }
        ratings[number] = rating_of(&f->practice, number);
    }
    int64_t practice_id = f->practice.practice_id;
    database_do(&f->database,
                "update session set start_at = '2031-02-03 10:00:00.123456+00'"
                " where practice_id = %" PRId64,
                practice_id);
    database_do(&f->database,
                "update ticket set session_start = '2031-02-03 10:00:00.123456+00'"
                " where practice_id = %" PRId64,
                practice_id);
    assert_int_equal(insert_ratings(&f->world, &h, ratings, COUNT), 0);
    database_do(&f->database,
                "insert into alert (practice_id, rating_id, session_id, course_id, therapist_id,"
                " session_start, rule, rule_version, tier, late, inputs, usual, wording, what, why,"
                " now, next_time) select practice_id, rating_id, session_id, course_id,"
                " therapist_id, session_start, 'TEST', 1, 'amber', false, '{}', '{}', 'en/1', 'a',"
                " 'b', 'c', 'd' from rating where practice_id = %" PRId64,
                practice_id);
}

static void all_rows_of_one_moment_come_once_each(void **state)
{
    struct fixture *f = *state;
    of_one_moment(f);
    for (size_t list = 0; list < LISTS; list++) {
        struct reading r = {0};
        for (int page = 0; page < PAGES; page++) {
            read_page(f, &r, lists[list], f->practice.therapist_id,
                      r.count == 0 ? NULL : r.ids[r.count - 1]);
        }
        assert_int_equal(r.count, COUNT);
        assert_int_equal(r.page, COUNT - (PAGES - 1) * PAGE);
        for (size_t i = 0; i < COUNT; i++) {
            for (size_t j = 0; j < i; j++) {
                assert_memory_not_equal(r.ids[i], r.ids[j], STORE_ID);
            }
        }
    }
}

static void after_an_id_that_is_not_the_therapists_comes_nothing(void **state)
{
    struct fixture *f = *state;
    of_one_moment(f);
    for (size_t list = 0; list < LISTS; list++) {
        struct reading r = {0};
        read_page(f, &r, lists[list], f->practice.therapist_id, NULL);
        assert_int_equal(r.page, PAGE);
        /* The other therapist has the same client, and a course of their own. */
        read_page(f, &r, lists[list], f->practice.therapist_2_id, r.ids[0]);
        assert_int_equal(r.page, 0);
        r.ids[0][0] ^= 1; /* Nobody's. */
        read_page(f, &r, lists[list], f->practice.therapist_id, r.ids[0]);
        assert_int_equal(r.page, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(all_rows_of_one_moment_come_once_each),
        WITH_FIXTURE(after_an_id_that_is_not_the_therapists_comes_nothing),
    };
    return cmocka_run_group_tests(tests, fixture_start_database, fixture_stop_database);
}
