/* hashing.h - passwords are hashed beside the loop: so many at once, so many waiting, and no more.
 *
 * Memory at its most: `at_once` times PASSWORD_MEMORY, and a job for each that waits. What is
 * accepted gets exactly one verdict, from the loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uv.h>

#include "server/gateway/password.h"

struct hashing;
struct hash_job;

/* rc 0: `right`, and `fresh_hash` if one was wanted; ERR_CANCELED; ERR_BUSY: no memory. The job is
 * the caller's again; its passwords are wiped. */
typedef void (*hash_cb)(struct hash_job *job, int rc);

/* Embed it; fill it before hashing_add. */
struct hash_job {
    char password[LIMIT_PASSWORD_BYTES + 1];
    bool compares;            /* `password` with `hash`. */
    char hash[PASSWORD_HASH]; /* "": nobody's. */
    char
        fresh[LIMIT_PASSWORD_BYTES + 1]; /* To be hashed, too, if all was right so far; "": none. */
    bool right;
    char fresh_hash[PASSWORD_HASH];
    const bool *gone; /* Set meanwhile: nobody waits for it any more, ERR_CANCELED. May be NULL. */
    /* The rest is hashing's own. */
    uv_work_t work;
    struct hashing *hashing;
    hash_cb cb;
    bool failed;
    STAILQ_ENTRY(hash_job) next;
};

struct hashing_counters {
    int64_t done, busy;
};

struct hashing {
    uv_loop_t *loop;
    uint32_t at_once, waiting_max, running, waiting;
    STAILQ_HEAD(, hash_job) jobs;
    bool closing;
    void (*close_cb)(struct hashing *h);
    struct hashing_counters counters;
};
typedef void (*hashing_close_cb)(struct hashing *h);

void hashing_init(struct hashing *h, uint32_t at_once, uint32_t waiting_max);
void hashing_start(struct hashing *h, uv_loop_t *loop);
/* ERR_BUSY: too many wait; ERR_CLOSING. Then there is no verdict. */
int hashing_add(struct hashing *h, struct hash_job *job, hash_cb cb);
bool hashing_is_full(const struct hashing *h);
/* What waits hears ERR_CANCELED; what is being hashed is waited for: a moment. */
void hashing_close(struct hashing *h, hashing_close_cb cb);
