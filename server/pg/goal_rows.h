/* goal_rows.h - rows of goal_view into structs. For server/pg's store_*.c. */
#pragma once

#include "server/pg/operation.h"

/* What a statement selects from goal_view (named v), for goal_row. */
#define GOAL_COLUMNS                                                                               \
    "v.goal_id, v.session_id, v.session_start, array_position(enum_range(null::area), v.area),"    \
    " v.words, v.ended_at, coalesce(array_position(enum_range(null::goal_outcome), v.outcome), "   \
    "0),"                                                                                          \
    " v.before_answers, v.before, v.after_answers, v.after"

/* As many as there are rows; to be released with free. */
struct store_goal *goal_rows(struct pg_rows *rows);
