/* setup.h - the kiosk's first page: it has no identity yet, and gets one by a code.
 *
 * The code and the server's address are typed on the screen, on keys of the machine, or by a
 * scanner, which types what the QR code holds and Enter. Runs a loop of its own until the kiosk is
 * a device of the practice, or the program is told to end. GTK must have started. */
#pragma once

#include <stdbool.h>

#include "client/kiosk/settings.h"

/* True: enrolled. False: told to end. */
bool setup_run(const struct settings *settings, const char *locale_dir);
