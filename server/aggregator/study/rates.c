/* Happy path: the courses of simulate.h for the rules, then a trial with five and with ten earlier
 * sessions, then ten on a second model; the published figures are put beside what comes out.
 * Failure: none. */
#include "server/aggregator/study/rates.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"
#include "server/aggregator/study/estimate.h"
#include "server/aggregator/study/model.h"
#include "server/aggregator/study/roc.h"
#include "server/aggregator/study/trial.h"
#include "server/aggregator/study/watch.h"

/* Nothing is published. */
#define NONE NAN

enum { RATES = 6, PAGE_RULES = WATCHER_RED + 1, PAGE_COLUMNS = SIMULATE_DIP_25 + 1 };

static const double alarm_rates[RATES] = {.02, .04, .09, .13, .30, .46};

static const double page_rules[PAGE_RULES][PAGE_COLUMNS] = {
    [WATCHER_TOTAL] = {.30, .62, .64, .83},  [WATCHER_CHANGE] = {.46, .92, .83, .95},
    [WATCHER_AREA] = {.44, .79, .76, NONE},  [WATCHER_FALL] = {.13, .58, .51, .78},
    [WATCHER_CHART] = {.08, .28, .45, NONE}, [WATCHER_RED] = {.09, .42, .46, .75},
};

struct finder {
    const char *name;
    enum trial_score score;
    enum trial_day day;
    double page_five[RATES];
    double page_ten; /* At .02. */
};

#define NOTHING                                                                                    \
    {                                                                                              \
        NONE, NONE, NONE, NONE, NONE, NONE                                                         \
    }

static const struct finder finders[] = {
    {"dip of 1.5: bound", TRIAL_BOUND_15, TRIAL_DIP_15, {.26, .35, .51, .60, .79, .88}, .29},
    {"dip of 1.5: total", TRIAL_TOTAL, TRIAL_DIP_15, {.13, .20, .33, .41, .64, .77}, NONE},
    {"dip of 1.5: change since last",
     TRIAL_CHANGE,
     TRIAL_DIP_15,
     {.19, .27, .43, .51, .72, .81},
     NONE},
    {"dip of 1.5: change from own median of five",
     TRIAL_MEDIAN,
     TRIAL_DIP_15,
     {.23, .32, .48, .56, .76, .86},
     .24},
    {"dip of 1.5: UNUSUAL, the model known", TRIAL_CHANCE, TRIAL_DIP_15, NOTHING, NONE},
    {"dip of 2.5: bound", TRIAL_BOUND_25, TRIAL_DIP_25, {.61, .71, .83, .88, .95, .98}, .66},
    {"dip of 2.5: total", TRIAL_TOTAL, TRIAL_DIP_25, NOTHING, NONE},
    {"dip of 2.5: change since last", TRIAL_CHANGE, TRIAL_DIP_25, NOTHING, NONE},
    {"dip of 2.5: change from own median of five",
     TRIAL_MEDIAN,
     TRIAL_DIP_25,
     {.54, .65, .78, .83, .93, .97},
     .55},
    {"dip of 2.5: UNUSUAL, the model known", TRIAL_CHANCE, TRIAL_DIP_25, NOTHING, NONE},
};

enum { FINDERS = sizeof finders / sizeof finders[0] };
_Static_assert(FINDERS == RATES_DAYS * RATES_SCORES, "a curve each");

static void make_rules(const struct study_wish *wish, struct progress *progress, struct sheet *s)
{
    simulate_run(wish, progress, s);
    (void)snprintf(
        s->title, sizeof s->title,
        "What each rule costs when nothing is wrong, and what it finds (sessions 5 to 8)");
    s->columns = PAGE_COLUMNS;
    for (size_t row = 0; row < PAGE_RULES; row++) {
        for (size_t column = 0; column < PAGE_COLUMNS; column++) {
            sheet_put_page(s, row, column, page_rules[row][column]);
        }
    }
}

/* Sorts copies: the scores of one client stay together in the trial. */
static void take_points(const struct trial *t, enum trial_score score, enum trial_day day,
                        size_t first, size_t count, const double *rates, size_t rate_count,
                        struct roc_point *ret_points)
{
    double *ordinary = calloc(2 * count, sizeof *ordinary), *fallen = ordinary + count;
    must(ordinary != NULL);
    memcpy(ordinary, t->scores[score][TRIAL_ORDINARY] + first, count * sizeof *ordinary);
    memcpy(fallen, t->scores[score][day] + first, count * sizeof *fallen);
    roc_take(ordinary, fallen, count, rates, rate_count, ret_points);
    free(ordinary);
}

