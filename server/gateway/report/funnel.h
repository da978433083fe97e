/* funnel.h - how far a share may be from everyone's by chance alone. Pure.
 *
 * Exact limits of the binomial distribution about the share of all together, as a funnel plot draws
 * them (D. J. Spiegelhalter, Funnel plots for comparing institutional performance, Statistics in
 * Medicine 24, 2005). Nobody is ranked: within the limits no two are different. */
#pragma once

#include <stdbool.h>

struct funnel {
    double low_95, high_95;   /* 1 in 40 is below by chance alone, 1 in 40 above. */
    double low_998, high_998; /* 1 in 1,000. */
};

enum {
    FUNNEL_RATINGS_MIN = 30, /* Of fewer ratings no therapist is compared. */
    FUNNEL_TRIALS_MAX = 100000,
};

/* Shares, 0 to 1. `trials` 1 to FUNNEL_TRIALS_MAX; `share` of everyone, 0 to 1. */
void funnel_limits(unsigned trials, double share, struct funnel *ret_funnel);
