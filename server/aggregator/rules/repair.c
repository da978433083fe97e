/* REPAIR: good news: this rating ends the course's rupture. What that takes is in rupture.c. */
#include "server/aggregator/rules/rules.h"

static enum tier judge(const struct figures *f, const struct rule_settings *s)
{
    (void)s;
    return f->event == RUPTURE_REPAIRED ? TIER_GOOD : TIER_NONE;
}

/* The lowest is among the sessions of the rupture, which the history holds. */
static int lowest_since(const struct figures *f, const struct rule_settings *s)
{
    int lowest = f->total;
    size_t sessions = (size_t)s->repair_sessions;
    for (size_t i = f->earlier > sessions ? f->earlier - sessions : 0; i < f->earlier; i++) {
        lowest = f->totals[i] < lowest ? f->totals[i] : lowest;
    }
    return lowest;
}

static void why(const struct figures *f, const struct rule_settings *s, struct say *say)
{
    char total[NUMBER_ROOM], low[NUMBER_ROOM];
    SAY(say, TEXT_REPAIR_WHY, say_number(say->texts, f->total, total),
        say_number(say->texts, lowest_since(f, s), low));
}

const struct rule rule_repair = {
    .id = "REPAIR",
    .version = 1,
    .ratings_min = 1,
    .on = offsetof(struct rule_settings, repair_sessions), /* Never 0: it cannot be switched off. */
    .judge = judge,
    .why = why,
    .rate = TEXT_REPAIR_RATE,
    .now = TEXT_REPAIR_NOW,
    .now_late = TEXT_REPAIR_NOW,
    .next_time = TEXT_REPAIR_NEXT,
};
