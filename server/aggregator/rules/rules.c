/* The list, and nothing else. */
#include "server/aggregator/rules/rules.h"

#include "proto/wire/must.h"

const struct rule *rules_at(size_t i)
{
    static const struct rule *const list[RULES_COUNT] = {&rule_very_low, &rule_drop, &rule_level};
    must(i < RULES_COUNT);
    return list[i];
}
