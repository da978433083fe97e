/* rate_wish.h - what `attune rate` was asked to rate: from options to a rating. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "client/cli/arguments.h"
#include "kiosk.pb-c.h"
#include "proto/wire/limits.h"

enum { RATE_WHY = 128, RATE_INSTRUMENT = LIMIT_NAME_BYTES + 1 };

/* The command's own options, in this order. */
enum rate_option {
    RATE_UNDERSTANDING,
    RATE_RELEVANCE,
    RATE_SAFETY,
    RATE_FIT,
    RATE_SKIP,
    RATE_TALK,
    RATE_TENSION,
    RATE_BETTER,
    RATE_TICKET,
    RATE_WAIT,
    RATE_INSTRUMENT_NAME,
    RATE_NO_SEND,
    RATE_DRAIN,
    RATE_OPTIONS,
};

struct rate_wish {
    uint32_t tenths[4];
    bool answered[4], any;
    bool skip, drain, no_send, has_ticket;
    Attune__Talk talk;
    Attune__Tension tension;
    Attune__Better better;
    uint8_t ticket[LIMIT_ID_SIZE];
    uint32_t wait_s;
    char instrument[RATE_INSTRUMENT];
    char why[RATE_WHY];
};

/* Returns 0 or ERR_FIELD with a sentence in w->why. */
int rate_wish(struct rate_wish *w, const char *const options[RATE_OPTIONS]);

/* Fill `rating` and `scores`, which point into `w` and the ids, as valid_rating wants them. */
void rate_fill(struct rate_wish *w, uint8_t rating_id[LIMIT_ID_SIZE], int64_t made_at_ms,
               Attune__Rating *rating, Attune__Scores *scores);
