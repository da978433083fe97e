/* SLIDE: the slow decline that no single session shows.
 *
 * A moving average E of the totals, E = 0.4 T + 0.6 E, begun at the mean M of the earlier totals:
 * E < M - L s sqrt(0.4 / 1.6). The chart and its limit: Roberts (1959), Technometrics 1, 239-250.
 * Red when the total is below the cut too. */
#include <math.h>

#include "server/aggregator/rules/rules.h"

enum { EARLIER_MIN = 3 };
#define WEIGHT 0.4

static double mean_of(const struct figures *f)
{
    double sum = 0;
    for (size_t i = 0; i < f->earlier; i++) {
        sum += f->totals[i];
    }
    return sum / (double)f->earlier;
}

static double average_of(const struct figures *f)
{
    double average = mean_of(f);
    for (size_t i = 0; i < f->earlier; i++) {
        average += WEIGHT * (f->totals[i] - average);
    }
    return average + WEIGHT * (f->total - average);
}

static double limit_of(const struct figures *f, const struct rule_settings *s)
{
    return mean_of(f) -
           s->slide_spreads / 10.0 * figures_spread(f, s) * sqrt(WEIGHT / (2 - WEIGHT));
}

static enum tier judge(const struct figures *f, const struct rule_settings *s)
{
    if (average_of(f) >= limit_of(f, s)) {
        return TIER_NONE;
    }
    return f->total < s->cut ? TIER_RED : TIER_AMBER;
}

static void why(const struct figures *f, const struct rule_settings *s, struct say *say)
{
    char average[NUMBER_ROOM], limit[NUMBER_ROOM];
    SAY(say, TEXT_SLIDE_WHY, say_number(say->texts, (int)floor(average_of(f)), average),
        say_number(say->texts, (int)ceil(limit_of(f, s)), limit));
}

const struct rule rule_slide = {
    .id = "SLIDE",
    .version = 1,
    .ratings_min = EARLIER_MIN + 1,
    .on = offsetof(struct rule_settings, slide_on),
    .judge = judge,
    .why = why,
    .rate = TEXT_SLIDE_RATE,
    .now = TEXT_SLIDE_NOW,
    .now_late = TEXT_SLIDE_LATE,
    .next_time = TEXT_SLIDE_NEXT,
};
