/* SILENT: skipped after a session below the cut, or two skips in three sessions. Drawing back is
 * quieter than anger. */
#include "server/aggregator/rules/rules.h"

enum { SKIPS = 2 };

static bool is_after_low(const struct figures *f, const struct rule_settings *s)
{
    return f->before != SCORE_MISSING && f->before < s->cut;
}

static enum tier judge(const struct figures *f, const struct rule_settings *s)
{
    bool fires = f->skipped && (is_after_low(f, s) || f->skips >= SKIPS);
    return fires ? TIER_AMBER : TIER_NONE;
}

static void why(const struct figures *f, const struct rule_settings *s, struct say *say)
{
    char before[NUMBER_ROOM];
    if (is_after_low(f, s)) {
        SAY(say, TEXT_SILENT_WHY_AFTER_LOW, say_number(say->texts, f->before, before));
    } else {
        SAY(say, TEXT_SILENT_WHY_TWICE, NULL);
    }
}

/* What had been lowest for this client is all there is to go by. */
static int lowest_usual(const struct figures *f, const struct rule_settings *s)
{
    int lowest = 0;
    (void)s;
    for (int i = 1; i < AREAS; i++) {
        lowest = f->usual[i] < f->usual[lowest] ? i : lowest;
    }
    return lowest;
}

const struct rule rule_silent = {
    .id = "SILENT",
    .version = 1,
    .kind = RULE_OF_ANYTHING,
    .on = offsetof(struct rule_settings, silent_on),
    .judge = judge,
    .why = why,
    .area = lowest_usual,
    .rate = TEXT_SILENT_RATE,
    .now = TEXT_SILENT_NOW,
    .now_late = TEXT_SILENT_LATE,
    .next_time = TEXT_SILENT_NEXT,
};
