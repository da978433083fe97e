/* alert_rows.h - rows of alert_view into structs, for those who read alerts. For server/pg's
 * store_*.c. */
#pragma once

#include "server/pg/operation.h"

/* What a statement selects from alert_view (named v), for on_alert_rows. */
#define ALERT_COLUMNS                                                                              \
    "v.practice_id, v.therapist_id, v.alert_id, v.session_id, v.rating_id, v.rule,"                \
    " v.client_ref, v.what, v.why, v.now, v.next_time, v.rule_version,"                            \
    " array_position('{amber,red,good,pattern}'::alert_tier[], v.tier), v.late,"                   \
    " v.received_at is not null, v.session_start, v.created_at, v.understanding, v.relevance,"     \
    " v.safety, v.fit, v.usual[1], v.usual[2], v.usual[3], v.usual[4], v.talk::text, v.digest,"    \
    " v.client_id"

enum { ALERT_COLUMN_COUNT = 28 }; /* What stands after them begins here. */

/* One such row. */
void alert_row(struct pg_rows *rows, size_t row, struct store_alert *ret_alert);

/* A call whose only answer is such rows: gives them to c->cb.alerts. */
void on_alert_rows(struct pg_call *call, int rc, const struct pg_results *results);
