/* norms.h - what a practice's own ratings say its lines should be. Blocks: for a command, not for
 * the loop. */
#pragma once

#include <stdint.h>

/* Of the instrument that most of the practice's ratings were made with. Totals in tenths. */
struct norms {
    int64_t practice_id;
    const char *practice, *instrument; /* Borrowed for the call; "" without a complete rating. */
    int64_t ratings, clients;          /* Complete ratings, and clients who made one. */
    int32_t cut, spread;               /* In force; -1: the defaults. */
    double own_cut;                    /* The 25th percentile of the clients' medians. */
    double own_spread;                 /* The standard deviation within courses, pooled. */
};

struct norms_ask;
typedef void (*norms_cb)(struct norms_ask *n, const struct norms *norms);
struct norms_ask {
    norms_cb cb; /* Once a practice, by name. */
};

/* Returns 0 or ERR_DATABASE, and says on standard error what is wrong. */
int norms_ask(struct norms_ask *n, const char *conninfo);
