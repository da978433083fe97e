/* Happy path: begin and claim in one pipeline; alerts, deliveries, one audit row and one NOTIFY in
 * a second; commit in a third, alone, so that "written, not committed" is a state that can be
 * tested. Failure: an error rolls back and lets the connection go; a lost connection has done so
 * already. Either way the claim has ended when its callback hears anything but 0. */
#include "server/pg/store_claim.h"

#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/pg/claim_alerts.h"
#include "server/pg/claim_goals.h"
#include "server/pg/claim_rollup.h"
#include "server/pg/operation.h"

static const struct pg_statement begin = {.sql = "begin"};
static const struct pg_statement commit = {.sql = "commit"};

static const struct pg_statement claim = {
    .sql = "select practice_id, course_id, therapist_id, session_start, rating_id, session_id,"
           " claimed, late, skipped, understanding, relevance, safety, fit, tension,"
           " opened, language, settings_version, settings, goal_sessions, goal_areas, ended"
           " from rating_claim($1::int)"};

/* What the fold says. A move is kept when the state is another one than before: that an open one's
 * lowest is lower still is none. */
static const struct pg_statement write_ruptures = {
    .sql = "with fold as (select * from unnest($1::bigint[], $2::uuid[], $3::bigint[],"
           "  $4::bigint[], $5::timestamptz[], $6::smallint[], $7::smallint[], $8::uuid[],"
           "  $9::timestamptz[]) as f (practice_id, opened_rating, course_id, therapist_id,"
           "  opened_session, state, low, closed_rating, closed_session)"
           "), was as ("
           " select r.practice_id, r.opened_rating, r.state from fold f join rupture r"
           "  on r.practice_id = f.practice_id and r.opened_rating = f.opened_rating"
           "), moved as ("
           " insert into rupture as r (practice_id, opened_rating, course_id, therapist_id,"
           "  opened_session, state, low, closed_rating, closed_session, imported)"
           " select f.practice_id, f.opened_rating, f.course_id, f.therapist_id,"
           "  f.opened_session, ('{open,repaired,unrepaired,withdrawn}'::rupture_state[])"
           "  [f.state + 1], f.low, f.closed_rating, f.closed_session,"
           "  (select ra.imported from rating ra where ra.practice_id = f.practice_id"
           "   and ra.rating_id = f.opened_rating) from fold f"
           "  order by f.practice_id, f.opened_rating"
           " on conflict (practice_id, opened_rating) do update set state = excluded.state,"
           "  low = excluded.low, closed_rating = excluded.closed_rating,"
           "  closed_session = excluded.closed_session"
           "  where (r.state, r.low, r.closed_rating) is distinct from"
           "   (excluded.state, excluded.low, excluded.closed_rating)"
           " returning r.practice_id, r.opened_rating, r.state, r.closed_rating"
           ") insert into rupture_move (practice_id, opened_rating, actor, move, rating_id)"
           " select m.practice_id, m.opened_rating, 'attune-aggregator',"
           "  case when m.state <> 'open' then m.state::text"
           "   when w.state is null then 'opened' else 'reopened' end, m.closed_rating"
           " from moved m left join was w on w.practice_id = m.practice_id"
           "  and w.opened_rating = m.opened_rating where w.state is distinct from m.state"};

/* Written only where it is another one than before. */
static const struct pg_statement write_asks = {
    .sql = "update course c set ask_better = a.better"
           " from unnest($1::bigint[], $2::bigint[], $3::boolean[])"
           "  as a (practice_id, course_id, better)"
           " where c.practice_id = a.practice_id and c.course_id = a.course_id"
           "  and c.ask_better <> a.better"};

static const struct pg_statement notify = {.sql = "select pg_notify('attune_alert', '')"};

static void let_go(struct store_claim *c)
{
    free(c->ratings);
    free(c->rules);
    c->ratings = NULL;
    c->rules = NULL;
    c->connection = NULL;
}

/* The numbers come with the practice's first row. */
static void rules_row(struct pg_rows *rows, size_t i, struct store_rules *ret_rules)
{
    struct store_rules r = {.version = pg_int4(rows, i, 16)};
    r.count = store_rules_numbers(rows, i, 17, r.numbers);
    *ret_rules = r;
}

static void claimed_row(struct pg_rows *rows, size_t i, struct store_claimed *ret_rating)
{
    struct store_claimed r = {
        .practice_id = pg_int8(rows, i, 0),
        .course_id = pg_int8(rows, i, 1),
        .therapist_id = pg_int8(rows, i, 2),
        .session_start = pg_time(rows, i, 3),
        .claimed = pg_bool(rows, i, 6),
        .late = pg_bool(rows, i, 7),
        .skipped = pg_bool(rows, i, 8),
        .tension = (enum store_tension)pg_int2(rows, i, 13),
        .opened = pg_bool(rows, i, 14),
        .ended = pg_bool(rows, i, 20),
        .language = pg_text(rows, i, 15),
    };
    pg_uuid(rows, i, 4, r.rating_id);
    pg_uuid(rows, i, 5, r.session_id);
    store_scores(rows, i, 9, r.scores);
    *ret_rating = r;
}

