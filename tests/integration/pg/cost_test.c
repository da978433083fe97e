/* Goal: what a scan or a page reads hangs on who asks, not on how much is stored, also when the
 * planner knows no better than that every table is empty. Rows are counted, not time. */
#include "proto/wire/container_of.h"
#include "server/pg/store_claim.h"
#include "server/pg/store_right.h"
#include "tests/integration/pg/fixture.h"

enum { MANY = 2000, ROWS_MAX = 84, CLAIM_ROWS_MAX = 120, CASELOAD_PAGE = 4 };

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
    const struct store_therapist_key key = {p->practice_id, p->therapist_id, 0};
    return store_sessions_now(s, c, &key, 1, on_sessions);
}

static int alerts_undelivered(struct store *s, struct store_call *c, const struct practice *p)
{
    const struct store_therapist_key key = {p->practice_id, p->therapist_id, 0};
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

static void on_moved(struct store_call *c, int rc, const struct store_session *session)
{
    (void)session;
    heard_done(c, rc);
}

static int session_invite(struct store *s, struct store_call *c, const struct practice *p)
{
    uint8_t first[STORE_ID];
    id_of(p, ID_SESSION, 0, first);
    return store_session_invite(s, c, p->practice_id, p->therapist_id, first, "t1", on_moved);
}

static int session_close(struct store *s, struct store_call *c, const struct practice *p)
{
    uint8_t first[STORE_ID];
    id_of(p, ID_SESSION, 0, first);
    return store_session_close(s, c, p->practice_id, p->therapist_id, first, "t1", on_moved);
}

static void on_looks(struct store_call *c, int rc, const struct store_look *looks, size_t count)
{
    (void)looks;
    (void)count;
    heard_done(c, rc);
}

static int looks_list(struct store *s, struct store_call *c, const struct practice *p)
{
    (void)p;
    return store_looks_list(s, c, 12, on_looks);
}

static int looks_now(struct store *s, struct store_call *c, const struct practice *p)
{
    const struct store_therapist_key key = {p->practice_id, p->therapist_id, 0};
    return store_looks_now(s, c, &key, 1, 12, on_looks);
}

static void on_acting(struct store_call *c, int rc, const struct store_acting *acting)
{
    (void)acting;
    heard_done(c, rc);
}

static int break_glass(struct store *s, struct store_call *c, const struct practice *p)
{
    (void)p;
    return store_act_for(s, c, STORE_SCOPE_BREAK_GLASS, "", "c001", "why", on_acting);
}

static const struct question {
    const char *name;
    int (*ask)(struct store *s, struct store_call *c, const struct practice *p);
    bool is_servers; /* Not asked for a person. */
} questions[] = {
    {"sessions_now", sessions_now, true},
    {"alerts_undelivered", alerts_undelivered, true},
    {"rooms_now", rooms_now, true},
    {"session_invite", session_invite, false},
    {"sessions_list", sessions_list, false},
    {"sessions_list, second page", sessions_list_on, false},
    {"ratings_list", ratings_list, false},
    {"ratings_list, second page", ratings_list_on, false},
    {"alerts_list", alerts_list, false},
    {"alerts_list of a client", clients_alerts_list, false},
    {"session_close", session_close, false},
    {"looks_list", looks_list, false},
    {"looks_now", looks_now, true},
    {"break_glass", break_glass, false},
};

/* Once this role's backends have ended. */
static int64_t rows_told(struct fixture *f, const char *role)
{
    while (database_number(&f->database,
                           "select count(*) from pg_stat_activity where usename = '%s'",
                           role) > 0) {
    }
    return database_number(&f->database,
                           "select sum(coalesce(idx_tup_fetch, 0) + seq_tup_read)::bigint"
                           " from pg_stat_user_tables where relname <> 'schema_migration'");
}

/* What this test has read itself is told first: it would be told later otherwise. */
static void forget_rows(struct fixture *f)
{
    database_do(&f->database, "select pg_stat_force_next_flush()");
    database_do(&f->database, "select pg_stat_reset()");
}

/* Backends tell what they read when they end at the latest: so each question has a store of its
 * own. */
static int64_t rows_read(struct fixture *f, const struct question *q)
{
    const struct practice *p = &f->practice;
    struct heard h = {0};
    if (!q->is_servers) {
        h.call.who = (struct store_who){.scope = STORE_SCOPE_THERAPIST,
                                        .practice_id = p->practice_id,
                                        .person = p->therapist_id,
                                        .subject = p->therapist_id,
                                        .actor = q->ask == break_glass ? "t1" : NULL};
    }
    forget_rows(f);
    world_init(&f->world, f->database.as_server);
    world_start(&f->world);
    world_until_up(&f->world);
    assert_int_equal(q->ask(&f->world.store, &h.call, &f->practice), 0);
    assert_int_equal(heard_rc(&f->world, &h), 0);
    world_stop(&f->world);
    return rows_told(f, "attune_server");
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
    /* Years of covers and broken glasses, all of them over and seen but a few. */
    database_do(&f->database,
                "insert into break_glass (practice_id, person_id, owner_id, course_id, reason, at,"
                " until_at, seen_at) select %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64
                ", 'x', now() - n * interval '1 day', now() - n * interval '1 day',"
                " case when n > 3 then now() end from generate_series(2, %d) n",
                f->practice.practice_id, f->practice.therapist_2_id, f->practice.therapist_id,
                f->practice.course_id, MANY);
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

/* ---- the aggregator's ------------------------------------------------------------------------ */

struct claiming {
    struct store_claim claim;
    struct store_call counting;
    struct store_claimed first;
    unsigned done;
    int rc;
};

static void on_claimed(struct store_claim *c, int rc, const struct store_claimed *rows,
                       size_t count)
{
    struct claiming *h = container_of(c, struct claiming, claim);
    h->rc = rc;
    h->done++;
    assert_true(rc != 0 || count > 0);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        h->first = rows[i].claimed ? rows[i] : h->first;
    }
}

static void on_claim_step(struct store_claim *c, int rc)
{
    struct claiming *h = container_of(c, struct claiming, claim);
    h->rc = rc;
    h->done++;
}

static void on_sessions_counted(struct store_call *c, int rc, unsigned counted)
{
    struct claiming *h = container_of(c, struct claiming, counting);
    h->rc = counted == 0 ? ERR_INTERNAL : rc;
    h->done++;
}

static void wait_for(struct world *w, struct claiming *h, unsigned done)
{
    world_until(w, h->done == done);
    assert_int_equal(h->rc, 0);
}

/* One rating, low, from its claim to its commit; then one session counted. */
static void claim_one(struct world *w)
{
    struct claiming h = {0};
    assert_int_equal(store_claim(&w->store, &h.claim, 1, on_claimed), 0);
    wait_for(w, &h, 1);
    const struct store_new_alert alert = {.rating = &h.first,
                                          .rule = "COST",
                                          .rule_version = 1,
                                          .tier = STORE_TIER_RED,
                                          .opened = &h.first,
                                          .inputs = "{}",
                                          .wording = "en/1",
                                          .usual = {-1, -1, -1, -1},
                                          .what = "what",
                                          .why = "why",
                                          .now = "now",
                                          .next_time = "next"};
    const struct store_rupture rupture = {.opened = &h.first, .low = 200};
    const struct store_ask ask = {h.first.practice_id, h.first.course_id, true};
    const struct store_claim_news news = {.alerts = &alert,
                                          .alert_count = 1,
                                          .ruptures = &rupture,
                                          .rupture_count = 1,
                                          .asks = &ask,
                                          .ask_count = 1,
                                          .pushes_at = 64,
                                          .pushes = 8};
    assert_int_equal(store_claim_write(&h.claim, &news, on_claim_step), 0);
    wait_for(w, &h, 2);
    assert_int_equal(store_claim_commit(&h.claim, on_claim_step), 0);
    wait_for(w, &h, 3);
    assert_int_equal(store_rollup_sessions(&w->store, &h.counting, 1, on_sessions_counted), 0);
    wait_for(w, &h, 4);
}

/* Goal: what a rating costs to be evaluated, alerted and counted does not hang on how many there
 * are, also where the planner believes that there are none. */
static void a_claim_reads_what_it_needs(void **state)
{
    struct fixture *f = *state;
    struct world aggregator;
    world_stop(&f->world);
    two_years(f);
    database_do(&f->database,
                "insert into rating_batch (practice_ids, rating_ids) select array[practice_id],"
                " array[rating_id] from rating where practice_id = %" PRId64
                " order by session_start desc limit 1",
                f->practice.practice_id);
    database_do(&f->database, "insert into rollup_session (practice_id, session_id) select"
                              " practice_id, session_id from rating order by session_start limit 1"
                              " on conflict do nothing");
    forget_rows(f);
    world_init(&aggregator, f->database.as_aggregator);
    aggregator.options.connections = 1;
    aggregator.options.listen_room = aggregator.options.listen_alert = false;
    world_start(&aggregator);
    world_until_up(&aggregator);
    claim_one(&aggregator);
    world_stop(&aggregator);
    int64_t rows = rows_told(f, "attune_aggregator");
    print_message("a claim: %" PRId64 " rows\n", rows);
    assert_in_range(rows, 1, CLAIM_ROWS_MAX);
    world_init(&f->world, f->database.as_server);
    world_start(&f->world);
    world_until_up(&f->world);
}

static void on_clients(struct store_call *c, int rc, const struct store_client *rows, size_t count)
{
    assert_int_equal(count, CASELOAD_PAGE);
    for (size_t i = 0; i < count; i++) {
        assert_null(strchr(rows[i].client_ref, 'x')); /* A colleague's. */
        assert_true(i == 0 || strcmp(rows[i - 1].client_ref, rows[i].client_ref) < 0);
    }
    heard_done(c, rc);
}

static int caseload(struct store *s, struct store_call *c, const struct practice *p)
{
    return store_caseload(s, c, p->practice_id, p->therapist_id, "", CASELOAD_PAGE, on_clients);
}

static int caseload_on(struct store *s, struct store_call *c, const struct practice *p)
{
    return store_caseload(s, c, p->practice_id, p->therapist_id, "c0012", CASELOAD_PAGE,
                          on_clients);
}

/* Goal: one's own clients are read, and nobody else's. Method: two thousand clients of a colleague,
 * whose names come before and between one's own twenty; first with a planner that believes that
 * there are none, then with one that knows. */
static void a_caseload_reads_ones_own(void **state)
{
    struct fixture *f = *state;
    const struct question asked[] = {{"caseload", caseload, false},
                                     {"caseload, second page", caseload_on, false}};
    static const char add[] =
        "with c as (insert into client (practice_id, client_ref) select %" PRId64
        ", case n %% 2 when 0 then 'a' else 'c00' end || n || '%s' from generate_series(3, %d) n"
        " returning *) insert into course (practice_id, client_id, therapist_id)"
        " select practice_id, client_id, %" PRId64 " from c";
    world_stop(&f->world);
    database_do(&f->database, "analyze");
    database_do(&f->database, add, f->practice.practice_id, "x", MANY, f->practice.therapist_2_id);
    database_do(&f->database, add, f->practice.practice_id, "", 20, f->practice.therapist_id);
    for (int known = 0; known < 2; known++) {
        for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
            int64_t rows = rows_read(f, &asked[i]);
            print_message("%s: %" PRId64 " rows\n", asked[i].name, rows);
            assert_in_range(rows, 1, ROWS_MAX);
        }
        database_do(&f->database, "analyze");
    }
    world_init(&f->world, f->database.as_server);
    world_start(&f->world);
    world_until_up(&f->world);
}

