/* Happy path: a row is a goal. Failure: what cannot be read sets `bad`. */
#include "server/pg/goal_rows.h"

static void goal_row(struct pg_rows *rows, size_t row, struct store_goal *ret_goal)
{
    struct store_goal g = {
        .session_start = pg_time(rows, row, 2),
        .area = pg_int4(rows, row, 3),
        .words = pg_text(rows, row, 4),
        .ended = pg_time(rows, row, 5),
        .outcome = (enum store_goal_outcome)pg_int4(rows, row, 6),
        .before_answers = (unsigned)pg_int4(rows, row, 7),
        .before = pg_int2(rows, row, 8),
        .after_answers = (unsigned)pg_int4(rows, row, 9),
        .after = pg_int2(rows, row, 10),
    };
    pg_uuid(rows, row, 0, g.goal_id);
    pg_uuid(rows, row, 1, g.session_id);
    *ret_goal = g;
}

struct store_goal *goal_rows(struct pg_rows *rows)
{
    struct store_goal *goals = store_array(rows->count, sizeof *goals);
    for (size_t i = 0; i < rows->count; i++) {
        goal_row(rows, i, &goals[i]);
    }
    return goals;
}
