/* LEVEL: the total is below the practice's cut. It fires so often where nothing is wrong that it is
 * only listed, never pushed. */
#include <stdio.h>

#include "server/aggregator/rules/rules.h"

static bool fires(const struct rule_input *in)
{
    return in->total < in->settings.cut;
}

static void why(const struct rule_input *in, char text[RULE_TEXT])
{
    (void)snprintf(text, RULE_TEXT,
                   "The total is below the practice's cut of " RULE_TENTHS
                   ". So it is in about 30 of 100 sessions where nothing is wrong.",
                   RULE_TENTHS_OF(in->settings.cut));
}

const struct rule rule_level = {
    .id = "LEVEL",
    .version = 1,
    .tier = RULE_AMBER,
    .ratings_min = 1,
    .fires = fires,
    .why = why,
    .now =
        "Nothing needs doing at once. If there is a moment, ask what would have made it a little "
        "better.",
    .now_late = "Nothing needs doing at once.",
    .next_time = "Keep an eye on the lowest area, and ask about it when it fits.",
};
