/* live_bar.h - the sessions under way: room, colour and symbol as the kiosk shows them, "rated"
 * with the four scores, and what to do next. */
#pragma once

#include <adwaita.h>

struct window;

struct live_bar {
    GtkWidget *self;
    char *shown; /* What it was made from: made anew only when that has changed. */
};

GtkWidget *live_bar_make(struct window *w);
void live_bar_update(struct window *w);
