/* rules.h - the registry: every rule there is. */
#pragma once

#include "server/aggregator/rules/rule.h"

extern const struct rule rule_very_low, rule_drop, rule_level;

enum { RULES_COUNT = 3 };

/* 0 <= i < RULES_COUNT; in the order in which findings are given. Static. */
const struct rule *rules_at(size_t i);
