/* world.h - a loop with a store on it, for tests that talk to a real database. */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "server/pg/store.h"
#include "tests/integration/pg/database.h"

struct world {
    uv_loop_t loop;
    struct store store;
    struct store_options options;
    unsigned wakes; /* All bits since the test cleared them. */
    unsigned wake_count, up, wanted, downs;
    bool closed;
};

/* Two connections, all channels, everything quick; change w->options before world_start. */
void world_init(struct world *w, const char *conninfo);
void world_start(struct world *w);
/* Turn the loop until every connection is up and LISTEN has told. */
void world_until_up(struct world *w);
void world_stop(struct world *w);

#define world_until(w, condition)                                                                  \
    do {                                                                                           \
        while (!(condition)) {                                                                     \
            (void)uv_run(&(w)->loop, UV_RUN_ONCE);                                                 \
        }                                                                                          \
    } while (0)

/* A call whose verdict is kept. */
struct heard {
    struct store_call call;
    unsigned count;
    int rc;
    size_t results;
    enum store_fate fates[64];
    struct store_session session;
    char text[2048]; /* What the test's callback wrote. */
};
void heard_done(struct store_call *c, int rc);
void heard_ratings(struct store_call *c, int rc, const enum store_fate *fates, size_t count);
/* The session's texts are not kept but for "room client_ref" in `text`. */
void heard_session(struct store_call *c, int rc, const struct store_session *session);

/* Turn the loop until it is there; gives the rc. */
int heard_rc(struct world *w, struct heard *h);

/* A rating of this practice's ticket `number`: 9.0 in each area. */
struct store_rating rating_of(const struct practice *p, unsigned number);
/* All of `count` (64 at most) as one batch; gives the rc. */
int insert_ratings(struct world *w, struct heard *h, const struct store_rating *ratings,
                   size_t count);
