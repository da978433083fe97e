/* named_list.h - a list that comes in pages by name: all of it, as a table or as JSON. */
#pragma once

#include <jansson.h>

#include "client/cli/pages.h"
#include "client/cli/table.h"

/* Embed it; `pages` is the owner's to set: how to ask, how to take. */
struct named_list {
    struct pages pages;
    char *after; /* The name of the last one so far; "" before the first. */
    struct table table;
    json_t *array;
};

/* One row of the table, and its object, which is taken. `name` is where the next page goes on. */
void named_list_add(struct named_list *l, const char *name, const char *const *cells, size_t count,
                    json_t *object);

/* Asks for every page, and prints. Releases everything that it made. */
enum exits named_list_run(struct named_list *l, const char *const *headings, size_t count,
                          const struct arguments *a);
