/* copy_read.h - all that a client's own copy is made of, read page by page.
 *
 * Pure: what to ask the server next comes out, its answers come in. The server is told of the copy
 * before anything is read, so that it stands in the audit whatever becomes of it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "client/therapist/copy/copy.h"
#include "envelope.pb-c.h"

enum copy_part {
    COPY_NOTE,
    COPY_SESSIONS, /* Before ratings: copy.h. */
    COPY_RATINGS,
    COPY_GOALS,
    COPY_ALERTS,
    COPY_READ, /* All is here. */
};

struct copy_read {
    struct copy copy;

    /* The rest is its own. */
    enum copy_part part;
    uint8_t after[LIMIT_ID_SIZE]; /* The last item of the page before. */
    bool turned;                  /* There was one. */
    union {
        Attune__CopyClient note;
        Attune__ListSessions sessions;
        Attune__ListRatings ratings;
        Attune__ListGoals goals;
        Attune__ListAlerts alerts;
    } body;
};

/* copy_read_fini is owed. The name is copied. */
void copy_read_init(struct copy_read *r, const char *client);
/* False: nothing more is to be asked. `ret_request` borrows from `r` until the next call. */
bool copy_read_next(struct copy_read *r, Attune__Request *ret_request);
/* The answer to what was asked: 0, or ERR_MESSAGE. */
int copy_read_take(struct copy_read *r, const Attune__Response *response);
/* All is here: as copy_end. */
int copy_read_end(struct copy_read *r, const char *practice, const char *therapist,
                  const uint8_t copy_id[LIMIT_ID_SIZE], int64_t made_ms);
/* Why copy_read_end refused, in words. */
const char *copy_read_why(const struct copy_read *r);
/* All that was read is wiped. */
void copy_read_fini(struct copy_read *r);
