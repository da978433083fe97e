/* copy_paper.h - a copy as a PDF for people: what it is, the course as a picture, every session,
 * what was agreed on, and what the therapist was told. Pure: bytes out, on A4 pages. */
#pragma once

#include "client/therapist/copy/copy.h"
#include "client/therapist/plots/bytes.h"

/* Adds to `b`; the caller wipes it. */
void copy_paper(const struct copy *c, struct plot_bytes *b);

/* For a program that draws nothing more: else the fonts stay for the process's life. */
void copy_paper_let_go(void);
