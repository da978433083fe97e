/* rules.h - the registry: every rule, in the order in which findings are told. Pure. */
#pragma once

#include "server/aggregator/rules/rule.h"

enum { RULES = 13 };

extern const struct rule rule_tension, rule_very_low, rule_unusual, rule_drop, rule_slide,
    rule_early, rule_area_drop, rule_area_low, rule_silent, rule_strength, rule_level, rule_repair,
    rule_ceiling;

const struct rule *rules_at(size_t i); /* i < RULES. */
