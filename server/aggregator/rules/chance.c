/* Happy path: the tables once a practice; then each earlier rating multiplies the weights of the
 * client's row, and the chance is one weighted sum.
 * Failure: none for a sane model. A score that the model all but rules out counts as FLOOR, so that
 * no history, however odd, leaves no weight at all. */
#include "server/aggregator/rules/chance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"

/* Deviations that a row reaches to either side: beyond are 6 of 10,000,000. */
#define REACH 5.0
#define FLOOR 1e-9

/* Points in a deviation between clients, and the spacing of them against how sharply a full history
 * tells a client's part (a sum over a bell curve is good to 4 digits when its points are 1.3
 * deviations apart, and far better when they are nearer); bounds for models that nobody has. */
#define CLIENT_POINTS 5.0
#define SHARPEST 1.2
enum { CLIENTS_USUAL_MAX = 201, SESSION_POINTS_MAX = 8, SESSION_POINTS_MIN = 2 };

/* A client's row has `clients` values, `stride` points apart; a session's part is `sessions` values
 * one point apart; their sums are `points`. */
struct chance {
    struct client_model model;
    size_t cells, totals, clients, sessions, stride, points;
    double spacing;  /* Of the points, in tenths. */
    double *prior;   /* [clients] */
    double *kernel;  /* [sessions] */
    double *of_cell; /* [cells][points]: of this score in one area. */
    double *below;   /* [totals][clients]: of this total or a lower one. */
};

static double *numbers(size_t count)
{
    double *p = calloc(count, sizeof *p);
    must(p != NULL); /* Bounded by the model's own bounds. */
    return p;
}

static double between_clients(const struct client_model *m, int fineness)
{
    double alone = sqrt(m->session * m->session + m->area * m->area / (double)AREAS);
    double spacing = SHARPEST * alone / sqrt(HISTORY_MAX - 1);
    spacing = m->client > 0 ? fmin(spacing, m->client / CLIENT_POINTS) : spacing;
    spacing = fmax(spacing, 2 * REACH * m->client / (CLIENTS_USUAL_MAX - 1));
    return fmax(spacing, m->session / (double)SESSION_POINTS_MAX) / fineness;
}

static size_t row_length(double deviation, double spacing)
{
    return 2 * (size_t)ceil(REACH * deviation / spacing) + 1;
}

static void lay_grid(struct chance *c, int fineness)
{
    const struct client_model *m = &c->model;
    double spacing = between_clients(m, fineness);
    c->stride = m->session > 0 ? (size_t)ceil(SESSION_POINTS_MIN * spacing / m->session) : 1;
    c->spacing = spacing / (double)c->stride;
    c->clients = row_length(m->client, spacing);
    c->sessions = row_length(m->session, c->spacing);
    c->points = (c->clients - 1) * c->stride + c->sessions;
    c->cells = (size_t)(MODEL_SCORE_BEST / m->step) + 1;
    c->totals = AREAS * (c->cells - 1) + 1;
    must(c->clients <= CHANCE_CLIENTS_MAX);
}

/* A bell curve on a row, its sum 1. */
static void fill_bell(double *row, size_t count, double spacing, double deviation)
{
    const size_t middle = count / 2;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double x = ((double)i - (double)middle) * spacing;
        row[i] = deviation > 0 ? exp(-x * x / (2 * deviation * deviation)) : 1;
        sum += row[i];
    }
    for (size_t i = 0; i < count; i++) {
        row[i] /= sum;
    }
}

static void fill_cells(struct chance *c)
{
    const struct client_model *m = &c->model;
    const size_t middle = c->points / 2;
    for (size_t point = 0; point < c->points; point++) {
        double mean = m->mean + ((double)point - (double)middle) * c->spacing;
        double lower = 0;
        for (size_t cell = 0; cell < c->cells; cell++) {
            double edge = ((double)cell + 0.5) * m->step;
            double upper =
                cell + 1 == c->cells ? 1 : 0.5 * erfc((mean - edge) / (m->area * sqrt(2)));
            c->of_cell[cell * c->points + point] = fmax(upper - lower, FLOOR);
            lower = upper;
        }
    }
}

/* The sum of two independent things of `count` values each, into 2 × count - 1. */
static void sum_of_two(const double *one, size_t count, double *ret_sum)
{
    for (size_t i = 0; i + 1 < 2 * count; i++) {
        ret_sum[i] = 0;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            ret_sum[i + k] += one[i] * one[k];
        }
    }
}

/* At one point the areas are independent: four make two pairs. */
static void totals_at(const struct chance *c, size_t point, double ret_totals[])
{
    double one[MODEL_CELLS_MAX], two[2 * MODEL_CELLS_MAX];
    for (size_t cell = 0; cell < c->cells; cell++) {
        one[cell] = c->of_cell[cell * c->points + point];
    }
    sum_of_two(one, c->cells, two);
    sum_of_two(two, 2 * c->cells - 1, ret_totals);
}

static void fill_below(struct chance *c)
{
    double at_point[AREAS * MODEL_CELLS_MAX];
    for (size_t point = 0; point < c->points; point++) {
        totals_at(c, point, at_point);
        for (size_t client = 0; client < c->clients; client++) {
            size_t first = client * c->stride;
            double weight =
                point >= first && point < first + c->sessions ? c->kernel[point - first] : 0;
            for (size_t total = 0; weight > 0 && total < c->totals; total++) {
                c->below[total * c->clients + client] += weight * at_point[total];
            }
        }
    }
    for (size_t client = 0; client < c->clients; client++) {
        double *column = c->below + client, sum = 0;
        for (size_t total = 0; total < c->totals; total++) {
            sum += column[total * c->clients];
            column[total * c->clients] = sum;
        }
        for (size_t total = 0; total < c->totals; total++) {
            column[total * c->clients] /= sum;
        }
    }
}

