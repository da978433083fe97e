/* world.h - virtual time, one seed, events: what a simulated practice lives in.
 *
 * Everything that happens is an event at a time; events at the same time go in the order in which
 * they were made. All chance comes from one generator, so one seed is one history, to the last
 * event (`digest` shows it). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world;
typedef void (*world_cb)(struct world *w, void *who, int64_t what);

struct world_event {
    int64_t at;
    uint64_t order;
    world_cb cb;
    void *who;
    int64_t what;
};

struct world {
    int64_t now; /* Milliseconds. */
    uint64_t random, orders, digest;
    struct world_event *heap;
    size_t count, room;
    bool trace, healing; /* Healing: no more faults. */
};

void world_init(struct world *w, uint64_t seed, bool trace);
void world_fini(struct world *w);

/* splitmix64 (S. Vigna, public domain algorithm). */
uint64_t world_random(struct world *w);
/* Uniform in low … high. */
int64_t world_between(struct world *w, int64_t low, int64_t high);
/* True `percent` times in a hundred. */
bool world_chance(struct world *w, unsigned percent);

/* `cb(who, what)` after `delay` ms. */
void world_in(struct world *w, int64_t delay, world_cb cb, void *who, int64_t what);

/* The next event; false: there is none before `until`. */
bool world_step(struct world *w, int64_t until);

/* What happened, for --trace and for the digest of the history. */
__attribute__((format(printf, 2, 3))) void world_note(struct world *w, const char *format, ...);
