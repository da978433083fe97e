/* locked.h - a PDF with a file attached, locked with a passphrase: AES-256 (PDF 2.0, revision 6).
 *
 * In memory from end to end: nothing readable is written to a disk, and the passphrase stands on no
 * command line. Any viewer opens it. */
#pragma once

#include "client/therapist/plots/bytes.h"

struct locked_attachment {
    const char *name, *description, *type; /* "ratings.json", words, "application/fhir+json". */
    const char *bytes;
    size_t size;
};

/* Adds to *ret_bytes. Returns 0, or ERR_INTERNAL: `pdf` is none. */
int locked_pdf(const struct plot_bytes *pdf, const struct locked_attachment *attachment,
               const char *passphrase, struct plot_bytes *ret_bytes);
