/* page.h - one client's page: the total, the four areas, the sessions as a table; as PDF, PNG or
 * SVG. Pure: bytes out. The same page gives the same bytes in each run of a program.
 *
 * A PDF is A4 and goes on for as many pages as the table needs; a PNG and an SVG are one page as
 * long as it takes. An SVG says its title and its words, as its letters are shapes. What is drawn
 * is the client's pseudonym and nothing else that would name them. */
#pragma once

#include "client/therapist/plots/bytes.h"
#include "client/therapist/plots/plots.h"

enum { PLOT_PAGE_WIDTH = 595, PLOT_PAGE_HEIGHT = 842 }; /* A4, in points. */

struct plot_page {
    const char *client; /* Pseudonym. */
    const char *under;  /* What stands beneath it: "Dr. A. Weber, North". NULL: nothing. */
    const struct plot_history *history;
    struct plot_day made; /* Today, as the caller's clock has it. */
    const struct plot_theme *theme;
    const struct plot_words *words; /* NULL: English. */
};

/* How many A4 pages it takes. */
size_t plot_page_count(const struct plot_page *p);

/* One of them, from 0 on, in points from the context's origin on; the ground too. For printing. */
void plot_page_draw(cairo_t *cr, const struct plot_page *p, size_t number);

enum plot_file { PLOT_FILE_NONE, PLOT_FILE_PDF, PLOT_FILE_PNG, PLOT_FILE_SVG, PLOT_FILE_CSV };

/* By the file's ending, in any case. NONE: another, or nothing before it. */
enum plot_file plot_file_kind(const char *path);

/* The whole page, or its figures alone as CSV; `kind` is not NONE. plot_bytes_fini is owed. */
void plot_page_render(const struct plot_page *p, enum plot_file kind, struct plot_bytes *ret_bytes);
