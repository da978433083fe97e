/* client_model.h - how a practice's ordinary ratings vary, in five numbers. Pure.
 *
 * An area's score = mean + client + session + area, each normal about 0 with the deviation below;
 * the client's part is drawn once a client, the session's once a session, the area's each time.
 * Then it is rounded to the steps of the instrument and kept within 0 and 10: the ceiling, where
 * about a third of all sessions are, is part of the model and not an exception to it.
 * All in tenths, as scores are. */
#pragma once

#include <stdbool.h>

enum {
    MODEL_SCORE_BEST = 100,
    MODEL_CELLS_MAX = MODEL_SCORE_BEST + 1, /* Scores that a step of a tenth allows. */
};

struct client_model {
    int mean;    /* Before the ceiling, so it may lie above 100. */
    int client;  /* Standard deviations: between clients, */
    int session; /* between a client's sessions, */
    int area;    /* and between the areas of one session. */
    int step;    /* Between two neighbouring scores; divides 100. */
};

/* Fitted to the published figures of such scales: 9.8, 1.4, 0.8, 1.0, in whole points. */
struct client_model client_model_default(void);

/* Can be computed with: mean 20 to 180, deviations to 60, the areas' at least 2, a step of 1, 2, 4,
 * 5, 10, 20, 25 or 50. */
bool client_model_is_sane(const struct client_model *m);
