/* estimate.h - a practice's own model from its own courses. Pure.
 *
 * The five numbers of rules/client_model.h under which the practice's ratings are likeliest, by the
 * same grids that the chance is computed with, in whole tenths: same ratings, same model. The
 * ceiling is part of the model, so that a practice of perfect scores is not taken for one without
 * spread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "server/aggregator/rules/client_model.h"
#include "server/aggregator/rules/figures.h"

enum {
    ESTIMATE_RATINGS_MIN = 200,   /* Complete ones, and */
    ESTIMATE_CLIENTS_MIN = 40,    /* from as many clients: below, the defaults hold. */
    ESTIMATE_RATINGS_MAX = 20000, /* No more are looked at: the rest would not change a tenth. */
};

/* One client's ratings. Borrowed. */
struct rated_course {
    const int16_t (*scores)[AREAS];
    size_t count;
};

/* `step` is the instrument's. True: estimated. False: too few complete ratings or clients, and
 * `ret_model` has the defaults. */
bool estimate_model(const struct rated_course *courses, size_t count, int step,
                    struct client_model *ret_model);