static void on_claimed(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_claim *c = container_of(call, struct store_claim, call.pg);
    store_claim_cb cb = c->claim_cb;
    if (rc != 0) {
        cb(c, store_rc(rc, results), NULL, 0);
        return;
    }
    struct pg_rows rows;
    pg_rows_init(&rows, results->step[1]);
    c->connection = results->connection;
    c->epoch = results->epoch;
    c->ratings = store_array(rows.count, sizeof *c->ratings);
    c->rating_count = rows.count;
    c->rules = store_array(rows.count, sizeof *c->rules);
    struct claim_goals goals = {0};
    size_t practices = 0;
    for (size_t i = 0; i < rows.count; i++) {
        claimed_row(&rows, i, &c->ratings[i]);
        if (i == 0 || c->ratings[i].practice_id != c->ratings[i - 1].practice_id) {
            rules_row(&rows, i, &c->rules[practices++]);
        }
        c->ratings[i].rules = &c->rules[practices - 1];
        claim_goals_take(&goals, &rows, i, 18);
        c->ratings[i].goals = claim_goals_at(&goals, c->ratings[i].session_id);
    }
    must(store_rows_rc(&rows) == 0); /* A schema of another shape: nothing here could go on. */
    cb(c, 0, c->ratings, rows.count);
}

int store_claim(struct store *s, struct store_claim *c, unsigned ratings_max, store_claim_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    plan->keep_transaction = true;
    (void)pg_plan_add(plan, &begin); /* No parameters. */
    pg_put_int4(pg_plan_add(plan, &claim), (int32_t)ratings_max);
    c->store = s;
    c->claim_cb = cb;
    return store_run(s, &c->call, PG_LANE_READ, plan, on_claimed);
}

static void on_step(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_claim *c = container_of(call, struct store_claim, call.pg);
    store_claim_step_cb cb = c->step_cb;
    if (rc != 0) {
        let_go(c);
    }
    cb(c, store_rc(rc, results));
}

static int go_on(struct store_claim *c, struct pg_plan *plan, pg_call_cb on_done,
                 store_claim_step_cb cb)
{
    must(c->connection != NULL);
    c->step_cb = cb;
    int rc = pg_pool_go_on(&c->store->pool, &c->call.pg, c->connection, c->epoch, plan, on_done);
    if (rc != 0) {
        let_go(c);
    }
    return rc;
}

/* ---- the ruptures as arrays, a column each --------------------------------------------------- */

typedef const struct store_rupture *rupture_list;

static void put_whose(struct pg_params *p, rupture_list ruptures, size_t count)
{
    claim_rollup_put_opened(p, ruptures, count);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, ruptures[i].opened->course_id);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, ruptures[i].opened->therapist_id);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_TIMESTAMPTZ);
    for (size_t i = 0; i < count; i++) {
        pg_put_time(p, ruptures[i].opened->session_start);
    }
    pg_put_array_end(p);
}

static void put_how(struct pg_params *p, rupture_list ruptures, size_t count)
{
    pg_put_array(p, PG_INT2);
    for (size_t i = 0; i < count; i++) {
        pg_put_int2(p, (int16_t)ruptures[i].state);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT2);
    for (size_t i = 0; i < count; i++) {
        if (ruptures[i].low == STORE_NOT_ANSWERED) {
            pg_put_null(p);
        } else {
            pg_put_int2(p, ruptures[i].low);
        }
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_UUID);
    for (size_t i = 0; i < count; i++) {
        if (ruptures[i].closed == NULL) {
            pg_put_null(p);
        } else {
            pg_put_uuid(p, ruptures[i].closed->rating_id);
        }
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_TIMESTAMPTZ);
    for (size_t i = 0; i < count; i++) {
        if (ruptures[i].closed == NULL) {
            pg_put_null(p);
        } else {
            pg_put_time(p, ruptures[i].closed->session_start);
        }
    }
    pg_put_array_end(p);
}

static void put_asks(struct pg_params *p, const struct store_ask *asks, size_t count)
{
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, asks[i].practice_id);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_INT8);
    for (size_t i = 0; i < count; i++) {
        pg_put_int8(p, asks[i].course_id);
    }
    pg_put_array_end(p);
    pg_put_array(p, PG_BOOL);
    for (size_t i = 0; i < count; i++) {
        pg_put_bool(p, asks[i].better);
    }
    pg_put_array_end(p);
}

int store_claim_write(struct store_claim *c, const struct store_claim_news *news,
                      store_claim_step_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    plan->keep_transaction = true;
    if (news->rupture_count > 0) {
        claim_rollup_ruptures(plan, news->ruptures, news->rupture_count, CLAIM_ROLLUP_BEFORE);
        struct pg_params *p = pg_plan_add(plan, &write_ruptures);
        put_whose(p, news->ruptures, news->rupture_count);
        put_how(p, news->ruptures, news->rupture_count);
        claim_rollup_ruptures(plan, news->ruptures, news->rupture_count, CLAIM_ROLLUP_AFTER);
    }
    claim_rollup_ratings(plan, c->ratings, c->rating_count);
    if (news->ask_count > 0) {
        put_asks(pg_plan_add(plan, &write_asks), news->asks, news->ask_count);
    }
    if (news->alert_count > 0) {
        claim_alerts(plan, news);
        (void)pg_plan_add(plan, &notify); /* No parameters. */
    }
    return go_on(c, plan, on_step, cb);
}

static void on_committed(struct pg_call *call, int rc, const struct pg_results *results)
{
    struct store_claim *c = container_of(call, struct store_claim, call.pg);
    store_claim_step_cb cb = c->step_cb;
    /* COMMIT of a transaction that has failed says ROLLBACK, and no error. */
    if (rc == 0 && !pg_command_is(results->step[0], "COMMIT")) {
        rc = ERR_DATABASE;
    }
    let_go(c);
    cb(c, store_rc(rc, results));
}

int store_claim_commit(struct store_claim *c, store_claim_step_cb cb)
{
    struct pg_plan *plan = pg_plan_new();
    (void)pg_plan_add(plan, &commit); /* No parameters. */
    return go_on(c, plan, on_committed, cb);
}
