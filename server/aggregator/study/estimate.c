/* Happy path: from the defaults, one number at a time is moved by 8, 4, 2 and 1 tenths for as long
 * as the ratings become likelier.
 * Failure: too little data gives the defaults. */
#include "server/aggregator/study/estimate.h"

#include "server/aggregator/rules/chance.h"

/* What a move adds; the sign is tried both ways. */
static const struct client_model moves[] = {
    {.mean = 1}, {.client = 1}, {.session = 1}, {.area = 1}};

enum { MOVES = sizeof moves / sizeof moves[0], LONGEST_MOVE = 8 };

static bool is_complete(const int16_t scores[AREAS])
{
    return scores[0] >= 0 && scores[1] >= 0 && scores[2] >= 0 && scores[3] >= 0;
}

static size_t complete_of(const struct rated_course *course)
{
    size_t complete = 0;
    for (size_t i = 0; i < course->count; i++) {
        complete += is_complete(course->scores[i]);
    }
    return complete;
}

/* How many courses there is time for; false: too few to estimate from. */
static bool is_enough(const struct rated_course *courses, size_t count, size_t *ret_used)
{
    size_t ratings = 0, clients = 0, used = 0;
    for (; used < count && ratings < ESTIMATE_RATINGS_MAX; used++) {
        size_t complete = complete_of(&courses[used]);
        ratings += complete;
        clients += complete > 0;
    }
    *ret_used = used;
    return ratings >= ESTIMATE_RATINGS_MIN && clients >= ESTIMATE_CLIENTS_MIN;
}

/* The logarithm of the chance of all these ratings. */
static double evidence_for(const struct client_model *m, const struct rated_course *courses,
                           size_t count)
{
    struct chance *c = chance_new(m, 1);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        struct belief b;
        belief_init(&b, c);
        for (size_t k = 0; k < courses[i].count; k++) {
            belief_add(&b, c, courses[i].scores[k]);
        }
        sum += b.evidence;
    }
    chance_free(c);
    return sum;
}

static struct client_model moved(const struct client_model *m, const struct client_model *move,
                                 int by)
{
    return (struct client_model){.mean = m->mean + by * move->mean,
                                 .client = m->client + by * move->client,
                                 .session = m->session + by * move->session,
                                 .area = m->area + by * move->area,
                                 .step = m->step};
}

bool estimate_model(const struct rated_course *courses, size_t count, int step,
                    struct client_model *ret_model)
{
    struct client_model best = client_model_default();
    size_t used = 0;
    best.step = step;
    *ret_model = best;
    if (!is_enough(courses, count, &used)) {
        return false;
    }
    double likeliest = evidence_for(&best, courses, used);
    for (int length = LONGEST_MOVE; length > 0;) {
        bool better = false;
        for (size_t i = 0; i < 2 * (size_t)MOVES; i++) {
            struct client_model next = moved(&best, &moves[i / 2], i % 2 == 0 ? length : -length);
            double evidence =
                client_model_is_sane(&next) ? evidence_for(&next, courses, used) : likeliest;
            if (evidence > likeliest) {
                likeliest = evidence;
                best = next;
                better = true;
            }
        }
        length = better ? length : length / 2; /* Ends: each round is likelier, the numbers few. */
    }
    *ret_model = best;
    return true;
}
