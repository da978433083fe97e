/* UNUSUAL: so low a total comes seldom on an ordinary day of this client. In DROP's place where the
 * practice says so: it finds what the most powerful test finds, where DROP finds nine tenths of it
 * (study/README.md). The chance is chance.h's; here it is only held against the practice's line. */
#include <stdio.h>

#include "server/aggregator/rules/chance.h"
#include "server/aggregator/rules/rules.h"

static enum tier judge(const struct figures *f, const struct rule_settings *s)
{
    return f->chance * s->unusual_once_in <= 1 ? TIER_RED : TIER_NONE;
}

/* Rounded to a calm figure; beyond the last of them, the last. */
static void why(const struct figures *f, const struct rule_settings *s, struct say *words)
{
    enum { MOST = 1000 };
    char number[NUMBER_ROOM];
    int sessions = chance_sessions(f->chance);
    (void)snprintf(number, sizeof number, "%d",
                   sessions < 0    ? MOST
                   : sessions == 0 ? s->unusual_once_in
                                   : sessions);
    SAY(words, TEXT_UNUSUAL_WHY, number);
}

const struct rule rule_unusual = {
    .id = "UNUSUAL",
    .version = 1,
    .ratings_min = 2,
    .on = offsetof(struct rule_settings, unusual_on),
    .judge = judge,
    .why = why,
    .rate = TEXT_UNUSUAL_RATE,
    .now = TEXT_DROP_NOW,
    .now_late = TEXT_DROP_LATE,
    .next_time = TEXT_DROP_NEXT,
};
