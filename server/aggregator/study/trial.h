/* trial.h - what different scores make of the same made-up days. Pure but for its threads.
 *
 * Each client has some earlier sessions, then one that is judged three times over: as it is, and
 * with a fall of 1.5 and of 2.5 an area. A score says how unusual it is; roc.h says what that
 * finds. */
#pragma once

#include "server/aggregator/rules/chance.h"
#include "server/aggregator/study/simulate.h"

enum trial_day { TRIAL_ORDINARY, TRIAL_DIP_15, TRIAL_DIP_25, TRIAL_DAYS };

enum trial_score {
    TRIAL_BOUND_15, /* Likelihood ratio, the model and the fall known: the most powerful there is */
    TRIAL_BOUND_25, /* for its own fall. */
    TRIAL_TOTAL,
    TRIAL_CHANGE, /* Since the last session. */
    TRIAL_MEDIAN, /* Below the median of the last five. */
    TRIAL_CHANCE, /* UNUSUAL, with each of the models it is told. */
};

enum { TRIAL_MODELS_MAX = 3, TRIAL_SCORES = TRIAL_CHANCE + TRIAL_MODELS_MAX };

struct trial {
    struct client_model truth;
    struct client_model told[TRIAL_MODELS_MAX]; /* What UNUSUAL takes for the truth. */
    size_t told_count;
    size_t earlier; /* Sessions before the judged one, 1 to HISTORY_MAX - 1. */
    double *scores[TRIAL_SCORES][TRIAL_DAYS]; /* Each [wish->clients]. */
};

/* `truth`, `told` and `earlier` are given; the scores are filled, 8 bytes each: trial_free is owed.
 */
void trial_run(struct trial *t, const struct study_wish *wish, struct progress *progress);
void trial_free(struct trial *t);
