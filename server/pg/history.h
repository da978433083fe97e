/* history.h - every rating of every course, in session time. Blocks: for a command, not for the
 * loop. */
#pragma once

#include "server/pg/store_claim.h"

/* When the last session was, rated or not: milliseconds. */
struct history_end {
    int64_t course_ms, practice_ms;
};

struct history_reader;
/* One rating; by practice, course and session time. Of `row` the practice, course, session_start,
 * scores, skipped, tension and rules are there; `end` is its course's. Borrowed for the call. */
typedef void (*history_cb)(struct history_reader *h, const struct store_claimed *row,
                           const struct history_end *end);

struct history_reader {
    history_cb cb;
    uint64_t
        total; /* How many there are, known before the first comes; more may have been added. */
};

/* Row by row, whatever their number. Returns 0 or ERR_DATABASE, and says on standard error what is
 * wrong; then what was given is not all. */
int history_read(struct history_reader *h, const char *conninfo);
