/* A binary heap by time and order, a generator, and a running FNV-1a digest of all that was noted.
 */
#include "tests/sim/world.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/wire/must.h"

void world_init(struct world *w, uint64_t seed, bool trace)
{
    *w = (struct world){.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1,
                        .digest = UINT64_C(0xcbf29ce484222325),
                        .trace = trace};
}

void world_fini(struct world *w)
{
    free(w->heap);
    w->heap = NULL;
}

uint64_t world_random(struct world *w)
{
    uint64_t z = (w->random += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

int64_t world_between(struct world *w, int64_t low, int64_t high)
{
    return low + (int64_t)(world_random(w) % (uint64_t)(high - low + 1));
}

bool world_chance(struct world *w, unsigned percent)
{
    return world_random(w) % 100 < percent;
}

static bool before(const struct world_event *a, const struct world_event *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(struct world_event *a, struct world_event *b)
{
    struct world_event other = *a;
    *a = *b;
    *b = other;
}

void world_in(struct world *w, int64_t delay, world_cb cb, void *who, int64_t what)
{
    if (w->count == w->room) {
        w->room = w->room == 0 ? 256 : w->room * 2;
        w->heap = realloc(w->heap, w->room * sizeof *w->heap);
        must(w->heap != NULL);
    }
    size_t at = w->count++;
    w->heap[at] =
        (struct world_event){w->now + (delay > 0 ? delay : 0), w->orders++, cb, who, what};
    while (at > 0 && before(&w->heap[at], &w->heap[(at - 1) / 2])) {
        swap(&w->heap[at], &w->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static struct world_event take_first(struct world *w)
{
    struct world_event first = w->heap[0];
    w->heap[0] = w->heap[--w->count];
    for (size_t at = 0;;) {
        size_t least = at, left = 2 * at + 1, right = left + 1;
        least = left < w->count && before(&w->heap[left], &w->heap[least]) ? left : least;
        least = right < w->count && before(&w->heap[right], &w->heap[least]) ? right : least;
        if (least == at) {
            return first;
        }
        swap(&w->heap[at], &w->heap[least]);
        at = least;
    }
}

bool world_step(struct world *w, int64_t until)
{
    if (w->count == 0 || w->heap[0].at > until) {
        return false;
    }
    struct world_event event = take_first(w);
    w->now = event.at;
    event.cb(w, event.who, event.what);
    return true;
}

void world_note(struct world *w, const char *format, ...)
{
    char line[200];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    must(n >= 0);
    w->digest = (w->digest ^ (uint64_t)w->now) * UINT64_C(0x100000001b3);
    for (const char *c = line; *c != '\0'; c++) {
        w->digest = (w->digest ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
    }
    if (w->trace) {
        printf("%9" PRId64 " ms  %s\n", w->now, line);
    }
}
