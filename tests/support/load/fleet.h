/* fleet.h - the certificates and keys of thousands of devices, as attune-bulk-pki wrote them. */
#pragma once

#include <stdint.h>

#include "tests/support/load/line.h"

struct fleet {
    SSL_CTX *context; /* With the first device's identity; each line brings its own. */
    struct line_identity *devices;
    uint32_t count;
};

/* `folder` has ca.crt, device.crt, device.key and fleet.pem. Says on standard error what is wrong.
 * fleet_fini is owed either way. */
int fleet_load(struct fleet *f, const char *folder);
void fleet_fini(struct fleet *f);
