/* export.h - a client's course as a file: PDF and PNG as the screen draws it, CSV for figures. */
#pragma once

struct window;

/* "pdf", "png", "svg" or "csv": asks where, writes in the background, says how it went. */
void export_client(struct window *w, const char *kind);
