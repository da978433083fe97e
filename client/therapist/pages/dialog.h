/* dialog.h - one window over the desk's, which goes when the desk locks. */
#pragma once

#include <adwaita.h>

struct window;

/* Heading, words, what is asked or shown, and a row of buttons. Escape closes it. */
GtkWidget *dialog_new(struct window *w, const char *heading, const char *words, GtkWidget *child,
                      GtkWidget *buttons);
/* Show it. One that is there already is closed. */
void dialog_open(struct window *w, GtkWidget *dialog);
void dialog_close(struct window *w);
