/* evaluate.h - what the rules say of one rating. Pure: no clock, no database. Same history, same
 * findings. */
#pragma once

#include "server/aggregator/rules/rules.h"

enum { TEXT_ROOM = 320, INPUTS_ROOM = 512 };

/* Where the texts come from: stored with each alert. */
#define EVALUATE_WORDING "en/1"

struct finding {
    const struct rule *rule;
    char what[TEXT_ROOM];      /* The four numbers beside this client's usual. */
    char why[TEXT_ROOM];       /* The rule in a sentence, and how often it fires on nothing. */
    const char *now;           /* Static. */
    char next_time[TEXT_ROOM]; /* Tied to the lowest area. */
    char inputs[INPUTS_ROOM];  /* JSON: what was looked at, and the thresholds. */
    int16_t usual[AREAS];      /* SCORE_MISSING: none yet. */
};

/* The last rating of the history is judged. `late`: nothing may say that the client is still there.
 * Returns how many findings there are, at most RULES. */
size_t evaluate(const struct history *h, const struct rule_settings *settings, bool late,
                struct finding out[RULES]);
