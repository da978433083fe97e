/* paper.h - a drawing as the bytes of a PDF, a PNG or an SVG. Pure: the same drawing gives the same
 * bytes in each run of a program. A PDF is A4, page by page; a PNG and an SVG are one page as long
 * as it takes. An SVG says its title and its words, as its letters are shapes. */
#pragma once

#include <stdint.h>

#include "client/therapist/plots/page.h"

#define PAPER_WHOLE SIZE_MAX /* All on one page, for `draw`. */

struct paper {
    const void *of;
    void (*draw)(cairo_t *cr, const void *of, size_t page); /* Page 0 on, or PAPER_WHOLE. */
    size_t pages;
    double whole_height; /* In points. */
    const char *title, *says;
    struct plot_day made;
};

/* Adds to `b`; `kind` is PDF, PNG or SVG. */
void paper_render(const struct paper *p, enum plot_file kind, struct plot_bytes *b);
