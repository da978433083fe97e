/* VERY_LOW: the total is 28.0 or less, or an area is 5.0 or less. Needs no history: so low a rating
 * is rare on an ordinary day of nearly every client. */
#include <stdio.h>

#include "server/aggregator/rules/rules.h"

enum { TOTAL_MAX = 280, AREA_MAX = 50 };

static bool fires(const struct rule_input *in)
{
    for (size_t i = 0; i < RULE_AREAS; i++) {
        if (in->scores[i] <= AREA_MAX) {
            return true;
        }
    }
    return in->total <= TOTAL_MAX;
}

static void why(const struct rule_input *in, char text[RULE_TEXT])
{
    (void)snprintf(text, RULE_TEXT,
                   "%s. Where nothing is wrong, red alerts still come in about 9 of 100 sessions.",
                   in->total <= TOTAL_MAX ? "The four areas add up to 28.0 of 40 or less"
                                          : "One area is at 5.0 or below");
}

const struct rule rule_very_low = {
    .id = "VERY_LOW",
    .version = 1,
    .tier = RULE_RED,
    .ratings_min = 1,
    .fires = fires,
    .why = why,
    .now =
        "Thank them for saying so, and ask what was missing today. Listen and take it seriously; "
        "do not explain or mend anything yet.",
    .now_late =
        "The session is over. Plan to thank them for saying so and to ask what was missing, "
        "before anything else.",
    .next_time =
        "Begin with the area that was lowest. Agree on one thing to do differently, and ask "
        "at the end whether it was.",
};
