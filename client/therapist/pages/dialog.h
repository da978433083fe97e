/* dialog.h - one window over the desk's, which goes when the desk locks. */
#pragma once

#include <adwaita.h>

struct window;

/* Heading, words, what is asked or shown, and a row of buttons. Ctrl+L locks here, too. */
GtkWidget *dialog_new(struct window *w, const char *heading, const char *words, GtkWidget *child,
                      GtkWidget *buttons);
/* For one that shows nothing that is shown only once. */
void dialog_close_by_escape(GtkWidget *dialog);
/* Show it. One that is there already is closed. */
void dialog_open(struct window *w, GtkWidget *dialog);
void dialog_close(struct window *w);
