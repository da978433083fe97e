/* pipeline.h - one plan over libpq's pipeline mode: sent whole, answers taken in order, done at the
 * sync.
 *
 * For conn.c only. None of these blocks, watches or tells anybody. */
#pragma once

#include "server/pg/conn.h"

/* Hand the plan to libpq. Returns 0 or ERR_DATABASE: the connection is of no more use. */
int pg_pipeline_send(struct pg_connection *c, const struct pg_plan *plan);

enum pg_progress { PG_PROGRESS_MORE, PG_PROGRESS_DONE, PG_PROGRESS_BROKEN };

/* Take the answers that have come. DONE: the sync is among them; rc and results are in c->pipeline.
 */
enum pg_progress pg_pipeline_read(struct pg_connection *c);

void pg_results_clear(struct pg_results *results);
