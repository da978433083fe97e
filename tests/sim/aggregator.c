/* An aggregator: claims committed batches by their state, evaluates with what is visible, writes
 * alerts; all in one transaction, which ends with it or with the database. */
#include <string.h>

#include "proto/wire/must.h"
#include "server/aggregator/review.h"
#include "tests/sim/sim.h"

enum { POLL_MS = 2000, CLAIM_MAX = 3, DB_ALERTS_A_CLAIM = CLAIM_MAX * DB_RATINGS * RULES * 4 };

static const struct store_rules defaults = {0};

struct claim {
    struct sim_aggregator *aggregator;
    int64_t life, db_life;
    size_t batches[CLAIM_MAX], count;
    struct {
        size_t rating;
        const char *rule;
        bool pushed;
    } alerts[DB_ALERTS_A_CLAIM];
    size_t alert_count;
};

static int number_of(const struct sim_aggregator *a)
{
    return (int)(a - a->sim->aggregators) + 1;
}

/* ---- evaluation over the rows that are visible ----------------------------------------------- */

static bool is_earlier(const struct db_rating *a, const struct db_rating *b)
{
    return a->session_start != b->session_start ? a->session_start < b->session_start
                                                : memcmp(a->id, b->id, LIMIT_ID_SIZE) < 0;
}

