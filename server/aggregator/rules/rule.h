/* rule.h - what a rule is: when it fires, and what it says then. Pure.
 *
 * A rule is a constant; its version goes up whenever it would fire or speak differently. Every text
 * is ours, in English, calm, and about a rating, never about a person. */
#pragma once

#include "server/aggregator/rules/figures.h"

enum tier { TIER_AMBER, TIER_RED };

struct rule {
    const char *id;
    int version;
    enum tier tier;
    size_t ratings_min; /* Complete ratings needed, the judged one included. */
    bool (*fires)(const struct figures *f, const struct rule_settings *s);
    /* Why it fired, in one sentence, into `room`. */
    void (*why)(const struct figures *f, const struct rule_settings *s, char *room,
                size_t room_size);
    const char *false_alarms; /* How often it fires on nothing: a sentence. */
    const char *now;          /* What to do while the client is there, and */
    const char *now_late;     /* when nobody may say that they are. */
    const char *next_time;    /* printf's, with one %s for the lowest area's phrase. */
};

extern const struct rule rule_very_low, rule_drop, rule_level;

/* "21.2" of 212, into `room` of NUMBER_ROOM bytes; gives `room`. */
enum { NUMBER_ROOM = 16 };
const char *rule_number(int tenths, char room[NUMBER_ROOM]);

/* The area's name, and the place of the lowest score; of equal ones the first. */
const char *rule_area(int area);
int rule_lowest(const struct figures *f);
