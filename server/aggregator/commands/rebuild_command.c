/* Happy path: practice by practice, a line each. Failure: a database that does not answer has said
 * so. */
#include "server/aggregator/commands/rebuild_command.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"
#include "server/pg/rebuild.h"

struct showing {
    struct rebuild_run run;
    json_t *array; /* NULL: for people. */
};

static void on_rebuilt(struct rebuild_run *run, const struct rebuilt *r)
{
    struct showing *s = container_of(run, struct showing, run);
    if (s->array == NULL) {
        printf("%s: %lld cells, %lld of them changed\n", r->practice, (long long)r->cells,
               (long long)r->cells_changed);
        return;
    }
    int rc = json_array_append_new(
        s->array, json_pack("{s:s, s:I, s:I}", "practice", r->practice, "cells",
                            (json_int_t)r->cells, "cells_changed", (json_int_t)r->cells_changed));
    must(rc == 0);
}

int rebuild_command(const struct aggregator_options *options, bool json)
{
    struct showing s = {.run = {.cb = on_rebuilt}, .array = json ? json_array() : NULL};
    int rc = rebuild_run(&s.run, options->database);
    if (rc == 0 && s.array != NULL) {
        rc = json_dumpf(s.array, stdout, 0) != 0 || putchar('\n') == EOF;
    }
    json_decref(s.array);
    return rc == 0 && fflush(stdout) == 0 ? 0 : EXIT_FAILURE;
}
