/* store_retention.h - how long a practice keeps things, what keeps them longer, and how they go.
 *
 * Operations of store.h, with the same verdicts. A plan is made page by page and then run page by
 * page; each page is one transaction of a bounded size, and both may be stopped and go on: see
 * sql/, retention. */
#pragma once

#include "server/pg/store.h"

/* Of a plan the first ones are told: a row may be one client's, and alerts are what they said. */
enum { STORE_RETENTION_COUNTS = 10, STORE_RETENTION_PLANNED = 5 };

struct store_retention_row {
    const char *site;
    unsigned year;
    uint32_t counts[STORE_RETENTION_COUNTS]; /* In the order of the protocol's. */
};

struct store_retention {
    bool more; /* Not at its end yet. */
    const char *word, *made_by, *run_by, *ids_sha256;
    unsigned courses, held, gone, kept;
    int64_t made, begun, finished;               /* 0: not. */
    const struct store_certificate *certificate; /* NULL: not at its end. */
    const struct store_retention_row *rows;
    size_t row_count;
    bool more_rows;
};

/* Which rows come: those after this site and year; site "": from the start. */
struct store_retention_place {
    const char *site;
    unsigned year;
};

/* Years 0: for ever; site "": none. Night as on the wire. rc ERR_SITE_UNKNOWN. */
int store_retention_put(struct store *s, struct store_call *c, int64_t practice_id,
                        const char *site, unsigned years, unsigned night, const char *actor,
                        store_done_cb cb);
/* `until` "": until released; `because` NULL: released. rc ERR_CLIENT_UNKNOWN. */
int store_hold_put(struct store *s, struct store_call *c, int64_t practice_id,
                   const char *client_ref, const char *until, const char *because,
                   const char *actor, store_done_cb cb);
/* A step of what goes by itself at night: see retention_night in sql/. `counted` 0: there is
 * nothing to do. */
int store_retention_night(struct store *s, struct store_call *c, store_counted_cb cb);
/* Notes that a client has their own copy made. rc ERR_CLIENT_UNKNOWN: not this therapist's. */
int store_client_copy(struct store *s, struct store_call *c, int64_t practice_id,
                      int64_t therapist_id, const char *client_ref, const char *actor,
                      store_done_cb cb);
/* The next page of a plan; once it is made, its rows. */
int store_retention_look(struct store *s, struct store_call *c, int64_t practice_id,
                         const uint8_t plan_id[STORE_ID], struct store_retention_place after,
                         const char *actor, store_retention_cb cb);
/* The next page of a run; once it is done, its rows. rc ERR_RETENTION_UNKNOWN. */
int store_retention_run(struct store *s, struct store_call *c, int64_t practice_id,
                        const char *word, struct store_retention_place after, const char *actor,
                        store_retention_cb cb);
