/* A piece of bytes is an event; it finds its connection cut or not when its time has come. */
#include "tests/sim/network.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"

enum { DELAY_MS_MAX = 60, NOTICE_MS_MAX = 8000 };

struct piece {
    struct piece *next; /* All of a history's: freed at its end. */
    struct wire *wire;
    size_t len;
    uint8_t bytes[];
};

struct wire *network_connect(struct network *n, struct wire_end client, struct wire_end server)
{
    struct wire *wire = calloc(1, sizeof *wire);
    must(wire != NULL);
    *wire =
        (struct wire){.next = n->all, .network = n, .world = n->world, .ends = {client, server}};
    n->all = wire;
    return wire;
}

static void on_arrival(struct world *w, void *who, int64_t side)
{
    (void)w;
    struct piece *piece = who;
    struct wire *wire = piece->wire;
    struct wire_end *end = &wire->ends[side];
    if (!wire->cut && end->owner != NULL) {
        end->bytes(end->owner, wire, piece->bytes, piece->len);
    }
}

static void send_piece(struct wire *wire, enum wire_side to, const uint8_t *bytes, size_t len)
{
    struct world *w = wire->world;
    struct piece *piece = malloc(sizeof *piece + len);
    must(piece != NULL);
    *piece = (struct piece){.next = wire->network->pieces, .wire = wire, .len = len};
    wire->network->pieces = piece;
    memcpy(piece->bytes, bytes, len);
    int64_t at = w->now + world_between(w, 1, DELAY_MS_MAX);
    at = at < wire->clear_at[to] ? wire->clear_at[to] : at;
    wire->clear_at[to] = at;
    world_in(w, at - w->now, on_arrival, piece, to);
}

void wire_send(struct wire *wire, enum wire_side from, const uint8_t *bytes, size_t len)
{
    enum wire_side to = from == WIRE_CLIENT ? WIRE_SERVER : WIRE_CLIENT;
    size_t cut = (size_t)world_between(wire->world, 0, (int64_t)len);
    if (wire->cut) {
        return;
    }
    if (cut > 0) {
        send_piece(wire, to, bytes, cut);
    }
    if (cut < len) {
        send_piece(wire, to, bytes + cut, len - cut);
    }
}

static void on_notice(struct world *w, void *who, int64_t side)
{
    (void)w;
    struct wire *wire = who;
    struct wire_end end = wire->ends[side];
    wire->ends[side].owner = NULL;
    if (end.owner != NULL) {
        end.lost(end.owner, wire);
    }
}

void wire_cut(struct wire *wire)
{
    if (!wire->cut) {
        wire->cut = true;
        for (int64_t side = 0; side < 2; side++) {
            world_in(wire->world, world_between(wire->world, 1, NOTICE_MS_MAX), on_notice, wire,
                     side);
        }
    }
}

void wire_die(struct wire *wire, enum wire_side side)
{
    enum wire_side other = side == WIRE_CLIENT ? WIRE_SERVER : WIRE_CLIENT;
    struct world *w = wire->world;
    wire->ends[side].owner = NULL;
    if (world_chance(w, 50)) {
        wire_cut(wire); /* The whole machine went. */
    } else {
        int64_t rest = wire->clear_at[other] - w->now;
        world_in(w, (rest > 0 ? rest : 0) + 1, on_notice, wire, other);
    }
}

void network_fini(struct network *n)
{
    while (n->pieces != NULL) {
        struct piece *piece = n->pieces;
        n->pieces = piece->next;
        free(piece);
    }
    while (n->all != NULL) {
        struct wire *wire = n->all;
        n->all = wire->next;
        free(wire);
    }
}
