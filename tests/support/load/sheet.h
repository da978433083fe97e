/* sheet.h - what became of each rating of a plan: when it was saved, sent and answered, and how.
 *
 * The load generator's memory and, at the end, its journal. `copies` is how many kiosks send each
 * number; each copy has its own line. Times are microseconds of a clock that never goes back. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/support/load/plan.h"

enum { SHEET_UNANSWERED = 1 }; /* A verdict that is none: 0 is stored, negative an err code. */

struct sheet_line {
    int64_t sent_us, answered_us; /* First send; last word. 0: not yet. */
    int64_t alert_us;             /* Its alert was first seen. */
    uint32_t sends;
    int16_t verdict;
    bool saved, again; /* again: it was there already when it was answered. */
};

struct sheet {
    const struct plan *plan;
    uint32_t copies;
    struct sheet_line *lines; /* plan->count * copies. */
    uint32_t sent, acked, refused, alerts;
};

void sheet_init(struct sheet *s, const struct plan *plan, uint32_t copies);
void sheet_fini(struct sheet *s);

void sheet_saved(struct sheet *s, uint32_t number, uint32_t copy);
void sheet_sent(struct sheet *s, uint32_t number, uint32_t copy, int64_t now_us);
/* The last word: 0 or the reason of a refusal for good. Once; later ones are ignored. */
void sheet_answered(struct sheet *s, uint32_t number, uint32_t copy, int rc, bool again,
                    int64_t now_us);
/* True for the first alert on that number. */
bool sheet_alert(struct sheet *s, uint32_t number, int64_t now_us);

/* Every low number that was acknowledged has had its alert. */
bool sheet_alerted(const struct sheet *s);

/* A line per number and copy that was saved or sent: "rating ID SENT_MS ANSWERED_MS VERDICT SENDS
 * SAVED LOW AGAIN"; times as CLOCK_MONOTONIC tells them, -1 for never. */
void sheet_write(const struct sheet *s, FILE *to);

/* Milliseconds of acknowledgement (or, `alerts`, from Send to the alert) of what was answered from
 * `from_us` until `until_us`. */
struct sheet_times {
    uint32_t count;
    double p50_ms, p99_ms, max_ms;
};
struct sheet_times sheet_times(const struct sheet *s, bool alerts, int64_t from_us,
                               int64_t until_us);
