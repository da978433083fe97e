/* report.h - a practice by week, by site or by therapist, from its roll-ups alone. Pure. */
#pragma once

#include <stddef.h>

#include "server/base/rollup.h"
#include "server/gateway/report/funnel.h"

enum report_kind { REPORT_PRACTICE = 1, REPORT_SITES, REPORT_THERAPISTS }; /* As on the wire. */

enum { REPORT_WEEKS_MAX = 52 };
enum { REPORT_AGES = 3 }; /* Open ruptures: of the last 2 weeks, of the 4 before, older. */

struct report_share {
    int64_t of;           /* Sessions held, or ruptures that are over. */
    struct funnel limits; /* Where chance alone takes it, given everyone's share. */
};

struct report_row {
    const char *name;      /* A site's or therapist's; NULL: `week`. Borrowed from the cells. */
    unsigned week;         /* Of a practice's row; the row after all of them is their sum. */
    uint64_t weeks;        /* A bit each: whole weeks that are in it. */
    uint64_t weeks_hidden; /* Weeks of which something is left out: too few clients. */
    int64_t numbers[ROLLUP_NUMBERS];
    int64_t waiting[REPORT_AGES];
    bool compared;                        /* Therapists only, from FUNNEL_RATINGS_MIN ratings on. */
    struct report_share coverage, repair; /* `of` 0: nothing to compare. */
};

struct report {
    struct report_row *rows; /* Ours; by name, or weeks from the oldest on and their sum. */
    size_t count;
};

/* `cells` of `weeks` weeks (1 to REPORT_WEEKS_MAX), as crowd_judge takes them; they are judged here
 * and outlive the report. `own` not 0: that therapist's row alone, with nothing hidden from them.
 * report_fini is owed. */
void report_make(enum report_kind kind, struct rollup_cell *cells, size_t count, unsigned weeks,
                 int64_t own, struct report *ret_report);
void report_fini(struct report *r);

/* Mean and standard deviation of `count` values, in hundredths of a point; 0 without enough. */
unsigned report_mean(int64_t count, int64_t sum);
unsigned report_spread(int64_t count, int64_t sum, int64_t squares);