static void take_roc(const struct trial *t, enum trial_score score, enum trial_day day,
                     size_t first, size_t count, struct roc_point ret_points[RATES])
{
    take_points(t, score, day, first, count, alarm_rates, RATES, ret_points);
}

/* Denser where false alarms are rare: that is where a practice wants to be. */
static void take_curves(const struct trial *t, uint64_t clients, struct rates_curves *ret_curves)
{
    static const char *const names[RATES_SCORES] = {"bound", "total", "change since last",
                                                    "change from own median of five", "UNUSUAL"};
    const double alarms_max = 0.5;
    ret_curves->earlier = t->earlier;
    for (size_t i = 0; i < RATES_POINTS; i++) {
        double part = (double)(i + 1) / RATES_POINTS;
        ret_curves->alarms[i] = alarms_max * part * part;
    }
    for (size_t row = 0; row < FINDERS; row++) {
        struct rates_curve *c = &ret_curves->of[row / RATES_SCORES][row % RATES_SCORES];
        struct roc_point points[RATES_POINTS];
        take_points(t, finders[row].score, finders[row].day, 0, clients, ret_curves->alarms,
                    RATES_POINTS, points);
        c->name = names[row % RATES_SCORES];
        for (size_t i = 0; i < RATES_POINTS; i++) {
            c->found[i] = points[i].found;
        }
    }
}

static void fill_finders(const struct trial *t, uint64_t clients, struct sheet *s)
{
    char name[SHEET_NAME];
    (void)snprintf(name, sizeof name, "Found in one session, %zu earlier, by rate of false alarms",
                   t->earlier);
    sheet_init(s, clients, name);
    for (size_t i = 0; i < RATES; i++) {
        (void)snprintf(name, sizeof name, "at %.2f", alarm_rates[i]);
        (void)sheet_add_column(s, name);
    }
    for (size_t row = 0; row < FINDERS; row++) {
        const struct finder *f = &finders[row];
        struct roc_point points[RATES];
        take_roc(t, f->score, f->day, 0, clients, points);
        (void)sheet_add_row(s, f->name);
        for (size_t i = 0; i < RATES; i++) {
            bool is_five = t->earlier == USUAL_MAX;
            sheet_put(s, row, i, points[i].found, points[i].error);
            sheet_put_page(s, row, i, is_five ? f->page_five[i] : i == 0 ? f->page_ten : NONE);
        }
    }
}

/* A practice of its own, which none of the trial's clients belongs to. */
static struct client_model estimated(const struct client_model *truth, uint64_t seed,
                                     size_t clients, size_t sessions)
{
    enum { OTHER_SEED = 0x5eed, CLIENTS_MAX = 200, SESSIONS_MAX = 10 };
    static const size_t courses_max = CLIENTS_MAX;
    int16_t(*scores)[SESSIONS_MAX][AREAS] = calloc(CLIENTS_MAX, sizeof *scores);
    struct rated_course courses[CLIENTS_MAX];
    struct client_model m;
    must(scores != NULL && clients <= courses_max && sessions <= SESSIONS_MAX);
    for (size_t i = 0; i < clients; i++) {
        struct random_stream r;
        struct course_draw d;
        random_init(&r, seed ^ OTHER_SEED, i);
        model_draw(truth, &r, sessions, &d);
        for (size_t k = 0; k < sessions; k++) {
            model_rate(truth, &d, k, 0, scores[i][k]);
        }
        courses[i] = (struct rated_course){(const int16_t(*)[AREAS])scores[i], sessions};
    }
    bool is_enough = estimate_model(courses, clients, truth->step, &m);
    must(is_enough);
    free(scores);
    return m;
}

static void run_ten(const struct client_model *truth, const struct study_wish *wish,
                    struct progress *progress, struct trial *ret_trial)
{
    *ret_trial = (struct trial){.truth = *truth, .told_count = 3, .earlier = 10};
    ret_trial->told[0] = *truth;
    ret_trial->told[1] = estimated(truth, wish->seed, ESTIMATE_CLIENTS_MIN,
                                   ESTIMATE_RATINGS_MIN / ESTIMATE_CLIENTS_MIN);
    ret_trial->told[2] = estimated(truth, wish->seed, 200, 10);
    trial_run(ret_trial, wish, progress);
}

/* The share's error comes from the spread between twenty parts: what two scores find of the same
 * days goes up and down together. */
