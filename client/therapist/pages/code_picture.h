/* code_picture.h - a text as a QR code in a window: dark on white whatever the theme, with the
 * quiet zone that a camera needs. */
#pragma once

#include <adwaita.h>

/* `name` says to those who do not see it what it is. Nothing is drawn yet. */
GtkWidget *code_picture_new(const char *name);
/* Visible from here on; "": hidden, and what it was is forgotten. A text that fits into no code is
 * as none. */
void code_picture_show(GtkWidget *picture, const char *text);
