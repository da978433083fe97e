/* samples.h - courses, practices and weeks that the tests draw. Static. */
#pragma once

#include "client/therapist/plots/plots.h"

enum { SAMPLE_LONG = 60 };

extern const struct plot_history sample_nine; /* Low, better, not rated once, then a fall. */
extern const struct plot_history sample_empty, sample_one, sample_unrated;
extern const struct plot_history sample_wordings; /* Three instruments over two years. */
const struct plot_history *sample_long(void);     /* SAMPLE_LONG sessions. */

extern const struct plot_shares sample_shares, sample_nobody;
extern const struct plot_calendar sample_coverage, sample_ruptures;
const struct plot_calendar *sample_year(void); /* 52 weeks of coverage. */

/* On a picture of its own, in the theme's ground. Not NULL; the caller's. */
struct sample_drawing {
    void (*draw)(cairo_t *cr, const struct plot_frame *f);
    double width, height, scale;
    const struct plot_theme *theme;
};
cairo_surface_t *sample_draw(const struct sample_drawing *d);