/* The course's ratings in session time; returns their count and where `rating` stands. */
static size_t course_of(const struct database *db, size_t rating, size_t order[DB_RATINGS],
                        size_t *ret_at)
{
    size_t count = 0;
    for (size_t i = 0; i < db->rating_count; i++) {
        if (db->ratings[i].course == db->ratings[rating].course) {
            size_t at = count++;
            while (at > 0 && is_earlier(&db->ratings[i], &db->ratings[order[at - 1]])) {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = i;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (order[i] == rating) {
            *ret_at = i;
        }
    }
    return count;
}

/* The course's rows as the store's claim gives them. */
static size_t rows_of(const struct database *db, const size_t *order, size_t count, size_t claimed,
                      struct store_claimed *rows)
{
    for (size_t i = 0; i < count; i++) {
        const struct db_rating *r = &db->ratings[order[i]];
        rows[i] = (struct store_claimed){.practice_id = 1,
                                         .course_id = r->course,
                                         .therapist_id = r->course % SIM_DESKS,
                                         .session_start = r->session_start,
                                         .claimed = order[i] == claimed,
                                         .language = "en",
                                         .opened = r->opened,
                                         .rules = &defaults};
        memcpy(rows[i].rating_id, r->id, LIMIT_ID_SIZE);
        memcpy(rows[i].scores, r->scores, sizeof rows[i].scores);
    }
    return count;
}

static void judge_rating(struct claim *c, struct database *db, size_t rating)
{
    size_t order[DB_RATINGS], at = 0;
    struct store_claimed rows[DB_RATINGS];
    struct review review;
    size_t count = rows_of(db, order, course_of(db, rating, order, &at), rating, rows);
    review_init(&review, NULL);
    review_take(&review, rows, count);
    for (size_t i = 0; i < review.count; i++) {
        const struct store_new_alert *alert = &review.alerts[i];
        must(c->alert_count < sizeof c->alerts / sizeof c->alerts[0]);
        c->alerts[c->alert_count].rating = (size_t)db_find_rating(db, alert->rating->rating_id);
        c->alerts[c->alert_count].rule = alert->rule;
        c->alerts[c->alert_count++].pushed =
            alert->tier == STORE_TIER_RED || alert->tier == STORE_TIER_GOOD;
    }
    for (size_t i = 0; i < review.rupture_count; i++) {
        const struct store_rupture *rupture = &review.ruptures[i];
        struct db_rating *opened = &db->ratings[db_find_rating(db, rupture->opened->rating_id)];
        opened->opened = rupture->state != STORE_RUPTURE_WITHDRAWN;
        opened->state = (int)rupture->state;
    }
    review_fini(&review);
}

static void judge_batch(struct claim *c, struct database *db, const struct db_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        judge_rating(c, db, batch->ratings[i]);
    }
}

/* ---- claim and commit ------------------------------------------------------------------------ */

static bool may_claim(const struct sim_aggregator *a, const struct db_batch *batch)
{
    if (a->sim->plant == PLANT_CLAIM_GREATER_THAN) {
        return batch->committed && !batch->gone && batch->number > a->last_seen;
    }
    return batch->committed && !batch->gone && batch->claimed_by == 0;
}

static void on_commit(struct world *w, void *who, int64_t unused)
{
    (void)unused;
    struct claim *c = who;
    struct sim_aggregator *a = c->aggregator;
    struct sim *s = a->sim;
    if (c->life != a->life || c->db_life != s->db.lives) {
        if (c->life == a->life) {
            a->busy = false;
        }
        return; /* Nothing of it happened. */
    }
    /* The practice's lock is taken after the batches were claimed, and what is read under it is
     * committed before another reads: so reading and commit are one moment here. */
    for (size_t i = 0; i < c->count; i++) {
        judge_batch(c, &s->db, &s->db.batches[c->batches[i]]);
        s->db.batches[c->batches[i]].gone = true;
    }
    for (size_t i = 0; i < c->alert_count; i++) {
        size_t rating = c->alerts[i].rating;
        int course = s->db.ratings[rating].course;
        if (db_insert_alert(&s->db, rating, c->alerts[i].rule, course % SIM_DESKS,
                            c->alerts[i].pushed)) {
            world_note(w, "%s fires on row %zu", c->alerts[i].rule, rating);
        }
    }
    for (int i = 0; i < SIM_SERVERS; i++) {
        if (s->servers[i].alive && world_chance(w, 80)) { /* A hint; some are lost. */
            server_wake(&s->servers[i]);
        }
    }
    a->busy = false;
    aggregator_wake(a);
}

void aggregator_wake(struct sim_aggregator *a)
{
    struct sim *s = a->sim;
    if (!a->alive || a->busy || !s->db.up) {
        return;
    }
    struct claim *c = sim_memory(s, sizeof *c);
    c->aggregator = a;
    c->life = a->life;
    c->db_life = s->db.lives;
    for (size_t i = 0; i < s->db.batch_count && c->count < CLAIM_MAX; i++) {
        if (may_claim(a, &s->db.batches[i])) {
            s->db.batches[i].claimed_by = number_of(a);
            c->batches[c->count++] = i;
        }
    }
    for (size_t i = 0; i < c->count; i++) {
        int64_t number = s->db.batches[c->batches[i]].number;
        a->last_seen = number > a->last_seen ? number : a->last_seen;
    }
    if (c->count > 0) {
        a->busy = true;
        world_in(&s->world, world_between(&s->world, 1, 60), on_commit, c, 0);
    }
}

static void on_poll(struct world *w, void *who, int64_t life)
{
    struct sim_aggregator *a = who;
    if (a->alive && a->life == life) {
        aggregator_wake(a);
        world_in(w, POLL_MS, on_poll, a, life);
    }
}

void aggregator_init(struct sim_aggregator *a, struct sim *s)
{
    *a = (struct sim_aggregator){.sim = s};
}

void aggregator_start(struct sim_aggregator *a)
{
    a->alive = true;
    a->busy = false;
    a->life++;
    world_in(&a->sim->world, 1, on_poll, a, a->life);
}

/* Its transaction is rolled back: what it had claimed is free again. */
void aggregator_kill(struct sim_aggregator *a)
{
    struct database *db = &a->sim->db;
    a->alive = false;
    a->life++;
    for (size_t i = 0; i < db->batch_count; i++) {
        if (db->batches[i].claimed_by == number_of(a)) {
            db->batches[i].claimed_by = 0;
        }
    }
    a->busy = false;
}