static void on_escalated(struct store_call *c, int rc, unsigned escalated)
{
    struct claiming *h = container_of(c, struct claiming, counting);
    h->rc = escalated == 1 ? rc : ERR_INTERNAL;
    h->done++;
}

/* Goal: the practice's list costs what is put on it. Method: a practice that wants to hear of what
 * waits for a step alone has one such rupture, thousands that were not repaired, and thousands that
 * were imported or have their step. */
static void what_is_due_is_read_and_no_history(void **state)
{
    struct fixture *f = *state;
    struct world aggregator;
    struct claiming h = {0};
    world_stop(&f->world);
    two_years(f);
    database_do(&f->database,
                "insert into rupture (practice_id, opened_rating, course_id, therapist_id,"
                " opened_session, opened_at, state, imported, acknowledged_at, step)"
                " select practice_id, rating_id, course_id, therapist_id, session_start,"
                " now() - interval '9 days', case n %% 3 when 0 then 'unrepaired' else 'open'"
                " end::rupture_state, n %% 3 = 1, case n %% 3 when 2 then now() end,"
                " case n %% 3 when 2 then 'supervision'::rupture_step end"
                " from (select *, row_number() over () as n from rating) r on conflict do nothing");
    database_do(&f->database, "update rupture set acknowledged_at = null, step = null where"
                              " opened_rating = (select opened_rating from rupture where"
                              " step is not null limit 1)");
    database_do(&f->database, "insert into rule_settings (practice_id, version, numbers, made_by)"
                              " select practice_id, 1, '{0,1}', 'test' from practice");
    database_do(&f->database, "update practice set rules_version = 1");
    forget_rows(f);
    world_init(&aggregator, f->database.as_aggregator);
    aggregator.options.connections = 1;
    aggregator.options.listen_room = aggregator.options.listen_alert = false;
    world_start(&aggregator);
    world_until_up(&aggregator);
    assert_int_equal(store_ruptures_escalate(&aggregator.store, &h.counting, 1, 2, on_escalated),
                     0);
    wait_for(&aggregator, &h, 1);
    world_stop(&aggregator);
    int64_t rows = rows_told(f, "attune_aggregator");
    print_message("an escalation: %" PRId64 " rows\n", rows);
    assert_in_range(rows, 1, ROWS_MAX);
    world_init(&f->world, f->database.as_server);
    world_start(&f->world);
    world_until_up(&f->world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(a_question_reads_what_it_answers),
        WITH_FIXTURE(a_caseload_reads_ones_own),
        WITH_FIXTURE(a_claim_reads_what_it_needs),
        WITH_FIXTURE(what_is_due_is_read_and_no_history),
    };
    return cmocka_run_group_tests(tests, fixture_start_database, fixture_stop_database);
}
