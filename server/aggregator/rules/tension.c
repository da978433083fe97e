/* TENSION: the client said so when asked. It needs no number: their own word is stronger than any.
 */
#include "server/aggregator/rules/rules.h"

static enum tier judge(const struct figures *f, const struct rule_settings *s)
{
    (void)s;
    return f->tension == TENSION_UNRESOLVED ? TIER_RED
           : f->tension == TENSION_RESOLVED ? TIER_AMBER
                                            : TIER_NONE;
}

static void why(const struct figures *f, const struct rule_settings *s, struct say *say)
{
    (void)s;
    SAY(say, f->tension == TENSION_UNRESOLVED ? TEXT_TENSION_WHY_OPEN : TEXT_TENSION_WHY_RESOLVED,
        NULL);
}

const struct rule rule_tension = {
    .id = "TENSION",
    .version = 1,
    .kind = RULE_OF_ANYTHING,
    .on = offsetof(struct rule_settings, tension_on),
    .judge = judge,
    .why = why,
    .rate = TEXT_TENSION_RATE,
    .now = TEXT_TENSION_NOW,
    .now_late = TEXT_TENSION_LATE,
    .next_time = TEXT_TENSION_NEXT,
};
