/* What must be true at the end of every history, whatever happened in it.
 *
 * The rules are worked out here once more, by hand and from the final table, so that a fault in the
 * product's evaluation is not compared with itself. An alert once given stands: DROP may have fired
 * on what was known then, so it may be there without being expected, but only once. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"
#include "server/aggregator/review.h"
#include "tests/sim/sim.h"

struct counts {
    int sent, acked, stored, recovered, duplicates, lost, unexpected, unsaved, refused;
    int expected, delivered, redelivered, misdirected, missing, twice, undelivered;
    int ruptures_wrong;
    int64_t max_ack_ms;
};

bool checker_settled(const struct sim *s)
{
    for (int i = 0; i < SIM_KIOSKS; i++) {
        if (!s->kiosks[i].client.alive || outbox_unsent(&s->kiosks[i].outbox) > 0) {
            return false;
        }
    }
    for (size_t i = 0; i < s->db.batch_count; i++) {
        if (!s->db.batches[i].gone) {
            return false;
        }
    }
    for (size_t i = 0; i < s->db.alert_count; i++) {
        if (s->db.alerts[i].red && !s->db.alerts[i].received) {
            return false;
        }
    }
    return s->world.healing;
}

/* ---- ratings --------------------------------------------------------------------------------- */

static int times_stored(const struct sim *s, const uint8_t id[LIMIT_ID_SIZE])
{
    int times = 0;
    for (size_t i = 0; i < s->db.rating_count; i++) {
        times += memcmp(s->db.ratings[i].id, id, LIMIT_ID_SIZE) == 0;
    }
    return times;
}

static void judge_ratings(const struct sim *s, struct counts *c)
{
    for (int i = 0; i < s->rating_count; i++) {
        const struct sim_rating *r = &s->ratings[i];
        int stored = times_stored(s, r->id);
        int64_t took = r->acked ? r->acked_at - r->saved_at : 0;
        c->sent += r->saved;
        c->acked += r->acked;
        c->stored += stored;
        c->recovered += stored > 0 && !r->acked;
        c->duplicates += stored > 1 ? stored - 1 : 0;
        c->lost += r->acked && stored == 0;
        c->unsaved += r->saved && !r->refused && stored == 0; /* "Saved" was said. */
        c->refused += r->refused;
        c->unexpected += stored > 0 && (r->poison || !r->saved);
        c->unexpected += r->refused && !r->poison; /* Only the poisoned are refused. */
        c->max_ack_ms = took > c->max_ack_ms ? took : c->max_ack_ms;
    }
}

/* ---- alerts ---------------------------------------------------------------------------------- */

static int total_of(const struct db_rating *r)
{
    int total = 0;
    for (int i = 0; i < 4; i++) {
        if (r->scores[i] < 0) {
            return -1;
        }
        total += r->scores[i];
    }
    return total;
}

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static int by_start(const void *a, const void *b)
{
    const struct db_rating *const *l = a, *const *r = b;
    return (*l)->session_start < (*r)->session_start ? -1
                                                     : 1; /* No two of a course start at once. */
}

/* T < 36.0 and T <= B - max(4.0, 2 s), at least three complete earlier ones. */
static bool drop_is_expected(const struct sim *s, const struct db_rating *judged)
{
    const struct db_rating *earlier[DB_RATINGS];
    size_t count = 0, n = 0;
    for (size_t i = 0; i < s->db.rating_count; i++) {
        const struct db_rating *r = &s->db.ratings[i];
        if (r->course == judged->course && r->session_start < judged->session_start) {
            earlier[count++] = r;
        }
    }
    qsort(earlier, count, sizeof earlier[0], by_start);
    int totals[DB_RATINGS], last[5];
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        if (total_of(earlier[i]) >= 0) {
            totals[n] = total_of(earlier[i]);
            sum += totals[n++];
        }
    }
    if (n < 3) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        squares += pow(totals[i] - sum / (double)n, 2);
    }
    size_t k = n < 5 ? n : 5;
    memcpy(last, totals + (n - k), k * sizeof last[0]);
    qsort(last, k, sizeof last[0], compare);
    double base = k % 2 == 1 ? last[k / 2] : (last[k / 2 - 1] + last[k / 2]) / 2.0;
    double needed = 2 * sqrt((squares + 4 * 15.0 * 15.0) / ((double)n + 3));
    int total = total_of(judged);
    return total < 360 && total <= base - (needed > 40 ? needed : 40);
}

static bool is_expected(const struct sim *s, const struct db_rating *r, const char *rule)
{
    int total = total_of(r);
    if (total < 0) {
        return false;
    }
    if (strcmp(rule, "LEVEL") == 0) {
        return total < 360;
    }
    bool low = total <= 280;
    for (int i = 0; i < 4; i++) {
        low |= r->scores[i] <= 50;
    }
    /* Of the red ones, the first is told. */
    return strcmp(rule, "DROP") == 0 ? !low && drop_is_expected(s, r) : low;
}

