/* Goal: what a scan or a page reads hangs on who asks, not on how much is stored, also when the
 * planner knows no better than that every table is empty. Rows are counted, not time. */
#include "tests/integration/pg/fixture.h"

enum { MANY = 2000, ROWS_MAX = 84 };

static void on_sessions(struct store_call *c, int rc, const struct store_session *rows,
                        size_t count)
{
    (void)rows;
    (void)count;
    heard_done(c, rc);
}

static void on_ratings(struct store_call *c, int rc, const struct store_stored_rating *rows,
                       size_t count)
{
    (void)rows;
    (void)count;
    heard_done(c, rc);
}

static void on_alerts(struct store_call *c, int rc, const struct store_alert *rows, size_t count)
{
    (void)rows;
    (void)count;
    heard_done(c, rc);
}

static void on_rooms(struct store_call *c, int rc, const struct store_room_now *rows, size_t count)
{
    (void)rows;
    (void)count;
    heard_done(c, rc);
}

/* Each asks the one thing that its name says. */
static int sessions_now(struct store *s, struct store_call *c, const struct practice *p)
{
    const struct store_therapist_key key = {p->practice_id, p->therapist_id};
    return store_sessions_now(s, c, &key, 1, on_sessions);
}

static int alerts_undelivered(struct store *s, struct store_call *c, const struct practice *p)
{
    const struct store_therapist_key key = {p->practice_id, p->therapist_id};
    return store_alerts_undelivered(s, c, &key, 1, 12, on_alerts);
}

static int rooms_now(struct store *s, struct store_call *c, const struct practice *p)
{
    const struct store_room_key key = {p->practice_id, p->room_id};
    return store_rooms_now(s, c, &key, 1, 64, on_rooms);
}

static int sessions_list(struct store *s, struct store_call *c, const struct practice *p)
{
    return store_sessions_list(s, c, p->practice_id, p->therapist_id, NULL, 12, on_sessions);
}

static int sessions_list_on(struct store *s, struct store_call *c, const struct practice *p)
{
    uint8_t last[STORE_ID];
    id_of(p, ID_SESSION, 3, last);
    return store_sessions_list(s, c, p->practice_id, p->therapist_id, last, 12, on_sessions);
}

static int ratings_list(struct store *s, struct store_call *c, const struct practice *p)
{
    return store_ratings_list(s, c, p->practice_id, p->therapist_id, "c001", NULL, 12, on_ratings);
}

static int ratings_list_on(struct store *s, struct store_call *c, const struct practice *p)
{
    uint8_t last[STORE_ID];
    id_of(p, ID_RATING, 3, last);
    return store_ratings_list(s, c, p->practice_id, p->therapist_id, "c001", last, 12, on_ratings);
}

static int alerts_list(struct store *s, struct store_call *c, const struct practice *p)
{
    return store_alerts_list(s, c, p->practice_id, p->therapist_id, "", NULL, 12, on_alerts);
}

static int clients_alerts_list(struct store *s, struct store_call *c, const struct practice *p)
{
    return store_alerts_list(s, c, p->practice_id, p->therapist_id, "c001", NULL, 12, on_alerts);
}

static const struct question {
    const char *name;
    int (*ask)(struct store *s, struct store_call *c, const struct practice *p);
} questions[] = {
    {"sessions_now", sessions_now},
    {"alerts_undelivered", alerts_undelivered},
    {"rooms_now", rooms_now},
    {"sessions_list", sessions_list},
    {"sessions_list, second page", sessions_list_on},
    {"ratings_list", ratings_list},
    {"ratings_list, second page", ratings_list_on},
    {"alerts_list", alerts_list},
    {"alerts_list of a client", clients_alerts_list},
};

/* Backends tell what they read when they end at the latest: so each question has a store of its
 * own. */
static int64_t rows_read(struct fixture *f, const struct question *q)
{
    struct heard h = {0};
    database_do(&f->database, "select pg_stat_reset()");
    world_init(&f->world, f->database.as_server);
    world_start(&f->world);
    world_until_up(&f->world);
    assert_int_equal(q->ask(&f->world.store, &h.call, &f->practice), 0);
    assert_int_equal(heard_rc(&f->world, &h), 0);
    world_stop(&f->world);
    while (database_number(&f->database, "select count(*) from pg_stat_activity"
                                         " where usename = 'attune_server'") > 0) {
    }
    return database_number(&f->database,
                           "select sum(coalesce(idx_tup_fetch, 0) + seq_tup_read)::bigint"
                           " from pg_stat_user_tables where relname <> 'schema_migration'");
}

/* Two years of a busy therapist: rated, alerted, received; with the planner told that there is
 * nothing. */
static void two_years(struct fixture *f)
{
    database_do(&f->database, "analyze");
    database_do(&f->database,
                "with s as (insert into session (practice_id, session_id, course_id, therapist_id,"
                " room_id, site_id, start_at, planned_end, closed_at, state, colour, symbol)"
                " select s.practice_id, gen_random_uuid(), s.course_id, s.therapist_id, s.room_id,"
                " s.site_id, now() - n * interval '3 hours', now() - n * interval '3 hours', "
                "now(), 'closed',"
                " 1, 1 from session s, generate_series(1, %d) n where s.practice_id = %" PRId64
                " and s.session_id::text like '%%00' returning *),"
                " t as (insert into ticket select practice_id, session_id, session_id, course_id,"
                " therapist_id, start_at, planned_end from s returning *),"
                " r as (insert into rating (practice_id, rating_id, ticket_id, session_id,"
                " course_id, therapist_id, session_start, session_end, made_at, skipped,"
                " instrument, understanding) select practice_id, ticket_id, ticket_id, session_id,"
                " course_id, therapist_id, session_start, session_end, session_end, false, 'x', 90"
                " from t returning *), a as (insert into alert (practice_id, rating_id, session_id,"
                " course_id, therapist_id, session_start, rule, rule_version, tier, late, inputs,"
                " usual, wording, what, why, now, next_time, created_at) select practice_id,"
                " rating_id, session_id, course_id, therapist_id, session_start, 'TEST', 1, 'red',"
                " false, '{}', '{}', 'en/1', 'a', 'b', 'c', 'd', session_end from r returning *)"
                " insert into alert_delivery select practice_id, alert_id, therapist_id,"
                " created_at, now() from a",
                MANY, f->practice.practice_id);
    database_do(&f->database,
                "insert into room_lease select practice_id, room_id, session_id from session"
                " where practice_id = %" PRId64 " and session_id::text like '%%00'"
                " and closed_at is null",
                f->practice.practice_id);
    database_do(&f->database,
                "update alert_delivery set received_at = null where practice_id = %" PRId64
                " and alert_id in (select alert_id from alert order by created_at limit 5)",
                f->practice.practice_id);
    assert_true(database_number(&f->database,
                                "select count(*) from alert_delivery where practice_id = %" PRId64,
                                f->practice.practice_id) >= MANY);
}

static void a_question_reads_what_it_answers(void **state)
{
    struct fixture *f = *state;
    world_stop(&f->world);
    two_years(f);
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        int64_t rows = rows_read(f, &questions[i]);
        print_message("%s: %" PRId64 " rows\n", questions[i].name, rows);
        assert_in_range(rows, 1, ROWS_MAX);
    }
    world_init(&f->world, f->database.as_server);
    world_start(&f->world);
    world_until_up(&f->world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {WITH_FIXTURE(a_question_reads_what_it_answers)};
    return cmocka_run_group_tests(tests, fixture_start_database, fixture_stop_database);
}
