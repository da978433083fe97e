/* claim_rows.h - what a claim gives to those who judge it, and what they make of it. Pure: they
 * need neither database nor loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STORE_ID = 16, STORE_AREAS = 4 };
enum { STORE_NOT_ANSWERED = -1 }; /* A score that is missing: null, never 0. */

/* Was there any tension or misunderstanding? */
enum store_tension {
    STORE_TENSION_NOT_ANSWERED,
    STORE_TENSION_NONE,
    STORE_TENSION_RESOLVED,
    STORE_TENSION_UNRESOLVED
};

/* As on the wire. */
enum store_tier { STORE_TIER_AMBER = 1, STORE_TIER_RED, STORE_TIER_GOOD, STORE_TIER_PATTERN };

enum { STORE_RULES_MAX = 64 };
/* What a practice has set of its rules; count 0: nothing, the defaults. */
struct store_rules {
    int32_t version;
    size_t count;
    int32_t numbers[STORE_RULES_MAX];
};

/* A rating within the windows of what was claimed, each once, by practice, course and session time.
 */
struct store_claimed {
    int64_t practice_id, course_id, therapist_id, session_start;
    uint8_t rating_id[STORE_ID], session_id[STORE_ID];
    bool claimed; /* It is in a claimed batch; otherwise it stands around one. */
    bool late;    /* Nothing may say that the client is there: see rating_claim in sql/. */
    bool skipped;
    int16_t scores[STORE_AREAS];
    enum store_tension tension;
    uint8_t goals;                   /* Bit i: one for area i was agreed at its session. */
    bool opened, ended;              /* A rupture that stands was opened by it, or is over by it. */
    const char *language;            /* Its therapist's: "en". */
    const struct store_rules *rules; /* Its practice's. */
};

struct store_new_alert {
    const struct store_claimed *rating;
    const char *rule;
    int32_t rule_version;
    enum store_tier tier;
    bool late;
    const struct store_claimed
        *opened;                /* What opened the rupture that it belongs to; NULL: none. */
    const char *inputs;         /* JSON. */
    const char *wording;        /* "en/2". */
    int16_t usual[STORE_AREAS]; /* All STORE_NOT_ANSWERED: none. */
    const char *what, *why, *now, *next_time;
};

/* A rupture as the fold over its course's ratings has it now. */
enum store_rupture_state {
    STORE_RUPTURE_OPEN,
    STORE_RUPTURE_REPAIRED,
    STORE_RUPTURE_UNREPAIRED,
    STORE_RUPTURE_WITHDRAWN, /* It never was one. */
};
struct store_rupture {
    const struct store_claimed *opened, *closed; /* closed NULL: still open, or withdrawn. */
    enum store_rupture_state state;
    int16_t low; /* STORE_NOT_ANSWERED: no total. */
};

/* What a course's next rating asks besides. */
struct store_ask {
    int64_t practice_id, course_id;
    bool better;
};
