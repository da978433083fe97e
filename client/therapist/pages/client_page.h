/* client_page.h - one client: the total over sessions, the four areas, goals and what they moved,
 * what is working, and alerts with their repairs. */
#pragma once

#include <adwaita.h>

#include "client/therapist/pages/picture.h"

struct window;

struct client_page {
    GtkWidget *self, *total, *legend, *areas[4], *values[4], *strengths, *goals, *alerts, *area,
        *words, *agree, *agreeing;
    struct picture_course course;
    char *goals_shown;
};

GtkWidget *client_page_make(struct window *w);
void client_page_update(struct window *w);