static void put_share(const struct trial *t, size_t told, enum trial_day day, size_t rate,
                      uint64_t clients, struct sheet *s, size_t row, size_t column, double goal)
{
    enum { PARTS = 20 };
    struct roc_point bound[RATES], unusual[RATES];
    enum trial_score best = day == TRIAL_DIP_15 ? TRIAL_BOUND_15 : TRIAL_BOUND_25;
    double sum = 0, squares = 0;
    for (size_t part = 0; part < PARTS; part++) {
        size_t count = clients / PARTS;
        take_roc(t, best, day, part * count, count, bound);
        take_roc(t, (enum trial_score)(TRIAL_CHANCE + told), day, part * count, count, unusual);
        double share = unusual[rate].found / bound[rate].found;
        sum += share;
        squares += share * share;
    }
    double mean = sum / PARTS, variance = fmax(squares / PARTS - mean * mean, 0);
    take_roc(t, best, day, 0, clients, bound);
    take_roc(t, (enum trial_score)(TRIAL_CHANCE + told), day, 0, clients, unusual);
    sheet_put(s, row, column, unusual[rate].found / bound[rate].found,
              sqrt(variance / (PARTS - 1)));
    sheet_put_goal(s, row, column, goal);
}

/* Set to this chance itself, how often it comes up: the ceiling's lumps keep it below. */
static void put_alarms(const struct trial *t, size_t told, double chance, uint64_t clients,
                       struct sheet *s, size_t row, size_t column)
{
    const double *scores = t->scores[TRIAL_CHANCE + told][TRIAL_ORDINARY];
    double alarms = 0, n = (double)clients;
    for (uint64_t i = 0; i < clients; i++) {
        alarms += -scores[i] <= chance;
    }
    double share = alarms / n;
    sheet_put(s, row, column, share, sqrt(share * (1 - share) / n));
}

enum { UNUSUAL_SHARES = 4 };

static void init_unusual(struct sheet *s, uint64_t clients)
{
    static const char *const columns[] = {"dip of 1.5, at .02",      "dip of 2.5, at .02",
                                          "dip of 1.5, at .09",      "dip of 2.5, at .09",
                                          "alarms at chance <= .02", "alarms at chance <= .09"};
    sheet_init(s, clients, "UNUSUAL: share of what the bound finds, ten earlier sessions");
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        (void)sheet_add_column(s, columns[i]);
    }
}

static void fill_unusual(const struct trial *t, uint64_t clients, const char *model, double goal,
                         struct sheet *s)
{
    static const char *const from[TRIAL_MODELS_MAX] = {"known", "from 200 ratings",
                                                       "from 2000 ratings"};
    for (size_t told = 0; told < t->told_count; told++) {
        const struct client_model *m = &t->told[told];
        char name[SHEET_NAME];
        (void)snprintf(name, sizeof name, "%s, %s: %d %d %d %d", model, from[told], m->mean,
                       m->client, m->session, m->area);
        size_t row = sheet_add_row(s, name);
        for (size_t i = 0; i < UNUSUAL_SHARES; i++) {
            enum trial_day day = i % 2 == 0 ? TRIAL_DIP_15 : TRIAL_DIP_25;
            size_t rate = i < 2 ? 0 : 2; /* Of alarm_rates: .02 and .09. */
            put_share(t, told, day, rate, clients, s, row, i, told == 0 ? NONE : goal);
        }
        put_alarms(t, told, 0.02, clients, s, row, UNUSUAL_SHARES);
        put_alarms(t, told, 0.09, clients, s, row, UNUSUAL_SHARES + 1);
    }
}

void rates_run(const struct study_wish *wish, struct progress *progress,
               struct sheet ret_sheets[RATES_SHEETS], struct rates_curves *ret_curves)
{
    static const struct client_model second = {102, 18, 10, 12, 10};
    const struct client_model first = client_model_default();
    const double goal_first = 0.95, goal_second = 0.90;
    struct trial t = {.truth = first, .told = {first}, .told_count = 1, .earlier = USUAL_MAX};
    make_rules(wish, progress, &ret_sheets[RATES_RULES]);
    trial_run(&t, wish, progress);
    fill_finders(&t, wish->clients, &ret_sheets[RATES_FIVE]);
    if (ret_curves != NULL) {
        take_curves(&t, wish->clients, ret_curves);
    }
    trial_free(&t);
    init_unusual(&ret_sheets[RATES_UNUSUAL], wish->clients);
    run_ten(&first, wish, progress, &t);
    fill_finders(&t, wish->clients, &ret_sheets[RATES_TEN]);
    fill_unusual(&t, wish->clients, "the page's", goal_first, &ret_sheets[RATES_UNUSUAL]);
    trial_free(&t);
    run_ten(&second, wish, progress, &t);
    fill_unusual(&t, wish->clients, "the second", goal_second, &ret_sheets[RATES_UNUSUAL]);
    trial_free(&t);
}
