/* Happy path: knock, wait, next, inside, leave. An address lives as long as somebody of it is here.
 * Failure: too many wait, or all places are taken: the address with the most pays for it. Looking
 * for that one goes over all addresses here, which are as many as guests at most: a few thousand
 * steps, a fraction of what a handshake costs. */
#include "server/net/door.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"

enum { THOUSAND = 1000, BURST_A_SECOND = 4 };

struct door_address {
    TAILQ_ENTRY(door_address) turn;
    struct door_address *next; /* In its bucket. */
    uint64_t where;
    struct door_guests waiting, inside; /* Oldest first. */
    uint32_t waiting_count, inside_count;
};

static struct door_address **bucket_of(struct door *d, uint64_t where)
{
    uint64_t mixed = where * UINT64_C(0x9e3779b97f4a7c15); /* Fibonacci hashing. */
    return &d->buckets[mixed >> 56];
}

static struct door_address *address_of(struct door *d, uint64_t where)
{
    struct door_address **bucket = bucket_of(d, where), *a = *bucket;
    while (a != NULL && a->where != where) {
        a = a->next;
    }
    if (a == NULL) {
        a = calloc(1, sizeof *a);
        must(a != NULL);
        a->where = where;
        TAILQ_INIT(&a->waiting);
        TAILQ_INIT(&a->inside);
        a->next = *bucket;
        *bucket = a;
        TAILQ_INSERT_TAIL(&d->turns, a, turn); /* Not first: who has many would always be. */
    }
    return a;
}

static void maybe_forget(struct door *d, struct door_address *a)
{
    if (a->waiting_count + a->inside_count > 0) {
        return;
    }
    struct door_address **at = bucket_of(d, a->where);
    while (*at != a) {
        at = &(*at)->next;
    }
    *at = a->next;
    TAILQ_REMOVE(&d->turns, a, turn);
    free(a);
}

static void stop_waiting(struct door *d, struct door_guest *g)
{
    TAILQ_REMOVE(&g->address->waiting, g, link);
    TAILQ_REMOVE(&d->queue, g, queue);
    g->address->waiting_count--;
    d->waiting--;
}

void door_leave(struct door *d, struct door_guest *g)
{
    struct door_address *a = g->address;
    if (g->inside) {
        TAILQ_REMOVE(&a->inside, g, link);
        a->inside_count--;
        d->inside--;
    } else {
        stop_waiting(d, g);
    }
    g->address = NULL;
    maybe_forget(d, a);
}

static struct door_guest *gone(struct door *d, struct door_guest *g)
{
    if (g != NULL) {
        door_leave(d, g);
    }
    return g;
}

void door_init(struct door *d, const struct door_limits *limits, uint64_t now_ms)
{
    memset(d, 0, sizeof *d);
    d->limits = *limits;
    d->filled_ms = now_ms;
    d->allowed = (uint64_t)limits->per_second * THOUSAND / BURST_A_SECOND;
    TAILQ_INIT(&d->queue);
    TAILQ_INIT(&d->turns);
}

struct door_guest *door_knock(struct door *d, struct door_guest *g, uint64_t where, uint64_t now_ms)
{
    struct door_address *a = address_of(d, where), *most = a;
    *g = (struct door_guest){.address = a, .since = now_ms};
    TAILQ_INSERT_TAIL(&a->waiting, g, link);
    TAILQ_INSERT_TAIL(&d->queue, g, queue);
    a->waiting_count++;
    d->waiting++;
    if (d->waiting <= d->limits.waiting_max) {
        return NULL;
    }
    TAILQ_FOREACH(a, &d->turns, turn)
    {
        most = a->waiting_count > most->waiting_count ? a : most;
    }
    return gone(d, TAILQ_FIRST(&most->waiting));
}

/* A quarter of a second's at most are let in at once; one always. */
static void refill(struct door *d, uint64_t now_ms)
{
    uint64_t most = (uint64_t)d->limits.per_second * THOUSAND / BURST_A_SECOND;
    most = most < THOUSAND ? THOUSAND : most;
    d->allowed += (now_ms - d->filled_ms) * d->limits.per_second;
    d->allowed = d->allowed < most ? d->allowed : most;
    d->filled_ms = now_ms;
}

/* The oldest inside of the address that has the most, if it has more than its share beside `a`. */
static struct door_guest *who_gives_way(struct door *d, const struct door_address *a,
                                        uint64_t now_ms)
{
    struct door_address *most = NULL, *one;
    must(a != NULL);
    TAILQ_FOREACH(one, &d->turns, turn)
    {
        most = most == NULL || one->inside_count > most->inside_count ? one : most;
    }
    if (most == NULL || most->inside_count <= a->inside_count + 1) {
        return NULL;
    }
    struct door_guest *oldest = TAILQ_FIRST(&most->inside);
    return now_ms - oldest->since >= d->limits.hold_ms ? oldest : NULL;
}

struct door_guest *door_next(struct door *d, uint64_t now_ms, struct door_guest **ret_gives_way)
{
    struct door_address *fewest = NULL, *a;
    *ret_gives_way = NULL;
    refill(d, now_ms);
    if (d->waiting == 0 || d->allowed < THOUSAND) {
        return NULL;
    }
    TAILQ_FOREACH(a, &d->turns, turn)
    {
        bool better = fewest == NULL || a->inside_count < fewest->inside_count;
        fewest = a->waiting_count > 0 && better ? a : fewest;
    }
    if (d->inside >= d->limits.inside_max) {
        *ret_gives_way = gone(d, who_gives_way(d, fewest, now_ms));
        if (*ret_gives_way == NULL) {
            return NULL;
        }
    }
    struct door_guest *g = TAILQ_FIRST(&fewest->waiting);
    stop_waiting(d, g);
    g->inside = true;
    g->since = now_ms;
    TAILQ_INSERT_TAIL(&fewest->inside, g, link);
    fewest->inside_count++;
    d->inside++;
    d->allowed -= THOUSAND;
    TAILQ_REMOVE(&d->turns, fewest, turn);
    TAILQ_INSERT_TAIL(&d->turns, fewest, turn);
    return g;
}

struct door_guest *door_give_up(struct door *d, uint64_t now_ms, uint64_t ms)
{
    struct door_guest *g = TAILQ_FIRST(&d->queue);
    return gone(d, g != NULL && now_ms - g->since >= ms ? g : NULL);
}

struct door_guest *door_clear(struct door *d)
{
    struct door_address *a = TAILQ_FIRST(&d->turns);
    if (a == NULL) {
        return NULL;
    }
    return gone(d, TAILQ_EMPTY(&a->waiting) ? TAILQ_FIRST(&a->inside) : TAILQ_FIRST(&a->waiting));
}
