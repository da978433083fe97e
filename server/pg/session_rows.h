/* session_rows.h - rows of session_view into structs, for those who read sessions. For server/pg's
 * store_*.c. */
#pragma once

#include "server/pg/operation.h"

/* What a statement selects from session_view (named v), for session_row. */
#define SESSION_COLUMNS                                                                            \
    "v.practice_id, v.therapist_id, v.session_id, v.client_ref, v.room, v.start_at,"               \
    " v.planned_end, v.closed_at, v.state::text, v.skipped, v.understanding, v.relevance,"         \
    " v.safety, v.fit, v.talk::text, v.colour, v.symbol, v.together_with, v.instrument,"           \
    " v.covered, v.client_id"

enum { SESSION_COLUMN_COUNT = 21 }; /* What stands after them begins here. */

void session_row(struct pg_rows *rows, size_t row, struct store_session *ret_session);

/* A call whose only answer is such rows: gives them to c->cb.sessions. */
void on_session_rows(struct pg_call *call, int rc, const struct pg_results *results);
