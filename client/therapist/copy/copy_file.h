/* copy_file.h - a client's own copy as its one file: the PDF, with the same for programs attached,
 * locked. In memory: nothing readable is left behind, here or anywhere. */
#pragma once

#include "client/therapist/copy/copy.h"
#include "client/therapist/plots/bytes.h"

/* Adds to *ret_bytes. Returns 0 or ERR_INTERNAL. */
int copy_file(const struct copy *c, const char *passphrase, struct plot_bytes *ret_bytes);
