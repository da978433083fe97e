/* Happy path: the defaults, and a check of what was estimated or configured. Failure: none. */
#include "server/aggregator/rules/client_model.h"

enum { MEAN_MIN = 20, MEAN_MAX = 180, DEVIATION_MAX = 60, AREA_MIN = 2, STEP_MAX = 50 };

struct client_model client_model_default(void)
{
    return (struct client_model){.mean = 98, .client = 14, .session = 8, .area = 10, .step = 10};
}

static bool is_between(int value, int min, int max)
{
    return value >= min && value <= max;
}

bool client_model_is_sane(const struct client_model *m)
{
    return is_between(m->mean, MEAN_MIN, MEAN_MAX) && is_between(m->client, 0, DEVIATION_MAX) &&
           is_between(m->session, 0, DEVIATION_MAX) &&
           is_between(m->area, AREA_MIN, DEVIATION_MAX) && is_between(m->step, 1, STEP_MAX) &&
           MODEL_SCORE_BEST % m->step == 0;
}
