/* rupture.h - a course's rupture from the rating that opens it to the one that ends it. Pure.
 *
 *                red                     the total is back, or well up
 *     none ────────────────> open ───────────────────────────────────────> repaired
 *      ^                     │  ^ │                                            │
 *      │    much lower still └──┘ │ not so within `repair.sessions` sessions   │
 *      │                          └──────────────────────> unrepaired          │
 *      └───────────────────────────────────────────────────────┴──────────────┘
 *
 * At most one is open in a course. Folded over a course's ratings in session time, so that the
 * order in which they arrived makes no difference. Sessions count whether they were rated, skipped
 * or half answered; only a total can repair. A red that is much lower is told also when it is the
 * one that ends the rupture unrepaired. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct figures;
struct rule_settings;

enum rupture_event {
    RUPTURE_NONE,       /* None is open, or the open one goes on untold. */
    RUPTURE_OPENED,     /* By this rating. */
    RUPTURE_AGAIN,      /* Open, and this rating is so much lower that it is told again. */
    RUPTURE_REPAIRED,   /* Over: the total is at its usual or the cut, or well above its lowest. */
    RUPTURE_UNREPAIRED, /* Over: not repaired in time. It stays on the list of the unrepaired. */
};

enum { RUPTURE_NO_TOTAL = -1 };

struct rupture {
    bool open, told;   /* told: the last step's red is told, since it opened it or is much lower. */
    uint8_t low_areas; /* Bit i: area i has been at or below VERY_LOW's line since. */
    int sessions;      /* Since it was opened. */
    int low;           /* The lowest total since, in tenths; RUPTURE_NO_TOTAL: none yet. */
    int usual_twice;   /* What was usual when it was opened, doubled; 0: nothing was. */
};

/* The judged rating's part. `red`: a red rule fires. The state before is in `r` and is moved. */
enum rupture_event rupture_step(struct rupture *r, const struct figures *f, bool red,
                                const struct rule_settings *s);
