/* The list, and the words that the rules share. */
#include "server/aggregator/rules/rules.h"

#include <stdio.h>

#include "proto/wire/must.h"

const struct rule *rules_at(size_t i)
{
    static const struct rule *const rules[RULES] = {&rule_very_low, &rule_drop, &rule_level};
    must(i < RULES);
    return rules[i];
}

const char *rule_number(int tenths, char room[NUMBER_ROOM])
{
    (void)snprintf(room, NUMBER_ROOM, "%d.%d", tenths / 10, tenths % 10); /* Never negative. */
    return room;
}

const char *rule_area(int area)
{
    static const char *const names[AREAS] = {"Understanding", "Relevance", "Safety", "Fit"};
    must(area >= 0 && area < AREAS);
    return names[area];
}

int rule_lowest(const struct figures *f)
{
    int lowest = 0;
    for (int i = 1; i < AREAS; i++) {
        if (f->scores[i] < f->scores[lowest]) {
            lowest = i;
        }
    }
    return lowest;
}
