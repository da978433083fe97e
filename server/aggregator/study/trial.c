/* Happy path: a client's earlier sessions are drawn and believed, under the truth and under each
 * model told; then the judged session is scored for each of its three days. Failure: none. */
#include "server/aggregator/study/trial.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"
#include "server/aggregator/study/model.h"

struct trial_job {
    struct crew_job job;
    struct trial *trial;
    uint64_t seed;
    struct chance *truth, *told[TRIAL_MODELS_MAX];
    struct chance *fallen[TRIAL_DAYS]; /* The truth with its mean so much lower: same grid. */
};

static const int depths[TRIAL_DAYS] = {[TRIAL_DIP_15] = 15, [TRIAL_DIP_25] = 25};

struct beliefs {
    struct belief truth, told[TRIAL_MODELS_MAX];
};

static void put(const struct trial *t, size_t score, size_t day, uint64_t client, double value)
{
    t->scores[score][day][client] = value;
}

static void score_day(const struct trial_job *j, const struct figures *f, const struct beliefs *b,
                      size_t day, uint64_t client)
{
    const struct trial *t = j->trial;
    double ordinary = chance_of_scores(j->truth, &b->truth, f->scores);
    for (size_t dip = TRIAL_DIP_15; dip <= TRIAL_DIP_25; dip++) {
        double fallen = chance_of_scores(j->fallen[dip], &b->truth, f->scores);
        put(t, TRIAL_BOUND_15 + dip - TRIAL_DIP_15, day, client, fallen / ordinary);
    }
    put(t, TRIAL_TOTAL, day, client, -f->total);
    put(t, TRIAL_CHANGE, day, client, f->totals[f->earlier - 1] - f->total);
    put(t, TRIAL_MEDIAN, day, client, f->usual_twice - 2 * f->total);
    for (size_t i = 0; i < t->told_count; i++) {
        put(t, TRIAL_CHANCE + i, day, client, -chance_of_total(j->told[i], &b->told[i], f->total));
    }
}

static void one_client(const struct trial_job *j, uint64_t client)
{
    const struct trial *t = j->trial;
    struct random_stream r;
    struct course_draw d;
    struct beliefs b;
    struct history h = {.count = t->earlier + 1};
    random_init(&r, j->seed, client);
    model_draw(&t->truth, &r, h.count, &d);
    belief_init(&b.truth, j->truth);
    for (size_t i = 0; i < t->told_count; i++) {
        belief_init(&b.told[i], j->told[i]);
    }
    for (size_t session = 0; session < t->earlier; session++) {
        model_rate(&t->truth, &d, session, 0, h.scores[session]);
        belief_add(&b.truth, j->truth, h.scores[session]);
        for (size_t i = 0; i < t->told_count; i++) {
            belief_add(&b.told[i], j->told[i], h.scores[session]);
        }
    }
    for (size_t day = 0; day < TRIAL_DAYS; day++) {
        struct figures f;
        model_rate(&t->truth, &d, t->earlier, depths[day], h.scores[t->earlier]);
        figures_take(&h, &f);
        must(f.has_total);
        score_day(j, &f, &b, day, client);
    }
}

static void work(struct crew_job *job, size_t worker, uint64_t first, uint64_t end)
{
    const struct trial_job *j = container_of(job, struct trial_job, job);
    (void)worker; /* Each client has places of its own. */
    for (uint64_t client = first; client < end; client++) {
        one_client(j, client);
    }
}

static void make_tables(struct trial_job *j)
{
    const struct trial *t = j->trial;
    j->truth = chance_new(&t->truth, 1);
    for (size_t day = TRIAL_DIP_15; day < TRIAL_DAYS; day++) {
        struct client_model lower = t->truth;
        lower.mean -= depths[day];
        j->fallen[day] = chance_new(&lower, 1);
    }
    for (size_t i = 0; i < t->told_count; i++) {
        j->told[i] = chance_new(&t->told[i], 1);
    }
}

static void free_tables(struct trial_job *j)
{
    chance_free(j->truth);
    for (size_t day = 0; day < TRIAL_DAYS; day++) {
        chance_free(j->fallen[day]);
    }
    for (size_t i = 0; i < TRIAL_MODELS_MAX; i++) {
        chance_free(j->told[i]);
    }
}

void trial_run(struct trial *t, const struct study_wish *wish, struct progress *progress)
{
    struct trial_job j = {.job = {work}, .trial = t, .seed = wish->seed};
    must(t->earlier >= 1 && t->earlier < HISTORY_MAX && t->told_count <= TRIAL_MODELS_MAX);
    memset(t->scores, 0, sizeof t->scores);
    for (size_t score = 0; score < TRIAL_CHANCE + t->told_count; score++) {
        for (size_t day = 0; day < TRIAL_DAYS; day++) {
            t->scores[score][day] = calloc(wish->clients, sizeof(double));
            must(t->scores[score][day] != NULL);
        }
    }
    make_tables(&j);
    crew_run(&j.job, wish->workers, wish->clients, progress);
    free_tables(&j);
}

void trial_free(struct trial *t)
{
    for (size_t score = 0; score < TRIAL_SCORES; score++) {
        for (size_t day = 0; day < TRIAL_DAYS; day++) {
            free(t->scores[score][day]);
        }
    }
    memset(t->scores, 0, sizeof t->scores);
}
