/* pages.h - lists that come in pages: ask until there is no more, or enough. */
#pragma once

#include "client/cli/arguments.h"
#include "client/cli/exits.h"
#include "client/cli/talk.h"

struct pages;

/* Ask for the page after `before_ms` (0: the first). */
typedef void (*pages_ask_cb)(struct pages *p, Attune__Request *request);
/* Take one page in. Returns how many items; sets p->more and p->before_ms; -1: not the answer asked
 * for. */
typedef int (*pages_take_cb)(struct pages *p, const Attune__Response *answer);

struct pages {
    pages_ask_cb ask;
    pages_take_cb take;
    uint32_t limit, taken; /* At most `limit` items in all. */
    int64_t before_ms;
    const char *after;
    bool more;
};

/* Begin a talk, ask page after page. Returns how it ended; errors were said. */
enum exits pages_run(struct pages *p, struct talk *t, const struct arguments *a);
