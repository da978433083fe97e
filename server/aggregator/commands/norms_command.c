/* Happy path: the database is asked once; each practice is a few lines. Failure: a database that
 * does not answer has said so. */
#include "server/aggregator/commands/norms_command.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"
#include "server/aggregator/rules/settings.h"
#include "server/pg/norms.h"

enum {
    RATINGS_MIN = 200, /* Below these the defaults hold. */
    CLIENTS_MIN = 40,
    SPREAD_MIN = 5, /* What set-rules takes, in tenths. */
};

struct showing {
    struct norms_ask ask;
    json_t *array; /* NULL: for people. */
};

static void show_text(const struct norms *n, int cut, int spread, bool enough)
{
    printf("%s: %lld complete ratings by %lld clients%s%s\n", n->practice, (long long)n->ratings,
           (long long)n->clients, n->instrument[0] != '\0' ? " with " : "", n->instrument);
    if (!enough) {
        printf("  too few: from %d ratings of %d clients on, lines of your own are offered\n",
               RATINGS_MIN, CLIENTS_MIN);
        return;
    }
    printf("  cut     in force %4.1f  from your own ratings %4.1f\n", cut / 10.0, n->own_cut / 10);
    printf("  spread  in force %4.1f  from your own ratings %4.1f\n", spread / 10.0,
           n->own_spread / 10);
    printf(
        "  To put them in force, change these lines of `attune practice rules` and send them back "
        "with set-rules:\n    cut = %.1f\n    spread = %.1f\n",
        n->own_cut / 10, n->own_spread / 10);
}

static void on_norms(struct norms_ask *ask, const struct norms *n)
{
    struct showing *s = container_of(ask, struct showing, ask);
    struct rule_settings defaults;
    rule_settings_defaults(&defaults);
    int cut = n->cut < 0 ? defaults.cut : n->cut;
    int spread = n->spread < 0 ? defaults.spread : n->spread;
    bool enough = n->ratings >= RATINGS_MIN && n->clients >= CLIENTS_MIN;
    if (s->array == NULL) {
        show_text(n, cut, spread, enough);
        return;
    }
    json_t *j =
        json_pack("{s:s, s:s, s:I, s:I, s:f, s:f, s:o, s:o}", "practice", n->practice, "instrument",
                  n->instrument, "ratings", (json_int_t)n->ratings, "clients",
                  (json_int_t)n->clients, "cut", cut / 10.0, "spread", spread / 10.0, "own_cut",
                  enough ? json_real(round(n->own_cut) / 10) : json_null(), "own_spread",
                  enough ? json_real(round(n->own_spread) / 10) : json_null());
    must(j != NULL);
    int rc = json_array_append_new(s->array, j);
    must(rc == 0);
}

int norms_command(const struct aggregator_options *options, bool json)
{
    struct showing s = {.ask = {.cb = on_norms}, .array = json ? json_array() : NULL};
    int rc = norms_ask(&s.ask, options->database);
    if (rc == 0 && s.array != NULL) {
        rc = json_dumpf(s.array, stdout, JSON_REAL_PRECISION(4)) != 0 || putchar('\n') == EOF;
    }
    json_decref(s.array);
    return rc == 0 && fflush(stdout) == 0 ? 0 : EXIT_FAILURE;
}
