/* Happy path: each worker takes the next block until there is none.
 * Failure: a thread that cannot be started is done without; the caller itself is a worker. */
#include "server/aggregator/study/crew.h"

#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include "proto/wire/must.h"

struct crew {
    struct crew_job *job;
    struct progress *progress;
    pthread_mutex_t lock; /* Guards `next` and `progress`. */
    uint64_t next, count;
};

struct worker {
    struct crew *crew;
    size_t number;
    pthread_t thread;
    bool is_started;
};

size_t crew_size(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > CREW_WORKERS_MAX ? CREW_WORKERS_MAX : (size_t)cores;
}

static bool take_block(struct crew *c, uint64_t *ret_first, uint64_t *ret_end)
{
    (void)pthread_mutex_lock(&c->lock); /* Cannot fail: made below, never locked twice. */
    uint64_t left = c->count - c->next, size = left < CREW_BLOCK ? left : CREW_BLOCK;
    *ret_first = c->next;
    *ret_end = c->next += size;
    progress_add(c->progress, size);
    (void)pthread_mutex_unlock(&c->lock);
    return size > 0;
}

static void *work(void *argument)
{
    struct worker *w = argument;
    uint64_t first = 0, end = 0;
    while (take_block(w->crew, &first, &end)) {
        w->crew->job->work(w->crew->job, w->number, first, end);
    }
    return NULL;
}

void crew_run(struct crew_job *job, size_t workers, uint64_t count, struct progress *progress)
{
    struct crew c = {.job = job, .progress = progress, .count = count};
    struct worker all[CREW_WORKERS_MAX] = {0};
    must(workers >= 1 && workers <= CREW_WORKERS_MAX);
    int rc = pthread_mutex_init(&c.lock, NULL);
    must(rc == 0);
    for (size_t i = 0; i < workers; i++) {
        all[i].crew = &c;
        all[i].number = i;
        all[i].is_started = i > 0 && pthread_create(&all[i].thread, NULL, work, &all[i]) == 0;
    }
    (void)work(&all[0]);
    for (size_t i = 1; i < workers; i++) {
        if (all[i].is_started) {
            (void)pthread_join(all[i].thread, NULL); /* Cannot fail: started, joined once. */
        }
    }
    (void)pthread_mutex_destroy(&c.lock);
}
