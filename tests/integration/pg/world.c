#include "tests/integration/pg/world.h"

#include <stdio.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"

enum { HEARD_MAX = 64 };

static void on_wake(struct store *s, unsigned wakes)
{
    struct world *w = container_of(s, struct world, store);
    w->wakes |= wakes;
    w->wake_count++;
}

static void on_state(struct store *s, unsigned up, unsigned wanted)
{
    struct world *w = container_of(s, struct world, store);
    w->downs += up < w->up;
    w->up = up;
    w->wanted = wanted;
}

static void on_closed(struct store *s)
{
    container_of(s, struct world, store)->closed = true;
}

void world_init(struct world *w, const char *conninfo)
{
    *w = (struct world){.options = {.conninfo = conninfo,
                                    .is_aggregator = strstr(conninfo, "attune_aggregator") != NULL,
                                    .application = "attune-test",
                                    .connections = 2,
                                    .calls_max = 64,
                                    .call_ms_max = 20000,
                                    .poll_ms = 20000,
                                    .listen_rating = true,
                                    .listen_room = true,
                                    .listen_alert = true}};
}

void world_start(struct world *w)
{
    must(uv_loop_init(&w->loop) == 0);
    store_init(&w->store, &w->options, on_wake, on_state);
    store_start(&w->store, &w->loop);
}

void world_until_up(struct world *w)
{
    w->wakes = 0;
    world_until(w, store_ready(&w->store) && w->up == w->wanted);
    if (w->options.listen_rating || w->options.listen_room || w->options.listen_alert) {
        world_until(w, w->wakes != 0);
    }
}

void world_stop(struct world *w)
{
    store_close(&w->store, on_closed);
    must(!w->closed);
    (void)uv_run(&w->loop, UV_RUN_DEFAULT);
    must(w->closed);
    must(uv_loop_close(&w->loop) == 0);
}

void heard_done(struct store_call *c, int rc)
{
    struct heard *h = container_of(c, struct heard, call);
    h->count++;
    h->rc = rc;
}

void heard_ratings(struct store_call *c, int rc, const enum store_fate *fates, size_t count)
{
    struct heard *h = container_of(c, struct heard, call);
    must(count <= HEARD_MAX);
    for (size_t i = 0; i < count; i++) {
        h->fates[i] = fates[i];
    }
    h->results = count;
    heard_done(c, rc);
}

void heard_session(struct store_call *c, int rc, const struct store_session *session)
{
    struct heard *h = container_of(c, struct heard, call);
    if (rc == 0) {
        h->session = *session;
        (void)snprintf(h->text, sizeof h->text, "%s %s", session->room, session->client_ref);
        h->session.room = h->session.client_ref = NULL;
    }
    heard_done(c, rc);
}

int heard_rc(struct world *w, struct heard *h)
{
    world_until(w, h->count > 0);
    return h->rc;
}

struct store_rating rating_of(const struct practice *p, unsigned number)
{
    struct store_rating r = {.practice_id = p->practice_id,
                             .scores = {90, 90, 90, 90},
                             .made_at = INT64_C(1780000000000),
                             .instrument = "attune-adult-en/1"};
    id_of(p, ID_RATING, number, r.rating_id);
    id_of(p, ID_TICKET, number, r.ticket_id);
    return r;
}

int insert_ratings(struct world *w, struct heard *h, const struct store_rating *ratings,
                   size_t count)
{
    const struct store_rating *rows[HEARD_MAX];
    must(count <= HEARD_MAX);
    for (size_t i = 0; i < count; i++) {
        rows[i] = &ratings[i];
    }
    memset(h, 0, sizeof *h);
    int rc = store_ratings_insert(&w->store, &h->call, rows, count, heard_ratings);
    return rc != 0 ? rc : heard_rc(w, h);
}
