/* crew.h - the same work for many clients, on all cores.
 *
 * Clients are handed out in blocks to whoever is free. A job writes only what belongs to its worker
 * or to its client, and the sums are whole numbers: so the result does not depend on who did what.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "server/base/progress.h"

enum { CREW_WORKERS_MAX = 8, CREW_BLOCK = 500 };

struct crew_job {
    /* Clients `first` to `end` - 1; `worker` is below the number of workers. Called from threads.
     */
    void (*work)(struct crew_job *job, size_t worker, uint64_t first, uint64_t end);
};

/* As many as there are cores, CREW_WORKERS_MAX at most. */
size_t crew_size(void);

/* Returns when all clients are done. `progress` is moved on by `count`. */
void crew_run(struct crew_job *job, size_t workers, uint64_t count, struct progress *progress);
