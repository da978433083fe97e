/* qr.h - a text as a QR code for a terminal. */
#pragma once

#include <stdbool.h>

/* Lines of half blocks with the quiet zone around; g_free. NULL: the text is too long. `colour`:
 * black on white whatever the terminal's own colours are; else light is drawn, dark is left out. */
char *qr_text(const char *text, bool colour);
