/* rates.h - the published tables again, figure by figure, and UNUSUAL's measure. Pure but for its
 * threads.
 *
 * The published figures stand in rates.c. UNUSUAL's measure: of what the bound finds, the share
 * that UNUSUAL finds at the same rate of false alarms, its parameters estimated from a small
 * practice's courses by estimate.h: 200 ratings of 40 clients, the fewest it takes, and 2,000 of
 * 200. */
#pragma once

#include "server/aggregator/study/sheet.h"
#include "server/aggregator/study/simulate.h"

enum rates_sheet {
    RATES_RULES,   /* What each rule costs and finds. */
    RATES_FIVE,    /* What can be found, five earlier sessions, */
    RATES_TEN,     /* and ten. */
    RATES_UNUSUAL, /* UNUSUAL beside the bound. */
    RATES_SHEETS,
};

/* How many times the clients are gone through: what `progress` is moved on by is their product. */
enum { RATES_PASSES = 4 };

/* What is found of a day by a score, at many rates of false alarms: for a picture. */
enum { RATES_DAYS = 2, RATES_SCORES = 5, RATES_POINTS = 40 };
struct rates_curve {
    const char *name; /* Static: "bound". */
    double found[RATES_POINTS];
};

struct rates_curves {
    double alarms[RATES_POINTS];                     /* A session, rising to a half. */
    struct rates_curve of[RATES_DAYS][RATES_SCORES]; /* A dip of 1.5 an area, of 2.5. */
    size_t earlier;                                  /* Sessions before. */
};

/* Same wish, same sheets and curves, whatever the number of workers. `ret_curves` may be NULL. */
void rates_run(const struct study_wish *wish, struct progress *progress,
               struct sheet ret_sheets[RATES_SHEETS], struct rates_curves *ret_curves);
