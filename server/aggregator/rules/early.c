/* EARLY: low in one of the first three sessions, when there is hardly a history. */
#include <stdio.h>

#include "server/aggregator/rules/rules.h"

enum { SESSIONS = 3 };

static enum tier judge(const struct figures *f, const struct rule_settings *s)
{
    bool low = f->total <= s->early_total || f->scores[rule_lowest(f)] <= s->early_area;
    return f->session <= SESSIONS && low ? TIER_AMBER : TIER_NONE;
}

static void why(const struct figures *f, const struct rule_settings *s, struct say *say)
{
    char session[NUMBER_ROOM], number[NUMBER_ROOM], line[NUMBER_ROOM];
    (void)snprintf(session, sizeof session, "%zu", f->session);
    if (f->total <= s->early_total) {
        SAY(say, TEXT_EARLY_WHY_TOTAL, session, say_number(say->texts, f->total, number),
            say_number(say->texts, s->early_total, line));
    } else {
        SAY(say, TEXT_EARLY_WHY_AREA, session, say->texts->at[rule_area(rule_lowest(f))],
            say_number(say->texts, s->early_area, line));
    }
}

const struct rule rule_early = {
    .id = "EARLY",
    .version = 1,
    .ratings_min = 1,
    .on = offsetof(struct rule_settings, early_on),
    .judge = judge,
    .why = why,
    .rate = TEXT_EARLY_RATE,
    .now = TEXT_EARLY_NOW,
    .now_late = TEXT_EARLY_LATE,
    .next_time = TEXT_EARLY_NEXT,
};
