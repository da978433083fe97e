/* DROP: below the practice's cut, and far below this client's own usual total: T < cut and T <= B -
 * max(4.0, 2 s). A client is compared with themselves; that is nearly all there is to win. */
#include <stdio.h>

#include "server/aggregator/rules/rules.h"

static const double DROP_MIN = 40.0, SPREADS = 2.0;

static double drop_needed(const struct rule_input *in)
{
    double by_spread = SPREADS * in->spread;
    return by_spread > DROP_MIN ? by_spread : DROP_MIN;
}

static bool fires(const struct rule_input *in)
{
    return in->total < in->settings.cut && in->total <= in->base - drop_needed(in);
}

static void why(const struct rule_input *in, char text[RULE_TEXT])
{
    (void)snprintf(
        text, RULE_TEXT,
        "The total is %.1f below this client's usual %.1f; %.1f would be unusual for them. "
        "Where nothing is wrong, red alerts still come in about 9 of 100 sessions.",
        (in->base - in->total) / 10.0, in->base / 10.0, drop_needed(in) / 10.0);
}

const struct rule rule_drop = {
    .id = "DROP",
    .version = 1,
    .tier = RULE_RED,
    .ratings_min = 4,
    .fires = fires,
    .why = why,
    .now = "Say that you see a difference from their other sessions, and ask what was different "
           "today. Hear it out before you answer.",
    .now_late =
        "The session is over. Plan to say that you saw a difference from their other sessions, "
        "and to ask what it was.",
    .next_time =
        "Come back to what was different. Agree on one change, tied to the area that fell most.",
};
