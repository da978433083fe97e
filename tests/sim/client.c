/* The side of the connection that kiosk and desk share: any server that is alive, Hello, Welcome,
 * frames; when it is lost, again after a backoff. */
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "tests/sim/sim.h"

static void on_connect(struct world *w, void *who, int64_t life);

static void connect_later(struct sim_client *c)
{
    struct world *w = &c->sim->world;
    world_in(w, backoff_next(&c->backoff, (uint32_t)world_random(w)), on_connect, c, c->life);
}

static void drop(struct sim_client *c)
{
    bool was_welcome = c->welcome;
    frame_reader_fini(&c->frames);
    c->wire = NULL;
    c->welcome = false;
    if (was_welcome) {
        c->on_lost(c);
    }
}

static void on_lost(void *owner, struct wire *wire)
{
    struct sim_client *c = owner;
    if (c->wire == wire) {
        drop(c);
        connect_later(c);
    }
}

static void on_bytes(void *owner, struct wire *wire, const uint8_t *bytes, size_t len)
{
    struct sim_client *c = owner;
    if (c->wire == wire) {
        int rc = frame_reader_feed(&c->frames, bytes, len);
        must(rc == 0); /* A server of ours sends frames of ours. */
    }
}

static int on_frame(struct frame_reader *r, const uint8_t *body, size_t len)
{
    struct sim_client *c = container_of(r, struct sim_client, frames);
    const Attune__ServerFrame *frame;
    int rc = codec_server_frame(&c->sim->arena, body, len, &frame);
    must(rc == 0);
    if (!c->welcome) {
        must(frame->body_case == ATTUNE__SERVER_FRAME__BODY_RESPONSE);
        c->welcome = frame->response->body_case == ATTUNE__RESPONSE__BODY_WELCOME;
        if (c->welcome) {
            backoff_reset(&c->backoff);
            c->on_welcome(c);
        } else {
            struct wire *wire = c->wire; /* The database was away: again later. */
            drop(c);
            wire_die(wire, WIRE_CLIENT);
            connect_later(c);
        }
        return 0;
    }
    c->on_frame(c, frame);
    return 0;
}

const struct wire_end client_end = {.bytes = on_bytes, .lost = on_lost};

static void on_connect(struct world *w, void *who, int64_t life)
{
    struct sim_client *c = who;
    struct sim *s = c->sim;
    struct sim_server *v = &s->servers[world_between(w, 0, SIM_SERVERS - 1)];
    if (!c->alive || c->life != life || c->wire != NULL) {
        return;
    }
    if (!v->alive) {
        connect_later(c);
        return;
    }
    frame_reader_init(&c->frames, LIMIT_FRAME_BODY, on_frame);
    server_accept(v, c);
    Attune__Request request = ATTUNE__REQUEST__INIT;
    Attune__Hello hello = ATTUNE__HELLO__INIT;
    hello.software = (char *)(uintptr_t) "sim";
    hello.version = (char *)(uintptr_t) "1";
    request.body_case = ATTUNE__REQUEST__BODY_HELLO;
    request.hello = &hello;
    c->seq = 0;
    (void)client_send(c, &request); /* It is connected. */
}

void client_init(struct sim_client *c, struct sim *s, Attune__Role role, int number)
{
    c->sim = s;
    c->role = role;
    c->number = number;
    backoff_init(&c->backoff, 50, 4000);
}

void client_start(struct sim_client *c)
{
    c->alive = true;
    c->life++;
    world_in(&c->sim->world, world_between(&c->sim->world, 1, 100), on_connect, c, c->life);
}

void client_kill(struct sim_client *c)
{
    struct wire *wire = c->wire;
    drop(c);
    if (wire != NULL) {
        wire_die(wire, WIRE_CLIENT);
    }
    c->alive = false;
    c->life++;
}

uint64_t client_send(struct sim_client *c, Attune__Request *request)
{
    uint8_t room[2048];
    if (c->wire == NULL) {
        return 0;
    }
    request->seq = ++c->seq;
    size_t size = codec_frame_size(&request->base);
    must(size <= sizeof room);
    codec_frame_pack(&request->base, room);
    wire_send(c->wire, WIRE_CLIENT, room, size);
    return c->seq;
}
