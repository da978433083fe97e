/* export.h - a client's page, or any bytes, into a file: whole or not at all. The shell of page.h
 * and csv_write.h; it blocks for as long as the disk does. */
#pragma once

#include "client/therapist/plots/page.h"

/* To a temporary beside it, synced and renamed, readable by its owner alone: it is about a client.
 * A full disk leaves what was there before. Returns 0, or ERR_DISK with errno set. */
int plot_export_bytes(const char *path, const struct plot_bytes *bytes);

/* PDF, PNG, SVG or CSV by the file's ending; ERR_FIELD: another ending. Else as above. */
int plot_export_page(const char *path, const struct plot_page *page);
