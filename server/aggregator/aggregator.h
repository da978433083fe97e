/* aggregator.h - claim what was committed, evaluate it, write its alerts and add it to the
 * roll-ups: all in one transaction, or not at all.
 *
 * Woken by NOTIFY, by the store's poll and by a connection that comes back; it claims until nothing
 * is left. Any number may run at once on one database. Killed anywhere, it has done all or nothing.
 */
#pragma once

#include "server/aggregator/options.h"
#include "server/aggregator/review.h"
#include "server/pg/store_claim.h"

struct aggregator;
typedef void (*aggregator_close_cb)(struct aggregator *a);

struct aggregator_counters {
    int64_t claims, evaluated, alerts, failures;
};

struct aggregator {
    const struct aggregator_options *options; /* Borrowed. */
    struct store store;
    struct store_claim claim;
    struct store_call counting; /* Of sessions, when no claim is under way. */
    struct review review;
    struct rule_settings defaults;
    struct aggregator_counters counters;
    uv_loop_t *loop;     /* Borrowed; for its clock. */
    uint64_t night_next; /* When to look again at what goes at night. */
    aggregator_close_cb close_cb;
    bool working; /* A claim is under way. */
    bool woken;   /* Look again when it is done. */
    bool more;    /* It held something: there may be more. */
    bool stopping, closing;
};

/* Both are borrowed; `languages` NULL: English alone. */
void aggregator_init(struct aggregator *a, const struct aggregator_options *options,
                     const struct languages *languages, const struct chain_key *audit_key);
void aggregator_start(struct aggregator *a, uv_loop_t *loop);
bool aggregator_ready(const struct aggregator *a);
/* Finishes the claim under way, then closes. Twice is once. */
void aggregator_stop(struct aggregator *a, aggregator_close_cb cb);
