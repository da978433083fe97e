/* together.h - two who came together: what one of them said is covered until both are done.
 *
 * Pure: sessions come in as they are told, in any order; the second one names the first one's. One
 * is done when it is rated or skipped, or over (closed or parked: nobody is asked any more). The
 * caller covers scores, alerts and figures of a session while together_covers says so, and shows
 * them when together_take says that something has changed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wire/limits.h"
#include "staff.pb-c.h"

enum { TOGETHER_MAX = 64 }; /* Sessions remembered; the oldest that is over makes room. */

struct together_session {
    uint8_t id[LIMIT_ID_SIZE], first[LIMIT_ID_SIZE];
    char client_ref[LIMIT_NAME_BYTES + 1];
    bool is_second; /* `first` is whose. */
    bool done, over;
    uint64_t since; /* Smaller is older. */
};

/* 10 kB, fixed. */
struct together {
    struct together_session all[TOGETHER_MAX];
    size_t count;
    uint64_t counter;
};

/* Cannot fail; nothing to release. */
void together_init(struct together *t);

/* A session is as told. True: what is covered may have changed. Done and over are final. */
bool together_take(struct together *t, const Attune__Session *session);

/* Nothing of this session may be seen yet. */
bool together_covers(const struct together *t, const uint8_t *session_id);
/* The same of a client: one of their sessions is covered. */
bool together_covers_client(const struct together *t, const char *client_ref);

/* Has it been told of, or is it a stranger? */
bool together_knows(const struct together *t, const uint8_t *session_id);
/* Under way and alone: a second one may be opened with it. */
bool together_may_join(const struct together *t, const uint8_t *session_id);
