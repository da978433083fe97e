/* look.h - colours and sizes, as GTK's style sheets. */
#pragma once

#include <gtk/gtk.h>

#include "client/kiosk/layout.h"

/* kiosk.css, built in. */
extern const char look_css[];

/* Lay both providers over the display. `sizes` is filled by look_size. */
void look_start(GtkCssProvider **ret_look, GtkCssProvider **ret_sizes);
void look_stop(GtkCssProvider **look, GtkCssProvider **sizes);

/* What depends on the screen and on "larger text". */
void look_size(GtkCssProvider *sizes, const struct layout *l);
