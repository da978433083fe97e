/* notice_box.h - the one alert before one's eyes: what, why, now, next time, the client's own
 * choice, and what the therapist does about it, with undo in its place. */
#pragma once

#include <adwaita.h>

struct window;

struct notice_box {
    GtkWidget *self;
    char *shown; /* What it was made from: made anew only when that has changed. */
    GtkWidget *steps, *reason, *reason_row;
    int at; /* The notice's place. */
    bool choosing;
    int ticks; /* Until the frame with a new notice was painted. */
};

GtkWidget *notice_box_make(struct window *w);
void notice_box_update(struct window *w);
