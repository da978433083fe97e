/* Happy path: walk the ratings; of each that is claimed, or follows a claimed one closely, make the
 * history that ends with it and evaluate it. Failure: none; memory is bounded by the claim. */
#include "server/aggregator/review.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"

_Static_assert((int)AREAS == (int)STORE_AREAS && (int)SCORE_MISSING == (int)STORE_NOT_ANSWERED,
               "one meaning");

void review_init(struct review *r)
{
    *r = (struct review){0};
}

void review_fini(struct review *r)
{
    free(r->alerts);
    free(r->findings);
    *r = (struct review){0};
}

static bool is_same_course(const struct store_claimed *a, const struct store_claimed *b)
{
    return a->practice_id == b->practice_id && a->course_id == b->course_id;
}

/* Findings first: the alerts point into them, so they are made when all are there. */
static void make_room(struct review *r)
{
    if (r->room - r->count >= RULES) {
        return;
    }
    r->room = r->room == 0 ? 16 : 2 * r->room;
    r->findings = realloc(r->findings, r->room * sizeof *r->findings);
    r->alerts = realloc(r->alerts, r->room * sizeof *r->alerts);
    must(r->findings != NULL && r->alerts != NULL);
}

static void judge(struct review *r, const struct store_claimed *first,
                  const struct store_claimed *judged)
{
    struct history h = {.count = (size_t)(judged - first) + 1};
    if (h.count > HISTORY_MAX) {
        first += h.count - HISTORY_MAX;
        h.count = HISTORY_MAX;
    }
    for (size_t i = 0; i < h.count; i++) {
        memcpy(h.scores[i], first[i].scores, sizeof h.scores[i]);
    }
    const struct rule_settings settings = {judged->cut_tenths, judged->spread_tenths};
    make_room(r);
    size_t found = evaluate(&h, &settings, judged->late, r->findings + r->count);
    for (size_t i = 0; i < found; i++) {
        r->alerts[r->count++] = (struct store_new_alert){.rating = judged};
    }
    r->evaluated++;
}

static void fill(struct store_new_alert *a, const struct finding *f)
{
    a->rule = f->rule->id;
    a->rule_version = f->rule->version;
    a->red = f->rule->tier == TIER_RED;
    a->late = a->rating->late;
    a->inputs = f->inputs;
    a->wording = EVALUATE_WORDING;
    memcpy(a->usual, f->usual, sizeof a->usual);
    a->what = f->what;
    a->why = f->why;
    a->now = f->now;
    a->next_time = f->next_time;
}

void review_take(struct review *r, const struct store_claimed *ratings, size_t count)
{
    const struct store_claimed *first = ratings; /* Of the course. */
    size_t after = SIZE_MAX;                     /* Ratings since a claimed one. */
    r->count = r->evaluated = 0;
    for (size_t i = 0; i < count; i++) {
        const struct store_claimed *judged = &ratings[i];
        if (!is_same_course(first, judged)) {
            first = judged;
            after = SIZE_MAX;
        }
        after = judged->claimed ? 0 : after == SIZE_MAX ? SIZE_MAX : after + 1;
        if (after <= REVIEW_AFTER) {
            judge(r, first, judged);
        }
    }
    for (size_t i = 0; i < r->count; i++) {
        fill(&r->alerts[i], &r->findings[i]);
    }
}
