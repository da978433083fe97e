/* Happy path: the figures are taken once, each watcher looks at them, a bit for each that prompts.
 * Failure: none; made-up courses have no missing areas. */
#include "server/aggregator/study/watch.h"

#include <math.h>
#include <string.h>

#include "proto/wire/must.h"

void watch_init(struct watch *w, const struct chance *chance, const struct rule_settings *settings)
{
    memset(&w->history, 0, sizeof w->history);
    w->chance = chance;
    w->settings = settings;
    w->rupture = (struct rupture){0};
    belief_init(&w->belief, chance);
}

static bool fell_by(const struct figures *f, int least)
{
    return f->earlier > 0 && f->totals[f->earlier - 1] - f->total >= least;
}

/* The deviation is at least a point: four perfect sessions have none. */
static bool is_off_the_chart(const struct figures *f)
{
    const size_t earlier_min = 4;
    if (f->earlier < earlier_min) {
        return false;
    }
    double n = (double)f->earlier;
    double deviation = sqrt((double)f->squares_times_earlier / (n * (n - 1)));
    return f->total < f->usual_twice / 2.0 - 2 * fmax(deviation, 10);
}

static uint32_t bit(size_t watcher, bool is_set)
{
    return is_set ? (uint32_t)1 << watcher : 0;
}

static uint32_t usual_rules(const struct figures *f, const struct rule_settings *settings)
{
    bool is_low = f->total < settings->cut;
    return bit(WATCHER_TOTAL, is_low) | bit(WATCHER_CHANGE, is_low || fell_by(f, 10)) |
           bit(WATCHER_AREA, f->scores[rule_lowest(f)] < 90) | bit(WATCHER_FALL, fell_by(f, 40)) |
           bit(WATCHER_CHART, is_off_the_chart(f));
}

/* As evaluate() asks them, without their texts. */
static uint32_t our_rules(const struct figures *f, const struct rule_settings *settings,
                          bool *ret_is_red)
{
    uint32_t fired = 0;
    *ret_is_red = false;
    for (size_t i = 0; i < RULES; i++) {
        enum tier tier = rule_judge(rules_at(i), f, settings);
        fired |= bit(WATCHER_RULES + i, tier != TIER_NONE);
        *ret_is_red = *ret_is_red || tier == TIER_RED;
    }
    return fired;
}

/* UNUSUAL needs two ratings. */
static uint32_t unusual(const struct watch *w, const struct figures *f)
{
    if (f->earlier == 0) {
        return 0;
    }
    double chance = chance_of_total(w->chance, &w->belief, f->total);
    return bit(WATCHER_UNUSUAL_2, chance <= 0.02) | bit(WATCHER_UNUSUAL_9, chance <= 0.09);
}

/* `rupture` is moved. */
static uint32_t judge(struct watch *w, const int16_t scores[AREAS], struct rupture *rupture)
{
    struct history *h = &w->history;
    struct figures f;
    bool is_red = false;
    must(h->count < HISTORY_MAX);
    memcpy(h->scores[h->count++], scores, sizeof h->scores[0]);
    figures_take(h, &f);
    h->count--;
    must(f.has_total);
    uint32_t fired = our_rules(&f, w->settings, &is_red);
    f.event = rupture_step(rupture, &f, is_red, w->settings);
    return fired | usual_rules(&f, w->settings) | unusual(w, &f) | bit(WATCHER_RED_EACH, is_red) |
           bit(WATCHER_RED, rupture->told);
}

uint32_t watch_judge(struct watch *w, const int16_t scores[AREAS])
{
    struct rupture rupture = w->rupture;
    return judge(w, scores, &rupture);
}

uint32_t watch_add(struct watch *w, const int16_t scores[AREAS])
{
    uint32_t fired = judge(w, scores, &w->rupture);
    w->history.count++; /* judge() has put the scores there. */
    belief_add(&w->belief, w->chance, scores);
    return fired;
}

const char *watcher_name(size_t watcher)
{
    static const char *const names[WATCHER_RULES] = {
        [WATCHER_TOTAL] = "total < 36",
        [WATCHER_CHANGE] = "total < 36 or drop of 1 (the usual red)",
        [WATCHER_AREA] = "any area below 9",
        [WATCHER_FALL] = "drop of 4 since last",
        [WATCHER_CHART] = "control chart, 2 sigma",
        [WATCHER_RED] = "our red, one open rupture per course",
        [WATCHER_RED_EACH] = "our red, every one",
        [WATCHER_UNUSUAL_2] = "UNUSUAL, chance at most .02",
        [WATCHER_UNUSUAL_9] = "UNUSUAL, chance at most .09",
    };
    must(watcher < WATCHERS);
    return watcher < WATCHER_RULES ? names[watcher] : rules_at(watcher - WATCHER_RULES)->id;
}
