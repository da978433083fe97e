/* chart.h - a panel of a picture: its axes, from figures to places. Pure. */
#pragma once

#include "server/aggregator/study/ink.h"

extern const struct ink_type chart_label, chart_small, chart_title;

enum { CHART_DECIMALS_MAX = 2 };

struct chart_axis {
    double min, max, step; /* A line and a number at each step. */
    int decimals;
    const char *label;
};

struct chart {
    double left, top, width, height; /* Of the panel itself; its numbers stand outside. */
    struct chart_axis x, y;          /* A step of 0: no lines, no numbers. */
};

double chart_x(const struct chart *c, double value);
double chart_y(const struct chart *c, double value);

/* Lines, numbers and labels; below and left of the panel 45 units are theirs. */
void chart_axes(const struct chart *c, cairo_t *cr);

/* A mark and its name, as a key has it; gives the width. */
double chart_key(cairo_t *cr, const struct ink_style *style, bool is_line, double x, double y,
                 const char *name);

/* Above all panels, and below them. */
void chart_head(cairo_t *cr, const char *title, const char *under);
void chart_foot(cairo_t *cr, double height, const char *source);
enum { CHART_MARGIN = 24, CHART_HEAD = 76, CHART_FOOT = 40 };
