/* picture.h - the plots in a window: a drawing area with the theme, the type's size, and the same
 * in words for those who do not see it. */
#pragma once

#include <adwaita.h>

#include "client/therapist/course.h"
#include "client/therapist/lines.h"
#include "client/therapist/plots/plots.h"

enum { PICTURE_WEEKS_MAX = 53, PICTURE_DOTS_MAX = 400, PICTURE_CODE = 65 };

/* Figures that a drawing keeps. */
struct picture_course {
    struct plot_session sessions[COURSE_MAX];
    struct plot_history history;
};
struct picture_weeks {
    struct plot_week weeks[PICTURE_WEEKS_MAX];
    struct plot_calendar calendar;
};
struct picture_shares {
    struct plot_dot dots[PICTURE_DOTS_MAX];
    char codes[PICTURE_DOTS_MAX][PICTURE_CODE];
    struct plot_shares shares;
};

typedef void (*picture_draw)(cairo_t *cr, const struct plot_frame *f, const void *figures,
                             int area);

/* `figures` is borrowed for the widget's life. Queue a draw when they have changed. */
GtkWidget *picture_new(picture_draw draw, const void *figures, int area, int width, int height);
/* Type and marks so many times as large: for two to look at from where they sit. */
void picture_enlarge(GtkWidget *picture, double times);
void picture_say(GtkWidget *picture, const char *name, const char *words);

/* `c` is borrowed as long as the figures are drawn. */
void picture_take_course(struct picture_course *p, const struct course *c, const struct lines *l);
struct plot_day picture_day(int64_t ms);
/* "2026-11-16"; year 0 when it is not one. */
struct plot_day picture_day_of(const char *date);

void picture_total(cairo_t *cr, const struct plot_frame *f, const void *figures, int area);
void picture_area(cairo_t *cr, const struct plot_frame *f, const void *figures, int area);
void picture_spark(cairo_t *cr, const struct plot_frame *f, const void *figures, int area);
void picture_weeks(cairo_t *cr, const struct plot_frame *f, const void *figures, int area);
void picture_funnel(cairo_t *cr, const struct plot_frame *f, const void *figures, int area);
