/* episode.h - one open rupture per course: which of a rule's reds are told. Pure.
 *
 * The first red opens it. While it is open a red is told only if the total is four points lower
 * than it has been, or another area is at or below 5. It is over when the total is back at the cut
 * or at what was usual when it opened, or four points above the lowest; however long that takes. */
#pragma once

#include <stdbool.h>

#include "server/aggregator/rules/figures.h"

struct episode {
    bool is_open;
    int low;          /* The lowest total told. */
    unsigned areas;   /* A bit for each area told at or below 5. */
    int enough_twice; /* The total, doubled, that ends it. */
};

/* Is this session's red told? It changes nothing. */
bool episode_tells(const struct episode *e, const struct figures *f, bool is_red);

/* The session is over, and what episode_tells said was done. */
void episode_add(struct episode *e, const struct figures *f, const struct rule_settings *s,
                 bool is_red);
