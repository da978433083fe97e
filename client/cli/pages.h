/* pages.h - lists that come in pages: ask until there is no more, or enough. */
#pragma once

#include "client/cli/arguments.h"
#include "client/cli/talk.h"
#include "proto/wire/exits.h"
#include "proto/wire/limits.h"

struct pages;

/* Ask for the page after the last one's place: pages_after() where a list goes by id. */
typedef void (*pages_ask_cb)(struct pages *p, Attune__Request *request);
/* Take one page in. Returns how many items; sets p->more and pages_last(); -1: not the answer asked
 * for. */
typedef int (*pages_take_cb)(struct pages *p, const Attune__Response *answer);

struct pages {
    pages_ask_cb ask;
    pages_take_cb take;
    uint32_t limit, taken; /* At most `limit` items in all. */
    uint8_t last[LIMIT_ID_SIZE];
    bool begun; /* `last` is set. */
    bool more;
};

/* The id that the next page comes after; empty before the first. Borrowed from `p`. */
ProtobufCBinaryData pages_after(struct pages *p);
/* The id of the page's last item so far; one of another length ends the list. */
void pages_last(struct pages *p, ProtobufCBinaryData id);

/* One page of a talk that has begun: 0, or an err code. */
int pages_next(struct pages *p, struct talk *t);

/* Begin a talk, ask page after page. Returns how it ended; errors were said. */
enum exits pages_run(struct pages *p, struct talk *t, const struct arguments *a);
