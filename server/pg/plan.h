/* plan.h - what one call asks of the database: up to eight statements, run in one pipeline.
 *
 * Around them may stand two hidden ones, in the same pipeline and transaction, whose answers nobody
 * reads: `before` says who asks (operation.c), `after` is for what is to be noted of it. The
 * numbers of the eight are the same with and without.
 *
 * One sync ends it, so without a `begin` among them they are one transaction, which commits at
 * the sync. Statements are prepared on a connection when it first meets them, in the same pipeline.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "server/pg/params.h"

enum { PG_STEPS_MAX = 8 };

/* Static, one per text: it is known by its address. Every parameter's type is stated by a cast. */
struct pg_statement {
    const char *sql;
    bool once; /* Not worth preparing: listen, rollback. */
    /* If set: its answer has come, the commit's has not. Not 0: the connection is dropped
     * (failpoints). */
    int (*answered)(void);
};

struct pg_step {
    const struct pg_statement *statement;
    struct pg_params params;
};

struct pg_plan {
    struct pg_step steps[PG_STEPS_MAX];
    unsigned count;
    struct pg_step before, after; /* Without a statement: none. */
    bool one_snapshot; /* All steps see the same: for reads whose `after` notes what they showed. */
    bool keep_transaction; /* It may end inside one: the connection waits for the caller. */
};

struct pg_plan *pg_plan_new(void);
void pg_plan_free(struct pg_plan *plan);
/* The next statement; append its parameters to what is returned. */
struct pg_params *pg_plan_add(struct pg_plan *plan, const struct pg_statement *statement);
/* A hidden one: `before` or `after`. */
struct pg_params *pg_step_set(struct pg_step *step, const struct pg_statement *statement);
