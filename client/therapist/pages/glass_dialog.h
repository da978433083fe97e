/* glass_dialog.h - breaking the glass: which client of a colleague's, and why. */
#pragma once

#include <adwaita.h>

struct window;

/* Asks; what is answered is the office's. Frees itself when it is closed. */
void glass_dialog_open(struct window *w);
