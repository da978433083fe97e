/* AREA_DROP: one area far below what is usual for this client; it names the area. */
#include "server/aggregator/rules/rules.h"

enum { EARLIER_MIN = 3 };

static int fallen(const struct figures *f, const struct rule_settings *s)
{
    (void)s;
    return rule_fallen(f);
}

static enum tier judge(const struct figures *f, const struct rule_settings *s)
{
    int area = rule_fallen(f);
    return f->scores[area] <= f->usual[area] - s->area_drop_least ? TIER_AMBER : TIER_NONE;
}

static void why(const struct figures *f, const struct rule_settings *s, struct say *say)
{
    char drop[NUMBER_ROOM];
    int area = fallen(f, s);
    SAY(say, TEXT_AREA_DROP_WHY, say->texts->at[rule_area(area)],
        say_number(say->texts, f->usual[area] - f->scores[area], drop));
}

const struct rule rule_area_drop = {
    .id = "AREA_DROP",
    .version = 1,
    .ratings_min = EARLIER_MIN + 1,
    .on = offsetof(struct rule_settings, area_drop_on),
    .judge = judge,
    .why = why,
    .area = fallen,
    .rate = TEXT_AREA_DROP_RATE,
    .now = TEXT_AREA_DROP_NOW,
    .now_late = TEXT_AREA_DROP_LATE,
    .next_time = TEXT_AREA_DROP_NEXT,
};
