/* crowd.h - which cells nobody but their therapist may see, because too few clients are in them.
 * Pure.
 *
 * Twice: what was held, rated and skipped tells of the clients who came; means, answers and alerts
 * tell of those who answered, and one among many who did not would stand there alone.
 * A cell with fewer than CROWD_MIN clients is hidden. So that it is not what is left when the cells
 * beside it are taken from the one that holds them all, the smallest of those beside it are hidden,
 * too, and when these do not do, the one that holds them. What is left over is then never less than
 * CROWD_MIN clients, whatever of the three tables one takes from another, also for a therapist who
 * knows their own cell and takes that as well; and since every figure is a sum over whole cells of
 * finished weeks, other spans of weeks give nothing more.
 */
#pragma once

#include <stddef.h>

#include "server/base/rollup.h"

enum { CROWD_MIN = 5 };

/* Sorts the cells by week, site and therapist, adds the therapists' numbers up in those that hold
 * them (whose own numbers are overwritten), and says of each whether it is hidden. Each cell of a
 * therapist needs its site's, each cell of a site its practice's: a missing one is a broken
 * promise. */
void crowd_judge(struct rollup_cell *cells, size_t count);
