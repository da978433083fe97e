/* watch.h - one course under the eyes of every rule: the product's own, asked as the product asks
 * them, and the usual rules that they are measured beside. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "server/aggregator/rules/chance.h"
#include "server/aggregator/rules/rules.h"

enum watcher {
    WATCHER_TOTAL,     /* Total below 36. */
    WATCHER_CHANGE,    /* That, or a point or more below the last total: the usual red. */
    WATCHER_AREA,      /* An area below 9. */
    WATCHER_FALL,      /* Four points or more below the last total. */
    WATCHER_CHART,     /* Below the median of five by two deviations, from four earlier ones on. */
    WATCHER_RED,       /* Any red rule of ours, one rupture at a time. */
    WATCHER_RED_EACH,  /* The same without ruptures: each red is told. */
    WATCHER_UNUSUAL_2, /* The chance is at most 2 in 100, */
    WATCHER_UNUSUAL_9, /* 9 in 100. */
    WATCHER_RULES,     /* Our rules, one by one, in their order. */
    WATCHERS = WATCHER_RULES + RULES,
};

struct watch {
    const struct chance *chance;
    struct history history;
    struct belief belief;
    const struct rule_settings *settings;
    struct rupture rupture;
};

/* `chance` and `settings` are borrowed for the watch's life. */
void watch_init(struct watch *w, const struct chance *chance, const struct rule_settings *settings);

/* Bit i: watcher i would prompt if the next session were rated so. It changes nothing but what is
 * behind the last session. */
uint32_t watch_judge(struct watch *w, const int16_t scores[AREAS]);

/* The same, and the session becomes part of the course; HISTORY_MAX in all. */
uint32_t watch_add(struct watch *w, const int16_t scores[AREAS]);

/* Static. */
const char *watcher_name(size_t watcher);
