/* claim_alerts.h - a claim's alerts and their deliveries, one statement. For store_claim.c. */
#pragma once

#include "server/pg/plan.h"
#include "server/pg/store_claim.h"

/* `news` has alerts. */
void claim_alerts(struct pg_plan *plan, const struct store_claim_news *news);
