/* Happy path: made by an operation, sent by a connection, freed when it is sent.
 * Failure: none but a broken promise. */
#include "server/pg/plan.h"

#include <stdlib.h>

#include "proto/wire/must.h"

struct pg_plan *pg_plan_new(void)
{
    struct pg_plan *plan = calloc(1, sizeof *plan);
    must(plan != NULL);
    return plan;
}

void pg_plan_free(struct pg_plan *plan)
{
    for (unsigned i = 0; plan != NULL && i < plan->count; i++) {
        pg_params_fini(&plan->steps[i].params);
    }
    if (plan != NULL) {
        pg_params_fini(&plan->before.params);
        pg_params_fini(&plan->after.params);
    }
    free(plan);
}

struct pg_params *pg_step_set(struct pg_step *step, const struct pg_statement *statement)
{
    step->statement = statement;
    pg_params_init(&step->params);
    return &step->params;
}

struct pg_params *pg_plan_add(struct pg_plan *plan, const struct pg_statement *statement)
{
    must(plan->count < PG_STEPS_MAX);
    return pg_step_set(&plan->steps[plan->count++], statement);
}
