/* rollup.h - the numbers of a roll-up, in the order in which the database gives them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* sql/0008_rollup.sql says what each one counts. Scores are tenths, squares tenths squared. */
enum rollup_number {
    ROLLUP_HELD,
    ROLLUP_RATED,
    ROLLUP_SKIPPED,
    ROLLUP_COMPLETE,
    ROLLUP_PERFECT,
    ROLLUP_TOTAL_SUM,
    ROLLUP_TOTAL_SQUARES,
    ROLLUP_ANSWERS, /* Four areas: answers, their sum, their squares. */
    ROLLUP_RUPTURES = ROLLUP_ANSWERS + 12,
    ROLLUP_REPAIRED,
    ROLLUP_UNREPAIRED,
    ROLLUP_WAITING,
    ROLLUP_ACKNOWLEDGED,
    ROLLUP_WITHIN_HOUR,
    ROLLUP_WITHIN_DAY,
    ROLLUP_NUMBERS,
};

/* Of whom a number tells: what was held and rated of everybody who came, the rest of who answered.
 */
enum rollup_crowd { ROLLUP_CAME, ROLLUP_ANSWERED, ROLLUP_CROWDS };
static inline enum rollup_crowd rollup_crowd_of(int number)
{
    return number <= ROLLUP_SKIPPED ? ROLLUP_CAME : ROLLUP_ANSWERED;
}

/* One week of a practice, of one of its sites, or of one therapist there. */
struct rollup_cell {
    unsigned week;                  /* 0 is the oldest of those asked for. */
    int64_t site_id;                /* 0: the whole practice. */
    int64_t therapist_id;           /* 0: the whole site, or practice. */
    const char *site, *therapist;   /* Name and code; "" where the id is 0. Borrowed. */
    int64_t clients[ROLLUP_CROWDS]; /* How many people it is made of. */
    int64_t numbers[ROLLUP_NUMBERS];
    bool hidden[ROLLUP_CROWDS]; /* See server/gateway/report/crowd.h. */
};
