/* plot.h - the pictures of what the rules cost and find. Pure: sheets in, a picture out.
 *
 * Each is made in two steps: the figures are put into it, then its `picture` is rendered or drawn.
 * What was put in is borrowed until then. Legible in grey: what differs in colour differs in mark
 * or dash. */
#pragma once

#include "server/aggregator/study/picture.h"
#include "server/aggregator/study/rates.h"

enum { PLOT_SAYS = 8192, PLOT_SOURCE = 200, PLOT_BARS_MAX = 24 };

struct plot_texts {
    char source[PLOT_SOURCE]; /* "200000 simulated clients, seed 1; attune-aggregator 0.1.0" */
    char says[PLOT_SAYS];
};

/* What is found against false alarms a session: the scores as curves, the rules as points. */
struct plot_rates {
    struct picture picture;
    struct plot_texts texts;
    const struct rates_curves *curves;
    const struct sheet *rules; /* RATES_RULES. */
};
void plot_rates_init(struct plot_rates *p, const struct rates_curves *curves,
                     const struct sheet *rules, uint64_t seed);

/* Each rule's false alarms beside what it finds, with 95 % intervals. */
struct plot_simulate {
    struct picture picture;
    struct plot_texts texts;
    const struct sheet *sheet; /* As simulate_run makes it. */
};
void plot_simulate_init(struct plot_simulate *p, const struct sheet *sheet, uint64_t seed);

/* Numbers by name, as bars: a replay's alerts in 100 sessions. */
struct plot_bar {
    const char *name;
    double value; /* Not below 0. */
};
struct plot_bars {
    struct picture picture;
    struct plot_texts texts;
    const char *under, *axis; /* What the numbers are. */
    const struct plot_bar *bars;
    size_t count; /* At most PLOT_BARS_MAX. */
};
/* `source` is copied. */
void plot_bars_init(struct plot_bars *p, const char *title, const char *under, const char *axis,
                    const char *source, const struct plot_bar *bars, size_t count);
