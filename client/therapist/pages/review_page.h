/* review_page.h - for both to look at: one client's course, full screen, and nothing else. */
#pragma once

#include <adwaita.h>

#include "client/therapist/pages/picture.h"

struct window;

struct review_page {
    struct picture_course course;
    GtkWidget *self, *total, *areas[4], *back;
};

GtkWidget *review_page_make(struct window *w);
void review_page_update(struct window *w);
