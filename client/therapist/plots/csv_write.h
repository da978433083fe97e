/* csv_write.h - tables as comma-separated values (RFC 4180). Pure.
 *
 * A spreadsheet takes a field that begins with = + - @, a tab or a carriage return for a formula
 * and runs it, quoted or not. Text that begins so gets an apostrophe before it. Numbers are ours
 * and begin with a digit; their decimal sign is a point in every language. */
#pragma once

#include <stdbool.h>

#include "client/therapist/plots/bytes.h"
#include "client/therapist/plots/plots.h"

struct csv {
    struct plot_bytes *to; /* Borrowed. */
    bool is_begun;         /* A field of this line is there. */
};

void csv_init(struct csv *c, struct plot_bytes *to);

/* Quoted where it must be; any text, lines included. NULL: an empty field. */
void csv_text(struct csv *c, const char *text);
/* CR LF. */
void csv_end(struct csv *c);

/* The plots' own figures, a line of names first: what is seen can be counted again elsewhere. Added
 * to what is in `to`. */
void csv_course(struct plot_bytes *to, const struct plot_history *h);
/* Without the dots that the plot leaves out. */
void csv_shares(struct plot_bytes *to, const struct plot_shares *s);
/* A week that is hidden has a line without figures. */
void csv_weeks(struct plot_bytes *to, const struct plot_calendar *c);
