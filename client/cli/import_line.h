/* import_line.h - one line of practice.csv: a past session with its rating. Pure but
 * for GLib's time zones and OpenSSL's SHA-256.
 *
 *     session_start,session_end,site,room,therapist,client_ref,session_number,
 *     understanding,relevance,safety,fit,talk,outcome
 *
 * Ids come from what names the session (therapist, client, start, number), by SHA-256, so that the
 * same line is the same rating whenever and wherever it is imported. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "admin.pb-c.h"
#include "proto/wire/limits.h"

enum import_field {
    IMPORT_START,
    IMPORT_END,
    IMPORT_SITE,
    IMPORT_ROOM,
    IMPORT_THERAPIST,
    IMPORT_CLIENT,
    IMPORT_NUMBER,
    IMPORT_SCORES, /* Four of them. */
    IMPORT_TALK = IMPORT_SCORES + 4,
    IMPORT_OUTCOME,
    IMPORT_FIELDS,
};

enum { IMPORT_WHY = 160 };

/* Points into itself and the line it was read from: neither may move. */
struct import_line {
    const char *fields[IMPORT_FIELDS];
    uint8_t rating_id[LIMIT_ID_SIZE], ticket_id[LIMIT_ID_SIZE], session_id[LIMIT_ID_SIZE];
    bool missed; /* A session that nobody was asked to rate: there is nothing to store. */
    Attune__Scores scores;
    Attune__Rating rating;
    Attune__ImportRating message;
    char why[IMPORT_WHY];
};

/* Is this the first line of such a file? `line` is cut up. */
bool import_is_heading(char *line);

/* Read a line, which is cut up and borrowed by `i`. Returns 0 or ERR_FIELD with a reason in i->why.
 */
int import_line(struct import_line *i, char *line, GTimeZone *zone);

/* The id that stands for these words, in this order; `kind` tells one sort of id from another. */
void import_id(uint8_t ret_id[LIMIT_ID_SIZE], const char *kind, const char *const *words,
               size_t count);
