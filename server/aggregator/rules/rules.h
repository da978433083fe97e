/* rules.h - the list of rules, in the order in which their findings are told. Pure. */
#pragma once

#include "server/aggregator/rules/rule.h"

enum { RULES = 3 };

const struct rule *rules_at(size_t i); /* i < RULES. */
