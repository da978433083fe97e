/* Happy path: each client's course is drawn once and gone through under every watcher, with nothing
 * wrong, with a dip at each of four sessions in turn, with a lasting dip and with a slide. What is
 * summed are prompts a client and their squares: sessions of one client are not independent, so the
 * interval comes from the spread between clients.
 * Failure: none. */
#include "server/aggregator/study/simulate.h"

#include <math.h>
#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"
#include "server/aggregator/study/model.h"
#include "server/aggregator/study/watch.h"

enum { FIRST = 4, DIPS = 4, EIGHT = 8, SESSIONS = FIRST + SLIDE_SESSIONS };

struct tally {
    uint64_t sum, squares; /* Of a client's prompts. */
};

struct sums {
    struct tally tallies[WATCHERS][SIMULATE_COLUMNS];
};

struct simulation {
    struct crew_job job;
    const struct study_wish *wish;
    struct client_model model;
    struct rule_settings settings;
    struct chance *chance;
    struct sums of_worker[CREW_WORKERS_MAX];
};

/* How often each watcher prompted one client, a column each. */
struct counts {
    uint32_t of[WATCHERS][SIMULATE_COLUMNS];
};

static void count(struct counts *c, enum simulate_column column, uint32_t fired)
{
    for (size_t i = 0; i < WATCHERS; i++) {
        c->of[i][column] += fired >> i & 1;
    }
}

static void judge_dip(const struct simulation *s, struct watch *w, const struct course_draw *d,
                      size_t session, int depth, enum simulate_column column, struct counts *out)
{
    int16_t scores[AREAS];
    model_rate(&s->model, d, session, depth, scores);
    count(out, column, watch_judge(w, scores));
}

/* The ordinary course; before each session from the fifth on, what a dip there would have done.
 * `ret_before` is the course as it was then. */
static void go_ordinary(const struct simulation *s, const struct course_draw *d,
                        struct watch *ret_before, struct counts *out)
{
    struct watch w;
    uint32_t in_eight = 0, in_five = 0;
    watch_init(&w, s->chance, &s->settings);
    for (size_t session = 0; session < SESSIONS; session++) {
        int16_t scores[AREAS];
        if (session == FIRST) {
            *ret_before = w;
        }
        if (session >= FIRST && session < FIRST + DIPS) {
            judge_dip(s, &w, d, session, 15, SIMULATE_DIP_15, out);
            judge_dip(s, &w, d, session, 25, SIMULATE_DIP_25, out);
        }
        model_rate(&s->model, d, session, 0, scores);
        uint32_t fired = watch_add(&w, scores);
        in_eight |= session < EIGHT ? fired : 0;
        in_five |= session >= FIRST ? fired : 0;
        if (session >= FIRST && session < FIRST + DIPS) {
            count(out, SIMULATE_PER_SESSION, fired);
        }
    }
    count(out, SIMULATE_IN_EIGHT, in_eight);
    count(out, SIMULATE_IN_FIVE, in_five);
}

static void go_wrong(const struct simulation *s, const struct course_draw *d,
                     const struct watch *before, const struct course_plan *plan,
                     enum simulate_column column, struct counts *out)
{
    struct watch w = *before;
    uint32_t ever = 0;
    for (size_t session = FIRST; session < SESSIONS; session++) {
        int16_t scores[AREAS];
        model_rate(&s->model, d, session, model_depth(plan, session), scores);
        ever |= watch_add(&w, scores);
    }
    count(out, column, ever);
}

static void one_client(const struct simulation *s, uint64_t client, struct sums *sums)
{
    static const struct course_plan lasting = {EVENT_LASTING, FIRST, 15},
                                    slide = {EVENT_SLIDE, FIRST, 25};
    struct random_stream r;
    struct course_draw d;
    struct watch before;
    struct counts counts = {0};
    random_init(&r, s->wish->seed, client);
    model_draw(&s->model, &r, SESSIONS, &d);
    go_ordinary(s, &d, &before, &counts);
    go_wrong(s, &d, &before, &lasting, SIMULATE_LASTING_15, &counts);
    go_wrong(s, &d, &before, &slide, SIMULATE_SLIDE_25, &counts);
    for (size_t i = 0; i < WATCHERS; i++) {
        for (size_t column = 0; column < SIMULATE_COLUMNS; column++) {
            uint32_t n = counts.of[i][column];
            sums->tallies[i][column].sum += n;
            sums->tallies[i][column].squares += n * n;
        }
    }
}

static void work(struct crew_job *job, size_t worker, uint64_t first, uint64_t end)
{
    struct simulation *s = container_of(job, struct simulation, job);
    for (uint64_t client = first; client < end; client++) {
        one_client(s, client, &s->of_worker[worker]);
    }
}

/* `tries` are a client's, each of which may prompt. */
static void put(const struct simulation *s, struct sheet *sheet, size_t row, size_t column)
{
    double n = (double)s->wish->clients, sum = 0, squares = 0;
    bool is_each = column != SIMULATE_IN_EIGHT && column < SIMULATE_IN_FIVE;
    double tries = is_each ? DIPS : 1;
    for (size_t worker = 0; worker < s->wish->workers; worker++) {
        sum += (double)s->of_worker[worker].tallies[row][column].sum;
        squares += (double)s->of_worker[worker].tallies[row][column].squares;
    }
    double mean = sum / n, variance = fmax(squares / n - mean * mean, 0);
    sheet_put(sheet, row, column, mean / tries, sqrt(variance / n) / tries);
}

static void fill(const struct simulation *s, struct sheet *sheet)
{
    static const char *const columns[SIMULATE_COLUMNS] = {
        "fires per session",  "in 8 sessions",
        "finds a dip of 1.5", "of 2.5",
        "in sessions 5 to 9", "finds lasting dip of 1.5",
        "finds slide to 2.5"};
    sheet_init(sheet, s->wish->clients,
               "Prompts when nothing is wrong (sessions 5 to 8), and what is found");
    for (size_t column = 0; column < SIMULATE_COLUMNS; column++) {
        (void)sheet_add_column(sheet, columns[column]);
    }
    for (size_t row = 0; row < WATCHERS; row++) {
        (void)sheet_add_row(sheet, watcher_name(row));
        for (size_t column = 0; column < SIMULATE_COLUMNS; column++) {
            put(s, sheet, row, column);
        }
    }
}

void simulate_run(const struct study_wish *wish, struct progress *progress, struct sheet *ret_sheet)
{
    struct simulation *s = calloc(1, sizeof *s);
    must(s != NULL);
    s->job.work = work;
    s->wish = wish;
    s->model = client_model_default();
    rule_settings_defaults(&s->settings);
    s->chance = chance_new(&s->model, 1);
    crew_run(&s->job, wish->workers, wish->clients, progress);
    fill(s, ret_sheet);
    chance_free(s->chance);
    free(s);
}
