/* actions.h - everything that can be done by a key or from the menu, and the bar at the top. */
#pragma once

#include <adwaita.h>

struct window;

GtkWidget *actions_make_header(struct window *w);
/* The window's actions and their keys. */
void actions_add(struct window *w);
/* Which of them can be done now. */
void actions_update(struct window *w);
/* The rooms to open a session in. */
void actions_update_rooms(struct window *w);
