/* STRENGTH: good news: an area that has been well above its earlier median in each of the last
 * three ratings. */
#include "server/aggregator/rules/rules.h"

enum { LAST = 3 };

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

static enum tier judge(const struct figures *f, const struct rule_settings *s)
{
    return rise_of(f, risen(f, s)) >= s->strength_rise ? TIER_GOOD : TIER_NONE;
}

static void why(const struct figures *f, const struct rule_settings *s, struct say *say)
{
    char rise[NUMBER_ROOM];
    SAY(say, TEXT_STRENGTH_WHY, say->texts->at[rule_area(risen(f, s))],
        say_number(say->texts, s->strength_rise, rise));
}

const struct rule rule_strength = {
    .id = "STRENGTH",
    .version = 1,
    .ratings_min = LAST + 1,
    .on = offsetof(struct rule_settings, strength_on),
    .judge = judge,
    .why = why,
    .area = risen,
    .rate = TEXT_STRENGTH_RATE,
    .now = TEXT_STRENGTH_NOW,
    .now_late = TEXT_STRENGTH_NOW,
    .next_time = TEXT_STRENGTH_NEXT,
};
