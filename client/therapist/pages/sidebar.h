/* sidebar.h - the caseload: who there is, the shape of their last totals, and what waits. */
#pragma once

#include <adwaita.h>

struct window;

struct sidebar {
    GtkWidget *self, *title, *search, *list, *nobody, *link, *clock;
    GHashTable *rows; /* client_ref to struct sidebar_row. */
};

GtkWidget *sidebar_make(struct window *w);
void sidebar_update(struct window *w);
/* Connected or not, and who we are. */
void sidebar_update_link(struct window *w);
void sidebar_select(struct window *w, const char *client_ref);
