/* VERY_LOW: so low that the alliance is in doubt whatever was usual. It needs no history. */
#include <stdio.h>

#include "server/aggregator/rules/rule.h"

enum { TOTAL_AT_MOST = 280, AREA_AT_MOST = 50 };

static bool fires(const struct figures *f, const struct rule_settings *s)
{
    (void)s; /* The same in every practice. */
    return f->total <= TOTAL_AT_MOST || f->scores[rule_lowest(f)] <= AREA_AT_MOST;
}

static void why(const struct figures *f, const struct rule_settings *s, char *room,
                size_t room_size)
{
    char number[NUMBER_ROOM];
    (void)s;
    if (f->total <= TOTAL_AT_MOST) {
        (void)snprintf(room, room_size, "The total of %s is at or below 28.0 of 40.",
                       rule_number(f->total, number));
    } else {
        int area = rule_lowest(f);
        (void)snprintf(room, room_size, "%s at %s is at or below 5.0 of 10.", rule_area(area),
                       rule_number(f->scores[area], number));
    }
}

const struct rule rule_very_low = {
    .id = "VERY_LOW",
    .version = 1,
    .tier = TIER_RED,
    .ratings_min = 1,
    .fires = fires,
    .why = why,
    .false_alarms = "Red prompts come up in about 9 of 100 sessions in which nothing is wrong: "
                    "a reason to ask, not a finding.",
    .now = "Thank them for saying it. Ask what was missing today, and listen; do not defend, "
           "explain or fix anything yet.",
    .now_late = "The session is over. Before the next one, take in what the numbers say; there is "
                "no need to have an answer ready.",
    .next_time = "Begin with it. Say what you noticed, hear their side, and agree on one change in "
                 "%s.",
};
