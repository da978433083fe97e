/* rule.h - what a rule is: when it fires, and what it says then. Pure.
 *
 * A rule is a constant in a file of its own; its version goes up whenever it would fire
 * differently. What it says is in texts.def. */
#pragma once

#include "server/aggregator/rules/figures.h"
#include "server/aggregator/rules/texts.h"

enum tier {
    TIER_NONE,    /* It does not fire. */
    TIER_ASK,     /* No alert: the next rating asks one thing more. */
    TIER_GOOD,    /* Good news: in the feed. */
    TIER_PATTERN, /* To think about: on the list. */
    TIER_AMBER,   /* On the list. */
    TIER_RED,     /* Pushed, and a rupture opens. */
};

enum rule_kind {
    RULE_OF_TOTAL,    /* Asked when all four areas are answered. */
    RULE_OF_ANYTHING, /* Asked of skips and half answers too. */
};

struct rule {
    const char *id;
    int version;
    enum rule_kind kind;
    size_t ratings_min; /* RULE_OF_TOTAL: complete ratings needed, the judged one included. */
    size_t on;          /* offsetof of its switch in struct rule_settings. */
    enum tier (*judge)(const struct figures *f, const struct rule_settings *s);
    /* Why it fired, in one sentence. */
    void (*why)(const struct figures *f, const struct rule_settings *s, struct say *say);
    /* The area that it is about; NULL: the lowest. */
    int (*area)(const struct figures *f, const struct rule_settings *s);
    enum text rate;      /* What it is worth: how often it fires on nothing. */
    enum text now;       /* What to do while the client is there, and */
    enum text now_late;  /* when nobody may say that they are. */
    enum text next_time; /* {1} is the area's phrase. */
};

/* Does it fire, and how? Switched off, or with too little to go by: TIER_NONE. */
enum tier rule_judge(const struct rule *r, const struct figures *f, const struct rule_settings *s);

/* The place of the lowest score answered; of equal ones the first. None answered: 0. */
int rule_lowest(const struct figures *f);
/* The area whose score is furthest below its usual; 0 without a history. */
int rule_fallen(const struct figures *f);

/* TEXT_AREA_… and TEXT_IN_… of an area. */
enum text rule_area(int area);
enum text rule_phrase(int area);
