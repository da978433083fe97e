/* chance.h - how often this client rates as low as this on an ordinary day. Pure.
 *
 * What is known of a client is a weight on each of a row of values that the client's part of the
 * model (client_model.h) could have. It begins as the practice's spread between clients, and each
 * earlier rating, its session's part summed over, sharpens it. The chance is that of a total at or
 * below the judged one under what is then known. Grids and sums only, nothing is drawn: same
 * history, same chance. Grids four times as fine change any chance above 1 in 100,000 by
 * less than 2 %.
 *
 * Scores between two of the instrument's steps count as the nearest one. */
#pragma once

#include "server/aggregator/rules/client_model.h"
#include "server/aggregator/rules/figures.h"

enum { CHANCE_CLIENTS_MAX = 1024, CHANCE_FINENESS_MAX = 4 };

/* One practice's tables, 50 kB to 1 MB. Read only once made: threads may share them. */
struct chance;

struct belief {
    double weights[CHANCE_CLIENTS_MAX]; /* Sum 1; as many as the tables have. */
    double evidence; /* Logarithm of the chance of all that was added: what estimates maximise. */
};

/* `m` is sane (a must). `fineness` is 1; more, to CHANCE_FINENESS_MAX, is for those who check. */
struct chance *chance_new(const struct client_model *m, int fineness);
void chance_free(struct chance *c); /* NULL is fine. */

void belief_init(struct belief *b, const struct chance *c);

/* One more rating of this client. A missing area: nothing is learned. */
void belief_add(struct belief *b, const struct chance *c, const int16_t scores[AREAS]);

/* Of a total at or below this one in the next session, 0 to 1. It never falls with the total, and
 * is 1 at the best one: 40 of 40 is never unusual. */
double chance_of_total(const struct chance *c, const struct belief *b, int total);

/* Of exactly these scores, all there. Of another practice's tables with the same number of
 * clients on the grid: what `b` says, had the client been as that model has it. */
double chance_of_scores(const struct chance *c, const struct belief *b,
                        const int16_t scores[AREAS]);

/* The whole: the last rating of a history in the light of those before it. False: it has a missing
 * area. */
bool chance_of(const struct chance *c, const struct history *h, double *ret_chance);

/* The calm figure nearest to 1 / chance: 5, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500 or
 * 1000; 0 if it is more often than the first, -1 if more seldom than the last. */
int chance_sessions(double chance);
