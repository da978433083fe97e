/* LEVEL: below the practice's cut. On the list, never pushed: it is true of every third session. */
#include "server/aggregator/rules/rules.h"

static enum tier judge(const struct figures *f, const struct rule_settings *s)
{
    return f->total < s->cut ? TIER_AMBER : TIER_NONE;
}

static void why(const struct figures *f, const struct rule_settings *s, struct say *say)
{
    char total[NUMBER_ROOM], cut[NUMBER_ROOM];
    SAY(say, TEXT_LEVEL_WHY, say_number(say->texts, f->total, total),
        say_number(say->texts, s->cut, cut));
}

const struct rule rule_level = {
    .id = "LEVEL",
    .version = 2,
    .ratings_min = 1,
    .on = offsetof(struct rule_settings, level_on),
    .judge = judge,
    .why = why,
    .rate = TEXT_LEVEL_RATE,
    .now = TEXT_LEVEL_NOW,
    .now_late = TEXT_LEVEL_LATE,
    .next_time = TEXT_LEVEL_NEXT,
};
