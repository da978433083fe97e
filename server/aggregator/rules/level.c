/* LEVEL: below the practice's cut. On the list, never pushed: it is true of every third session. */
#include <stdio.h>

#include "server/aggregator/rules/rule.h"

static bool fires(const struct figures *f, const struct rule_settings *s)
{
    return f->total < s->cut;
}

static void why(const struct figures *f, const struct rule_settings *s, char *room,
                size_t room_size)
{
    char total[NUMBER_ROOM], cut[NUMBER_ROOM];
    (void)snprintf(room, room_size, "The total of %s is below this practice's line of %s.",
                   rule_number(f->total, total), rule_number(s->cut, cut));
}

const struct rule rule_level = {
    .id = "LEVEL",
    .version = 1,
    .tier = TIER_AMBER,
    .ratings_min = 1,
    .fires = fires,
    .why = why,
    .false_alarms = "With the usual line of 36, so are about 30 of 100 sessions in which nothing "
                    "is wrong: by itself it says little.",
    .now = "Nothing has to be done at once. If there is a moment, ask how today was for them.",
    .now_late = "Nothing has to be done. It is worth a look before the next session.",
    .next_time = "If it stays so, ask what would make a small difference in %s.",
};
