/* rule.h - what a rule is: one pure file each, all of them in rules.c's list.
 *
 * A rule looks at one rating beside the client's own earlier ones and says whether it fires. No
 * clock, no database: the same input, the same finding. A missing area gives no total, and then no
 * rule is asked. All numbers are in tenths: a total of 28.0 is 280. Rates are those of clients with
 * nothing wrong. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RULE_AREAS = 4, RULE_TEXT = 400 };
enum rule_tier { RULE_AMBER = 1, RULE_RED = 2 };

/* A practice's own numbers. */
struct rule_settings {
    int cut;       /* Totals below it are low. Default 360. */
    double spread; /* s0: the pooled spread of totals within a course. Default 15. */
};

/* What rules look at, made by evaluate.c. */
struct rule_input {
    int scores[RULE_AREAS]; /* All answered. */
    int total;
    size_t earlier; /* Complete earlier ratings in the window, 0 to 19. */
    double base;    /* B: median of the up to five last earlier totals; with `earlier` > 0. */
    double spread;  /* s = sqrt((SS + 4 s0^2) / (n + 3)), SS over the `earlier` totals. */
    bool late;      /* The session is over: nobody may be told that the client is here. */
    struct rule_settings settings;
};

struct rule {
    const char *id;
    unsigned version; /* Goes up with any change to what fires. */
    enum rule_tier tier;
    size_t ratings_min; /* This one counted. */
    bool (*fires)(const struct rule_input *in);
    /* One sentence with this rule's false-alarm rate, into `text`. */
    void (*why)(const struct rule_input *in, char text[RULE_TEXT]);
    const char *now;      /* While the client is in the room. */
    const char *now_late; /* When the session is over. */
    const char *next_time;
};

/* Prints tenths as "7.5". */
#define RULE_TENTHS "%d.%d"
#define RULE_TENTHS_OF(tenths) (tenths) / 10, (tenths) % 10