struct chance *chance_new(const struct client_model *m, int fineness)
{
    must(client_model_is_sane(m) && fineness >= 1 && fineness <= CHANCE_FINENESS_MAX);
    struct chance *c = calloc(1, sizeof *c);
    must(c != NULL);
    c->model = *m;
    lay_grid(c, fineness);
    c->prior = numbers(c->clients);
    c->kernel = numbers(c->sessions);
    c->of_cell = numbers(c->cells * c->points);
    c->below = numbers(c->totals * c->clients);
    fill_bell(c->prior, c->clients, c->spacing * (double)c->stride, m->client);
    fill_bell(c->kernel, c->sessions, c->spacing, m->session);
    fill_cells(c);
    fill_below(c);
    return c;
}

void chance_free(struct chance *c)
{
    if (c != NULL) {
        free(c->prior);
        free(c->kernel);
        free(c->of_cell);
        free(c->below);
        free(c);
    }
}

void belief_init(struct belief *b, const struct chance *c)
{
    memcpy(b->weights, c->prior, c->clients * sizeof *c->prior);
    b->evidence = 0;
}

static size_t cell_of(const struct chance *c, int score)
{
    size_t cell = (size_t)((score + c->model.step / 2) / c->model.step);
    return cell < c->cells ? cell : c->cells - 1;
}

/* Of these scores, for each value of the client's row: the areas' chances multiplied at each point,
 * then the session's part summed over. The outer sum runs over sessions, so that the inner one has
 * no term that waits for the one before. */
static void for_each_client(const struct chance *c, const int16_t scores[AREAS],
                            double ret_chances[CHANCE_CLIENTS_MAX])
{
    double product[CHANCE_CLIENTS_MAX * 4];
    must(c->points <= sizeof product / sizeof product[0]);
    const double *first = c->of_cell + cell_of(c, scores[0]) * c->points;
    memcpy(product, first, c->points * sizeof *product);
    for (int area = 1; area < AREAS; area++) {
        const double *of_cell = c->of_cell + cell_of(c, scores[area]) * c->points;
        for (size_t point = 0; point < c->points; point++) {
            product[point] *= of_cell[point];
        }
    }
    memset(ret_chances, 0, c->clients * sizeof *ret_chances);
    for (size_t session = 0; session < c->sessions; session++) {
        double weight = c->kernel[session];
        const double *from = product + session;
        for (size_t client = 0; client < c->clients; client++) {
            ret_chances[client] += weight * from[client * c->stride];
        }
    }
}

static bool is_complete(const int16_t scores[AREAS])
{
    return scores[0] >= 0 && scores[1] >= 0 && scores[2] >= 0 && scores[3] >= 0;
}

void belief_add(struct belief *b, const struct chance *c, const int16_t scores[AREAS])
{
    double chances[CHANCE_CLIENTS_MAX], sum = 0;
    if (!is_complete(scores)) {
        return;
    }
    for_each_client(c, scores, chances);
    for (size_t client = 0; client < c->clients; client++) {
        b->weights[client] *= chances[client];
        sum += b->weights[client];
    }
    for (size_t client = 0; client < c->clients; client++) {
        b->weights[client] /= sum; /* Above 0: FLOOR, and weights whose sum was 1. */
    }
    b->evidence += log(sum);
}

static double weighed(const struct chance *c, const struct belief *b, const double *row)
{
    double sum = 0;
    for (size_t client = 0; client < c->clients; client++) {
        sum += b->weights[client] * row[client];
    }
    return sum;
}

double chance_of_total(const struct chance *c, const struct belief *b, int total)
{
    size_t cell = (size_t)((total + c->model.step / 2) / c->model.step);
    return cell + 1 >= c->totals ? 1 : fmin(1, weighed(c, b, c->below + cell * c->clients));
}

double chance_of_scores(const struct chance *c, const struct belief *b, const int16_t scores[AREAS])
{
    double chances[CHANCE_CLIENTS_MAX];
    for_each_client(c, scores, chances);
    return weighed(c, b, chances);
}

/* Each area is taken to its step first, as belief_add does, or two ratings of one meaning would
 * have two chances. */
bool chance_of(const struct chance *c, const struct history *h, double *ret_chance)
{
    must(h->count >= 1 && h->count <= HISTORY_MAX);
    const int16_t *judged = h->scores[h->count - 1];
    struct belief b;
    int total = 0;
    if (!is_complete(judged)) {
        return false;
    }
    belief_init(&b, c);
    for (size_t i = 0; i + 1 < h->count; i++) {
        belief_add(&b, c, h->scores[i]);
    }
    for (int area = 0; area < AREAS; area++) {
        total += (int)cell_of(c, judged[area]) * c->model.step;
    }
    *ret_chance = chance_of_total(c, &b, total);
    return true;
}

int chance_sessions(double chance)
{
    static const int calm[] = {5, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1000};
    const size_t last = sizeof calm / sizeof calm[0] - 1;
    size_t i = 0;
    /* Where two figures part: their geometric mean, as chances are compared by their ratio. */
    while (i < last && chance * chance * calm[i] * calm[i + 1] < 1) {
        i++;
    }
    if (i == 0 && chance > 1.0 / 4) {
        return 0;
    }
    return i == last && chance < 1.0 / 1500 ? -1 : calm[i];
}
