/* caseload.h - a therapist's clients as the screen lists them: who has a session now, who has a
 * rupture open, the rest by the last session; and which of them a search finds.
 *
 * Pure: what the server tells comes in. A caseload is told in pages: begin, take each, end; who was
 * not told between begin and end is gone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wire/limits.h"
#include "staff.pb-c.h"

enum { CASELOAD_MAX = 500, CASELOAD_TOTALS = LIMIT_CASELOAD_TOTALS, CASELOAD_STEP = 32 };

struct caseload_client {
    char ref[LIMIT_NAME_BYTES + 1];
    uint32_t sessions;
    int64_t last_start_ms; /* 0: none yet. */
    int16_t totals[CASELOAD_TOTALS];
    size_t total_count; /* Oldest first; -1: no total. */
    bool rupture_open;
    char step[CASELOAD_STEP]; /* The server's word; "": none. */
    bool live;                /* A session is open now. */
    bool told;
};

/* 70 kB, fixed. Not a stack object. */
struct caseload {
    struct caseload_client clients[CASELOAD_MAX];
    size_t count;
    bool known; /* Told whole, at least once. */
    bool cut;   /* There are more than CASELOAD_MAX. */
};

/* Cannot fail; nothing to release. */
void caseload_init(struct caseload *c);

void caseload_begin(struct caseload *c);
/* Covered (of two who came together, not both done): who was here stays as they were; who was not
 * comes without the newest total, and with nothing open. */
void caseload_take(struct caseload *c, const Attune__CaseloadClient *told, bool covered);
void caseload_end(struct caseload *c);

/* NULL: not one of them. */
struct caseload_client *caseload_find(struct caseload *c, const char *ref);

/* A session of this client is open (true), or none is. */
void caseload_live(struct caseload *c, const char *ref, bool live);

/* The places of those whose name holds `search` (in any case of A to Z; "": all), in the screen's
 * order. `ret_order` has room for CASELOAD_MAX. Returns how many. */
size_t caseload_order(const struct caseload *c, const char *search, uint16_t *ret_order);
