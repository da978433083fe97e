/* history.h - every rating of every course, in session time. Blocks: for a command, not for the
 * loop. */
#pragma once

#include "server/pg/store_claim.h"

struct history_reader;
/* One rating; by practice, course and session time. Of `row` the practice, course, session_start,
 * scores, skipped, tension and rules are there; borrowed for the call. */
typedef void (*history_cb)(struct history_reader *h, const struct store_claimed *row);

struct history_reader {
    history_cb cb;
};

/* Row by row, whatever their number. Returns 0 or ERR_DATABASE, and says on standard error what is
 * wrong; then what was given is not all. */
int history_read(struct history_reader *h, const char *conninfo);
