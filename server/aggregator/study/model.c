/* Happy path: the client's part, then session by session its own and its areas'; what happened is
 * taken off; rounded, cut at 0 and 10. Failure: none. */
#include "server/aggregator/study/model.h"

#include <math.h>

#include "proto/wire/must.h"

void model_draw(const struct client_model *m, struct random_stream *r, size_t sessions,
                struct course_draw *ret_draw)
{
    must(sessions <= COURSE_SESSIONS_MAX);
    double client = m->mean + m->client * random_normal(r);
    ret_draw->count = sessions;
    for (size_t i = 0; i < sessions; i++) {
        double session = client + m->session * random_normal(r);
        for (int area = 0; area < AREAS; area++) {
            ret_draw->areas[i][area] = session + m->area * random_normal(r);
        }
    }
}

double model_depth(const struct course_plan *plan, size_t session)
{
    if (plan->event == EVENT_NONE || session < plan->at) {
        return 0;
    }
    size_t since = session - plan->at;
    if (plan->event == EVENT_DIP) {
        return since == 0 ? plan->depth : 0;
    }
    if (plan->event == EVENT_SLIDE && since + 1 < SLIDE_SESSIONS) {
        return plan->depth * (double)(since + 1) / SLIDE_SESSIONS;
    }
    return plan->depth;
}

void model_rate(const struct client_model *m, const struct course_draw *d, size_t session,
                double depth, int16_t ret_scores[AREAS])
{
    must(session < d->count);
    for (int area = 0; area < AREAS; area++) {
        long score = lround((d->areas[session][area] - depth) / m->step) * m->step;
        score = score < 0 ? 0 : score;
        ret_scores[area] = (int16_t)(score > MODEL_SCORE_BEST ? MODEL_SCORE_BEST : score);
    }
}
