/* progress.h - how far long work has come: one line on standard error, and only if somebody can see
 * it there. Into a pipe, a file or a journal nothing is written. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROGRESS_LINE = 96 };

struct progress {
    const char *what; /* Static, 40 bytes at most. */
    uint64_t total, done;
    unsigned shown; /* Percent; above 100: nothing yet. */
    bool is_seen;
};

void progress_init(struct progress *p, const char *what, uint64_t total);

/* `more` of the total is done. Writes when another percent is full. */
void progress_add(struct progress *p, uint64_t more);

/* Takes the line away: what follows begins at its place. */
void progress_end(struct progress *p);

/* "rates [#####               ]  25 %", into `room` of PROGRESS_LINE bytes; gives `room`. Pure. */
const char *progress_line(const char *what, unsigned percent, char room[PROGRESS_LINE]);
