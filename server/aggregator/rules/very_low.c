/* VERY_LOW: so low that the alliance is in doubt whatever was usual. It needs no history. */
#include "server/aggregator/rules/rules.h"

static enum tier judge(const struct figures *f, const struct rule_settings *s)
{
    bool low = f->total <= s->very_low_total || f->scores[rule_lowest(f)] <= s->very_low_area;
    return low ? TIER_RED : TIER_NONE;
}

static void why(const struct figures *f, const struct rule_settings *s, struct say *say)
{
    char number[NUMBER_ROOM], line[NUMBER_ROOM];
    const struct texts *t = say->texts;
    if (f->total <= s->very_low_total) {
        SAY(say, TEXT_VERY_LOW_WHY_TOTAL, say_number(t, f->total, number),
            say_number(t, s->very_low_total, line));
    } else {
        int area = rule_lowest(f);
        SAY(say, TEXT_VERY_LOW_WHY_AREA, t->at[rule_area(area)],
            say_number(t, f->scores[area], number), say_number(t, s->very_low_area, line));
    }
}

const struct rule rule_very_low = {
    .id = "VERY_LOW",
    .version = 2,
    .ratings_min = 1,
    .on = offsetof(struct rule_settings, very_low_on),
    .judge = judge,
    .why = why,
    .rate = TEXT_RED_RATE,
    .now = TEXT_VERY_LOW_NOW,
    .now_late = TEXT_VERY_LOW_LATE,
    .next_time = TEXT_VERY_LOW_NEXT,
};
