/* evaluate.h - what the rules say of one rating, given the ones before it. Pure: history in,
 * findings out.
 *
 * No clock, no database, no allocation. The same history, the same findings, to the last letter. */
#pragma once

#include "server/aggregator/rules/rules.h"

enum {
    EVALUATE_WINDOW = 20, /* Ratings of a course that are looked at, the judged one counted. */
    EVALUATE_USUAL = 5,   /* Earlier complete ratings that "usual" is the median of. */
    EVALUATE_INPUTS = 400,
    EVALUATE_NOT_ANSWERED = -1,
};

struct evaluate_rating {
    int16_t scores[RULE_AREAS]; /* Tenths, or EVALUATE_NOT_ANSWERED; a skip has none. */
};

struct evaluate_history {
    const struct evaluate_rating
        *ratings; /* In session time, oldest first; the last one is judged. */
    size_t count; /* 1 to EVALUATE_WINDOW. */
    bool late;
    struct rule_settings settings;
};

struct evaluate_finding {
    const struct rule *rule;
    char what[RULE_TEXT], why[RULE_TEXT];
    const char *now, *next_time;  /* Static. */
    char inputs[EVALUATE_INPUTS]; /* A JSON object of numbers: what the rule looked at. */
};

struct evaluate_result {
    size_t count;
    struct evaluate_finding findings[RULES_COUNT];
    int16_t usual[RULE_AREAS]; /* Medians of the earlier ones, or EVALUATE_NOT_ANSWERED. */
};

void evaluate(const struct evaluate_history *history, struct evaluate_result *ret_result);

/* Which texts: kept with each alert. */
#define EVALUATE_WORDING "en/1"
