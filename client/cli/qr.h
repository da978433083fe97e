/* qr.h - a text as a QR code for a terminal. */
#pragma once

#include <stdbool.h>

/* Lines of half blocks with the quiet zone around; g_free. NULL: the text is too long. `colour`:
 * black on white whatever the terminal's own colours are; else light is drawn, dark is left out. */
char *qr_text(const char *text, bool colour);

/* The same for this command's own output, whatever it goes to; NULL also where it takes no UTF-8.
 */
char *qr_for_output(const char *text);
