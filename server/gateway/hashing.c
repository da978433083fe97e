/* Happy path: a job is added, hashed by one of libuv's threads, and its verdict comes to the loop.
 * Failure: more than may wait is refused at once, so that a flood costs the loop next to nothing.
 * The threads touch nothing but their own job. */
#include "server/gateway/hashing.h"

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"

static void on_work(uv_work_t *work)
{
    struct hash_job *job = container_of(work, struct hash_job, work);
    job->right = !job->compares || password_is(job->hash, job->password);
    if (job->right && job->fresh[0] != '\0') {
        job->failed = !password_make(job->fresh, job->fresh_hash);
    }
}

static void tell(struct hash_job *job, int rc)
{
    password_wipe(job->password, sizeof job->password);
    password_wipe(job->fresh, sizeof job->fresh);
    job->cb(job, rc);
}

static void start_next(struct hashing *h);

static void on_done(uv_work_t *work, int status)
{
    struct hash_job *job = container_of(work, struct hash_job, work);
    struct hashing *h = job->hashing;
    int rc = status != 0 || h->closing ? ERR_CANCELED : job->failed ? ERR_BUSY : 0;
    h->running--;
    h->counters.done++;
    start_next(h);
    tell(job, rc);
    if (h->closing && h->running == 0) {
        h->close_cb(h);
    }
}

static void start_next(struct hashing *h)
{
    while (h->running < h->at_once && !STAILQ_EMPTY(&h->jobs)) {
        struct hash_job *job = STAILQ_FIRST(&h->jobs);
        STAILQ_REMOVE_HEAD(&h->jobs, next);
        h->waiting--;
        if (job->gone != NULL && *job->gone) {
            tell(job, ERR_CANCELED); /* Whoever comes and goes takes nobody's turn. */
            continue;
        }
        h->running++;
        int rc = uv_queue_work(h->loop, &job->work, on_work, on_done);
        must(rc == 0); /* It has what it wants. */
    }
}

void hashing_init(struct hashing *h, uint32_t at_once, uint32_t waiting_max)
{
    *h = (struct hashing){.at_once = at_once, .waiting_max = waiting_max};
    STAILQ_INIT(&h->jobs);
}

void hashing_start(struct hashing *h, uv_loop_t *loop)
{
    password_init();
    h->loop = loop;
}

bool hashing_is_full(const struct hashing *h)
{
    return h->waiting >= h->waiting_max;
}

int hashing_add(struct hashing *h, struct hash_job *job, hash_cb cb)
{
    if (h->closing) {
        return ERR_CLOSING;
    }
    if (hashing_is_full(h)) {
        h->counters.busy++;
        return ERR_BUSY;
    }
    job->hashing = h;
    job->cb = cb;
    job->failed = false;
    STAILQ_INSERT_TAIL(&h->jobs, job, next);
    h->waiting++;
    start_next(h);
    return 0;
}

void hashing_close(struct hashing *h, hashing_close_cb cb)
{
    must(!h->closing);
    h->closing = true;
    h->close_cb = cb;
    while (!STAILQ_EMPTY(&h->jobs)) {
        struct hash_job *job = STAILQ_FIRST(&h->jobs);
        STAILQ_REMOVE_HEAD(&h->jobs, next);
        h->waiting--;
        tell(job, ERR_CANCELED);
    }
    if (h->running == 0) {
        cb(h);
    }
}
