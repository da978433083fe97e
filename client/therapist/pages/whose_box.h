/* whose_box.h - whose clients the window shows: the chooser over the list, and a bar over
 * everything while they are a colleague's. */
#pragma once

#include <adwaita.h>

struct window;

struct whose_box {
    GtkWidget *chooser, *choices; /* A menu button in the list's header, and what it offers. */
    GtkWidget *bar, *words, *waits, *back;
    char *shown; /* What the choices were made from. */
};

GtkWidget *whose_box_make_chooser(struct window *w);
GtkWidget *whose_box_make_bar(struct window *w);
void whose_box_update(struct window *w);
