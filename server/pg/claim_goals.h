/* claim_goals.h - the goals of a claimed course: at which session which area was agreed on. */
#pragma once

#include "server/pg/rows.h"

/* Borrowed from the rows. */
struct claim_goals {
    struct pg_array sessions, areas;
};

/* From a course's first row; the other rows leave them as they are. */
void claim_goals_take(struct claim_goals *g, struct pg_rows *rows, size_t row, int column);

/* Bit i: a goal for area i was agreed at that session. */
uint8_t claim_goals_at(const struct claim_goals *g, const uint8_t *session_id);