static int times_alerted(const struct sim *s, size_t rating, const char *rule)
{
    int times = 0;
    for (size_t i = 0; i < s->db.alert_count; i++) {
        times += s->db.alerts[i].rating == rating && strcmp(s->db.alerts[i].rule, rule) == 0;
    }
    return times;
}

static void judge_alerts(const struct sim *s, struct counts *c)
{
    static const char *const rules[] = {"VERY_LOW", "DROP", "LEVEL"};
    for (size_t i = 0; i < s->db.rating_count; i++) {
        for (size_t k = 0; k < 3; k++) {
            bool expected = is_expected(s, &s->db.ratings[i], rules[k]);
            int times = times_alerted(s, i, rules[k]);
            bool may_stand = strcmp(rules[k], "DROP") == 0;
            c->expected += expected;
            c->missing += expected && times == 0;
            c->twice += times > 1 || (!expected && times > 0 && !may_stand);
        }
    }
    for (size_t i = 0; i < s->db.alert_count; i++) {
        int shown = 0;
        for (int k = 0; k < SIM_DESKS; k++) {
            shown += s->desks[k].delivered[i];
        }
        c->delivered += shown > 0;
        c->redelivered += shown > 1 ? shown - 1 : 0;
        c->undelivered += s->db.alerts[i].red && shown == 0;
    }
    for (int k = 0; k < SIM_DESKS; k++) {
        c->misdirected += s->desks[k].misdirected;
        c->twice += s->desks[k].shown_twice;
    }
}

/* Goal: whatever the order of arrival, the ruptures are those of the whole table in session time.
 */
static void judge_ruptures(const struct sim *s, struct counts *c)
{
    struct rule_settings settings;
    rule_settings_defaults(&settings);
    for (int course = 0; course < SIM_COURSES; course++) {
        const struct db_rating *order[DB_RATINGS];
        size_t count = 0;
        for (size_t i = 0; i < s->db.rating_count; i++) {
            if (s->db.ratings[i].course == course) {
                order[count++] = &s->db.ratings[i];
            }
        }
        qsort(order, count, sizeof order[0], by_start);
        struct rupture rupture = {0};
        const struct db_rating *opened = NULL;
        for (size_t i = 0; i < count; i++) {
            struct history h = {0};
            size_t from = i + 1 > HISTORY_MAX ? i + 1 - HISTORY_MAX : 0;
            for (; from <= i; from++) {
                memcpy(h.scores[h.count++], order[from]->scores, sizeof h.scores[0]);
            }
            const struct judgement j = {.history = &h, .settings = &settings};
            enum rupture_event event = evaluate_rupture(&j, &rupture);
            c->ruptures_wrong += order[i]->opened != (event == RUPTURE_OPENED);
            opened = event == RUPTURE_OPENED ? order[i] : opened;
            c->ruptures_wrong +=
                (event == RUPTURE_REPAIRED && opened->state != STORE_RUPTURE_REPAIRED) ||
                (event == RUPTURE_UNREPAIRED && opened->state != STORE_RUPTURE_UNREPAIRED);
        }
        c->ruptures_wrong += rupture.open && opened->state != STORE_RUPTURE_OPEN;
    }
}

static const char *first_breach(const struct sim *s, const struct counts *c)
{
    const struct {
        bool so;
        const char *what;
    } breaches[] = {
        {c->lost > 0, "acknowledged and not stored"},
        {c->duplicates > 0, "stored twice"},
        {c->unexpected > 0, "stored or refused although it must not be"},
        {c->unsaved > 0, "said to be saved and not stored"},
        {c->missing > 0, "an alert is missing"},
        {c->twice > 0, "an alert fired or was shown twice, or without cause"},
        {c->ruptures_wrong > 0, "the ruptures are not those of the ratings in order"},
        {c->undelivered > 0, "an alert was never shown"},
        {c->misdirected > 0, "an alert was shown to another therapist"},
        {!checker_settled(s), "it does not come to rest"},
    };
    for (size_t i = 0; i < sizeof breaches / sizeof breaches[0]; i++) {
        if (breaches[i].so) {
            return breaches[i].what;
        }
    }
    return NULL;
}

int checker_judge(struct sim *s, uint64_t seed, bool quiet, const char **ret_breach)
{
    struct counts c = {0};
    judge_ratings(s, &c);
    judge_alerts(s, &c);
    judge_ruptures(s, &c);
    *ret_breach = first_breach(s, &c);
    if (!quiet) {
        printf("fault=sim seed=%" PRIu64
               " sent=%d acked=%d stored=%d recovered=%d duplicates=%d lost=%d "
               "unexpected=%d alerts_expected=%d delivered=%d redelivered=%d misdirected=%d "
               "max_ack_ms=%" PRId64 " refused=%d digest=%016" PRIx64 "\n",
               seed, c.sent, c.acked, c.stored, c.recovered, c.duplicates, c.lost + c.unsaved,
               c.unexpected, c.expected, c.delivered, c.redelivered, c.misdirected, c.max_ack_ms,
               c.refused, s->world.digest);
    }
    return *ret_breach == NULL ? 0 : 1;
}
