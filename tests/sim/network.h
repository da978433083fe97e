/* network.h - connections as TCP gives them: bytes in order, late, in pieces, until it is cut.
 *
 * A cut loses what is under way in both directions, and each end learns of it in its own time: for
 * a while one talks to nobody. Between connections nothing keeps any order. */
#pragma once

#include "tests/sim/world.h"

struct wire;
struct network;
struct piece;

struct wire_end {
    /* Bytes have come. */
    void (*bytes)(void *owner, struct wire *wire, const uint8_t *bytes, size_t len);
    /* The connection is gone. */
    void (*lost)(void *owner, struct wire *wire);
    void *owner; /* NULL: the process has died; nobody is told. */
};

enum wire_side { WIRE_CLIENT, WIRE_SERVER };

struct wire {
    struct wire *next; /* All of a history's, so that they can be freed. */
    struct network *network;
    struct world *world;
    struct wire_end ends[2];
    int64_t clear_at[2]; /* When the last piece towards that side arrives. */
    bool cut;
    void *session; /* The server's own. */
};

struct network {
    struct world *world;
    struct wire *all;
    struct piece *pieces;
};

struct wire *network_connect(struct network *n, struct wire_end client, struct wire_end server);
/* To the other side of `from`. Copied. */
void wire_send(struct wire *wire, enum wire_side from, const uint8_t *bytes, size_t len);
void wire_cut(struct wire *wire);
/* The process at this end has died: it hears nothing more. What it had sent may still arrive, as
 * from a kernel that outlives it; then the other learns of it. */
void wire_die(struct wire *wire, enum wire_side side);
void network_fini(struct network *n);
