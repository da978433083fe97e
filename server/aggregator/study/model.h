/* model.h - made-up courses with known events, from the model of rules/client_model.h. Pure.
 *
 * A course is drawn once, before rounding and ceiling; what happens in it is taken off afterwards.
 * So the same client can be looked at with and without a dip, and a difference is the dip's. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "server/aggregator/rules/client_model.h"
#include "server/aggregator/rules/figures.h"
#include "server/aggregator/study/random.h"

enum { COURSE_SESSIONS_MAX = HISTORY_MAX, SLIDE_SESSIONS = 5 };

enum course_event {
    EVENT_NONE,
    EVENT_DIP,     /* One session is lower. */
    EVENT_LASTING, /* That session and all after it are. */
    EVENT_SLIDE,   /* From that session on each is lower than the last, for five sessions; then the
                    * whole depth is reached and stays. */
};

struct course_plan {
    enum course_event event;
    size_t at; /* The first session that it touches, from 0. */
    int depth; /* Tenths an area, before the ceiling. */
};

struct course_draw {
    size_t count;
    double areas[COURSE_SESSIONS_MAX][AREAS];
};

/* `sessions` at most COURSE_SESSIONS_MAX. A shorter course from the same stream is a longer one's
 * beginning. */
void model_draw(const struct client_model *m, struct random_stream *r, size_t sessions,
                struct course_draw *ret_draw);

/* How far below the ordinary a session is. */
double model_depth(const struct course_plan *plan, size_t session);

/* One session's scores, `depth` tenths lower than drawn. */
void model_rate(const struct client_model *m, const struct course_draw *d, size_t session,
                double depth, int16_t ret_scores[AREAS]);
