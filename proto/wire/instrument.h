/* instrument.h - one wording of the four areas: read from a file of `key = value` lines. Pure.
 *
 * The file is described in proto/instruments/README.md. A practice's own are kept by the server and
 * travel as the text they were put as; those that are shipped are built in. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wire/config.h"
#include "proto/wire/limits.h"

enum {
    INSTRUMENT_AREAS = 4,
    INSTRUMENT_FILE_MAX = LIMIT_INSTRUMENT_BYTES,
    INSTRUMENT_ID_MAX = 40, /* Bytes; so the name is a name. */
    INSTRUMENT_QUESTION_MAX =
        160, /* Bytes, and of a meaning half as many: what a screen can show. */
    INSTRUMENT_NAME_ROOM = 64,
};

enum audience { AUDIENCE_ADULT, AUDIENCE_CHILD };

struct instrument_area {
    char question[CONFIG_TEXT_MAX];
    char lowest[CONFIG_TEXT_MAX];  /* What 0 means, */
    char highest[CONFIG_TEXT_MAX]; /* and 10. */
};

/* 8 kB: not a stack object where it can be helped. */
struct instrument {
    char id[CONFIG_TEXT_MAX];
    uint32_t version;
    char language[CONFIG_TEXT_MAX];      /* "en", "de". */
    char language_name[CONFIG_TEXT_MAX]; /* "English", "Deutsch". */
    char audience_word[CONFIG_TEXT_MAX]; /* "adult", "child". */
    enum audience audience;
    uint32_t steps; /* Between 0 and 10; divides 100. */
    struct instrument_area areas[INSTRUMENT_AREAS];
};

/* Returns 0 and fills all of `into`; or ERR_CONFIG, the line and what is wrong with it; then `into`
 * is untouched. */
int instrument_parse(const char *text, size_t len, struct instrument *into,
                     struct config_fault *fault);

/* "attune-adult-en/1": as a rating keeps it. Gives `room`. */
const char *instrument_name(const struct instrument *i, char room[INSTRUMENT_NAME_ROOM]);

/* The score in tenths that is nearest to a place between 0 and 1. */
uint32_t instrument_score(const struct instrument *i, double place);

/* The files that are built in; NULL after the last. */
extern const char *const instruments_shipped[];
