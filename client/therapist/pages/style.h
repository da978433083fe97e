/* style.h - how the windows look: a sheet for GTK. Text has 7:1 on its ground, lines 3:1, what can
 * be pressed is 44 pixels high. */
#pragma once

#include <adwaita.h>

/* A window beside the first one, as that one. */
void style_join(GtkWidget *window);
/* The window is ours from now on. "light", "dark"; NULL: the desktop's. */
void style_take(GtkWidget *window, const char *style);
