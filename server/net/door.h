/* door.h - strangers between the kernel's queue and the handshake: who is let in next. Pure.
 *
 * A handshake costs a thousand times what it costs to accept or to close: so everybody is taken
 * from the kernel at once and waits here, and handshakes are begun at a rate. In turn by source
 * address, the one with the fewest under way first: an address that floods waits behind itself, and
 * a kiosk at another one is let in within a turn. Alone, an address has all there is: a practice's
 * kiosks may share one. When all places for handshakes are taken, the oldest of the address that
 * has the most gives way to one that has fewer. When too many wait, the oldest of the address that
 * has the most is turned away. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

enum { DOOR_BUCKETS = 256 };

struct door_address;

/* Embed it. One is here from door_knock until it was turned away, given up or let go. */
struct door_guest {
    TAILQ_ENTRY(door_guest) link;  /* With those of its address that wait, or that are inside. */
    TAILQ_ENTRY(door_guest) queue; /* Waiting: with all, by when they came. */
    struct door_address *address;
    uint64_t since; /* Waiting, or inside. */
    bool inside;
};
TAILQ_HEAD(door_guests, door_guest);

struct door_limits {
    uint32_t inside_max;  /* Handshakes under way. */
    uint32_t waiting_max; /* 1 or more. */
    uint32_t per_second;  /* Let in. */
    uint32_t hold_ms;     /* Nobody gives way before so long. */
};

struct door {
    struct door_limits limits; /* May be changed at any time. */
    uint32_t inside, waiting;
    struct door_guests queue;
    TAILQ_HEAD(, door_address) turns; /* Of those with somebody here; who was let in goes last. */
    struct door_address *buckets[DOOR_BUCKETS];
    uint64_t filled_ms;
    uint64_t allowed; /* Thousandths of a guest. */
};

void door_init(struct door *d, const struct door_limits *limits, uint64_t now_ms);

/* `where` is an address without a port. Returns who is turned away for it, gone from here: NULL,
 * somebody else, or itself. */
struct door_guest *door_knock(struct door *d, struct door_guest *g, uint64_t where,
                              uint64_t now_ms);

/* Who is let in now, or NULL. `*ret_gives_way` is set to who must be cut for it, gone from here; or
 * to NULL. */
struct door_guest *door_next(struct door *d, uint64_t now_ms, struct door_guest **ret_gives_way);

/* Who has waited for longer than `ms`, gone from here; NULL: nobody. */
struct door_guest *door_give_up(struct door *d, uint64_t now_ms, uint64_t ms);

/* The handshake is over, or the guest has gone. */
void door_leave(struct door *d, struct door_guest *g);

/* Everybody in turn, gone from here; NULL: it is empty. */
struct door_guest *door_clear(struct door *d);
