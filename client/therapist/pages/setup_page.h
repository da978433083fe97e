/* setup_page.h - the desk's first page: it has no identity yet, and gets one by a code.
 *
 * Runs a loop of its own before there is an application: GTK is started here. */
#pragma once

#include <stdbool.h>

/* `address` is what the field begins with, `style` is style_take's; both may be NULL. True:
 * enrolled. False: closed, or there is no display (said to standard error). */
bool setup_page_run(const char *folder, const char *address, const char *style);
