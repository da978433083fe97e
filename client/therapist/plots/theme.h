/* theme.h - the colours and the type of the plots. Static data.
 *
 * `ink`, `quiet`, `low` and `good` are also written in: 7:1 on the ground and on the band at
 * least. `line` is 3:1. The grid and the band help the eye, and nothing is told by them alone. What
 * differs in colour differs in shape too, so that a grey print says as much. */
#pragma once

struct plot_colour {
    double red, green, blue; /* sRGB, 0 to 1. */
};

struct plot_theme {
    const char *family;        /* Of the type, as Pango takes it. */
    struct plot_colour ground; /* What stands behind; never painted by a plot, only by an export. */
    struct plot_colour ink;    /* Numbers that matter. */
    struct plot_colour quiet;  /* Labels. */
    struct plot_colour line;   /* The series and its points. */
    struct plot_colour low;    /* Points below the cut, the cut, alerts. */
    struct plot_colour good;   /* Repairs. */
    struct plot_colour grid;
    struct plot_colour band; /* What is usual. */
};

extern const struct plot_theme plot_theme_light, plot_theme_dark, plot_theme_print;
