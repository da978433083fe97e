/* STRENGTH: good news: an area that has been well above its earlier median in each of the last
 * three ratings, or one that a goal was agreed for and that has risen since. */
#include "server/aggregator/rules/rules.h"

#include "proto/wire/must.h"

enum { LAST = 3, GOAL_RISE = 10 };

/* Before the last three: the median of up to five. */
static int earlier_median(const struct figures *f, int area)
{
    size_t before = f->earlier - (LAST - 1);
    size_t count = before < USUAL_MAX ? before : USUAL_MAX;
    return figures_area_median(f, area, before - count, count);
}

/* How far the lowest of the last three lies above it; negative: below. */
static int rise_of(const struct figures *f, int area)
{
    int lowest = f->scores[area];
    for (size_t back = 1; back < LAST; back++) {
        int score = f->complete[f->earlier - back][area];
        lowest = score < lowest ? score : lowest;
    }
    return lowest - earlier_median(f, area);
}

static int risen(const struct figures *f, const struct rule_settings *s)
{
    int best = 0;
    (void)s;
    for (int area = 1; area < AREAS; area++) {
        best = rise_of(f, area) > rise_of(f, best) ? area : best;
    }
    return best;
}

/* ---- goals ----------------------------------------------------------------------------------- */

/* The median of an area over `count` of the earlier ratings from `from` on, and this one too. */
static int median_with_this(const struct figures *f, int area, size_t from, size_t count)
{
    int values[USUAL_MAX];
    must(count < USUAL_MAX);
    for (size_t i = 0; i < count; i++) {
        values[i] = f->complete[from + i][area];
    }
    values[count] = f->scores[area];
    return figures_median_twice(values, count + 1) / 2;
}

/* The median of the area over the ratings after the one at `agreed`, less that over those up to it:
 * without the judged rating, or with it. */
static int moved(const struct figures *f, int area, size_t agreed, bool with_this)
{
    size_t before = agreed + 1 < USUAL_MAX ? agreed + 1 : USUAL_MAX;
    size_t after = f->earlier - agreed - 1;
    int was = figures_area_median(f, area, agreed + 1 - before, before);
    return with_this ? median_with_this(f, area, agreed + 1, after) - was
                     : figures_area_median(f, area, agreed + 1, after) - was;
}

/* Has the newest goal for the area now, and not already before, moved it? Judged on the third to
 * fifth rating after it. */
static bool is_met(const struct figures *f, int area)
{
    size_t agreed = f->earlier;
    while (agreed > 0 && !(f->goals[agreed - 1] >> area & 1)) {
        agreed--;
    }
    if (agreed == 0) {
        return false;
    }
    size_t after = f->earlier - agreed + 1; /* With this one. */
    return after >= LAST && after <= USUAL_MAX && moved(f, area, agreed - 1, true) >= GOAL_RISE &&
           (after == LAST || moved(f, area, agreed - 1, false) < GOAL_RISE);
}

/* The first area whose goal is met; AREAS: none. */
static int goal_area(const struct figures *f)
{
    int area = 0;
    while (area < AREAS && !is_met(f, area)) {
        area++;
    }
    return area;
}

/* ---- the rule -------------------------------------------------------------------------------- */

static int area_of(const struct figures *f, const struct rule_settings *s)
{
    int area = goal_area(f);
    return area < AREAS ? area : risen(f, s);
}

static enum tier judge(const struct figures *f, const struct rule_settings *s)
{
    bool rises = goal_area(f) < AREAS || rise_of(f, risen(f, s)) >= s->strength_rise;
    return rises ? TIER_GOOD : TIER_NONE;
}

static void why(const struct figures *f, const struct rule_settings *s, struct say *say)
{
    char rise[NUMBER_ROOM];
    bool goal = goal_area(f) < AREAS;
    SAY(say, goal ? TEXT_STRENGTH_WHY_GOAL : TEXT_STRENGTH_WHY,
        say->texts->at[rule_area(area_of(f, s))],
        say_number(say->texts, goal ? GOAL_RISE : s->strength_rise, rise));
}

const struct rule rule_strength = {
    .id = "STRENGTH",
    .version = 2,
    .ratings_min = LAST + 1,
    .on = offsetof(struct rule_settings, strength_on),
    .judge = judge,
    .why = why,
    .area = area_of,
    .rate = TEXT_STRENGTH_RATE,
    .now = TEXT_STRENGTH_NOW,
    .now_late = TEXT_STRENGTH_NOW,
    .next_time = TEXT_STRENGTH_NEXT,
};
