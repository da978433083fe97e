/* CEILING: four perfect totals in a row. No alert: a third of all sessions are perfect, and the
 * ceiling tells nothing. The next rating asks one thing more: what would have made it even slightly
 * better. */
#include "server/aggregator/rules/rules.h"

enum { PERFECT = 4 };

static enum tier judge(const struct figures *f, const struct rule_settings *s)
{
    bool perfect = f->total == TOTAL_BEST;
    (void)s;
    for (size_t back = 1; back < PERFECT; back++) {
        perfect = perfect && f->totals[f->earlier - back] == TOTAL_BEST;
    }
    return perfect ? TIER_ASK : TIER_NONE;
}

static void say_nothing(const struct figures *f, const struct rule_settings *s, struct say *say)
{
    (void)f;
    (void)s;
    (void)say;
}

const struct rule rule_ceiling = {
    .id = "CEILING",
    .version = 1,
    .ratings_min = PERFECT,
    .on = offsetof(struct rule_settings, ceiling_on),
    .judge = judge,
    .why = say_nothing,
    .rate = TEXT_NOTHING,
    .now = TEXT_NOTHING,
    .now_late = TEXT_NOTHING,
    .next_time = TEXT_NOTHING,
};
