/* export.h - what is on the page, a client's course or the figures, as a file: PDF, PNG and SVG as
 * drawn, CSV to count again. */
#pragma once

struct window;

/* "pdf", "png", "svg" or "csv": asks where, writes in the background, says how it went. */
void export_shown(struct window *w, const char *kind);
