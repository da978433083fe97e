/* rebuild.h - the roll-ups made anew from what they count. Blocks: for a command, not for the loop.
 */
#pragma once

#include <stdint.h>

struct rebuilt {
    const char *practice;  /* Borrowed for the call. */
    int64_t cells;         /* Weeks × sites × therapists. */
    int64_t cells_changed; /* That were not the same before: 0 unless something is wrong. */
};

struct rebuild_run;
typedef void (*rebuild_cb)(struct rebuild_run *r, const struct rebuilt *rebuilt);
struct rebuild_run {
    rebuild_cb cb; /* Once a practice, by name, after it has been committed. */
};

/* Practice by practice, a transaction each, while everything else goes on. Returns 0 or
 * ERR_DATABASE, and says on standard error what is wrong. */
int rebuild_run(struct rebuild_run *r, const char *conninfo);
