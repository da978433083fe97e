/* office_copy.h - reads a client's own copy for whoever makes a file of it. For office*.c and the
 * pages. */
#pragma once

#include <stdbool.h>

#include "client/therapist/copy/copy_read.h"

struct office;

enum { OFFICE_COPY_SAID = 256 };

struct office_copy {
    struct copy_read *read;      /* NULL: none is under way. */
    bool whole;                  /* All is here. */
    char said[OFFICE_COPY_SAID]; /* Why not, in words; "": nothing. */
};

/* Begins to read; OFFICE_COPY comes when it is whole, or when it will not be. False: one is under
 * way, or there is no connection. office_copy_end is owed. */
bool office_copy_begin(struct office *o, const char *client_ref);
/* All that was read is wiped. */
void office_copy_end(struct office *o);

/* --- for office*.c --- */

/* The connection is gone, it was locked, or these are another's clients: it will not be whole. */
void office_copy_lost(struct office *o);
