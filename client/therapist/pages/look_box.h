/* look_box.h - somebody has looked at a client of the therapist's without being their therapist:
 * who, whose, when, and the reason that they gave. It stays until the therapist knows of it. */
#pragma once

#include <adwaita.h>

struct window;

struct look_box {
    GtkWidget *self, *words, *reason;
};

GtkWidget *look_box_make(struct window *w);
void look_box_update(struct window *w);
