/* Happy path: the chances of 0, 1, 2 … successes are added from below and from above until they
 * reach the tail. Failure: none; a share of 0 or 1 has no spread. */
#include "server/gateway/report/funnel.h"

#include <math.h>

#include "proto/wire/must.h"

static double chance(unsigned successes, unsigned trials, double share)
{
    double k = successes, n = trials;
    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(share) +
               (n - k) * log1p(-share));
}

/* The fewest successes such that so few or fewer are not rarer than the tail. */
static unsigned fewest(unsigned trials, double share, double tail)
{
    double sum = chance(0, trials, share);
    unsigned k = 0;
    while (sum < tail && k < trials) {
        k++;
        sum += chance(k, trials, share);
    }
    return k;
}

void funnel_limits(unsigned trials, double share, struct funnel *ret_funnel)
{
    must(trials > 0 && trials <= FUNNEL_TRIALS_MAX && share >= 0 && share <= 1);
    if (share <= 0 || share >= 1) {
        *ret_funnel = (struct funnel){share, share, share, share};
        return;
    }
    double n = trials;
    *ret_funnel = (struct funnel){
        .low_95 = fewest(trials, share, 0.025) / n,
        .high_95 = (n - fewest(trials, 1 - share, 0.025)) / n,
        .low_998 = fewest(trials, share, 0.001) / n,
        .high_998 = (n - fewest(trials, 1 - share, 0.001)) / n,
    };
}
