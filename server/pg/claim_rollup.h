/* claim_rollup.h - what a claim adds to its practices' roll-ups, as steps of its plan. */
#pragma once

#include "server/pg/plan.h"
#include "server/pg/store_claim.h"

/* The claimed ones among the ratings; those around them have been counted. */
void claim_rollup_ratings(struct pg_plan *plan, const struct store_claimed *ratings, size_t count);

/* The ruptures' first two columns as arrays: whose practice, and the rating that opened each. */
void claim_rollup_put_opened(struct pg_params *p, const struct store_rupture *ruptures,
                             size_t count);

enum claim_rollup_sign { CLAIM_ROLLUP_BEFORE = -1, CLAIM_ROLLUP_AFTER = 1 };
/* One step before the ruptures are written and one after: what they were is taken off, what they
 * are is added. */
void claim_rollup_ruptures(struct pg_plan *plan, const struct store_rupture *ruptures, size_t count,
                           enum claim_rollup_sign sign);
