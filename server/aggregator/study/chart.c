/* Happy path: lines first, then numbers, so that ink lies upon grid. Failure: none. */
#include "server/aggregator/study/chart.h"

#include <math.h>
#include <stdio.h>

const struct ink_type chart_label = {12, false, {0.10, 0.10, 0.10}, false},
                      chart_small = {11, false, {0.30, 0.30, 0.30}, false},
                      chart_title = {18, true, {0.10, 0.10, 0.10}, false};

double chart_x(const struct chart *c, double value)
{
    return c->left + c->width * (value - c->x.min) / (c->x.max - c->x.min);
}

double chart_y(const struct chart *c, double value)
{
    return c->top + c->height * (c->y.max - value) / (c->y.max - c->y.min);
}

static int steps(const struct chart_axis *a)
{
    return a->step > 0 ? (int)floor((a->max - a->min) / a->step + 1e-9) : -1;
}

static void along_x(const struct chart *c, cairo_t *cr)
{
    const struct ink_style grid = {ink_grid, INK_SOLID, INK_DOT};
    double bottom = c->top + c->height;
    for (int i = 0; i <= steps(&c->x); i++) {
        char number[32];
        double value = c->x.min + i * c->x.step, x = chart_x(c, value);
        ink_line(cr, &grid, 1, x, c->top, x, bottom);
        (void)snprintf(number, sizeof number, "%.*f", c->x.decimals, value);
        ink_text(cr, &chart_small, &(struct ink_place){x, bottom + 6, 0.5, 0}, number);
    }
    if (c->x.label != NULL) {
        ink_text(cr, &chart_label, &(struct ink_place){c->left + c->width / 2, bottom + 25, 0.5, 0},
                 c->x.label);
    }
}

static void along_y(const struct chart *c, cairo_t *cr)
{
    const struct ink_style grid = {ink_grid, INK_SOLID, INK_DOT};
    for (int i = 0; i <= steps(&c->y); i++) {
        char number[32];
        double value = c->y.min + i * c->y.step, y = chart_y(c, value);
        ink_line(cr, &grid, 1, c->left, y, c->left + c->width, y);
        (void)snprintf(number, sizeof number, "%.*f", c->y.decimals, value);
        ink_text(cr, &chart_small, &(struct ink_place){c->left - 7, y, 1, 0.5}, number);
    }
    if (c->y.label != NULL) {
        cairo_save(cr);
        cairo_translate(cr, c->left - 38, c->top + c->height / 2);
        cairo_rotate(cr, -acos(-1) / 2);
        ink_text(cr, &chart_label, &(struct ink_place){0, 0, 0.5, 1}, c->y.label);
        cairo_restore(cr);
    }
}

void chart_axes(const struct chart *c, cairo_t *cr)
{
    const struct ink_style axis = {ink_quiet, INK_SOLID, INK_DOT};
    double bottom = c->top + c->height;
    along_x(c, cr);
    along_y(c, cr);
    ink_line(cr, &axis, 1, c->left, bottom, c->left + c->width, bottom);
    ink_line(cr, &axis, 1, c->left, c->top, c->left, bottom);
}

double chart_key(cairo_t *cr, const struct ink_style *style, bool is_line, double x, double y,
                 const char *name)
{
    const double line = 46, mark = 16;
    if (is_line) {
        ink_line(cr, style, 2, x, y, x + line, y);
    }
    double width = is_line ? line : mark;
    ink_mark(cr, style, x + width / 2, y, 4.5);
    ink_text(cr, &chart_label, &(struct ink_place){x + width + 6, y, 0, 0.5}, name);
    return width + 6 + ink_width(cr, &chart_label, name);
}

void chart_head(cairo_t *cr, const char *title, const char *under)
{
    ink_text(cr, &chart_title, &(struct ink_place){CHART_MARGIN, 18, 0, 0}, title);
    ink_text(cr, &chart_label, &(struct ink_place){CHART_MARGIN, 46, 0, 0}, under);
}

void chart_foot(cairo_t *cr, double height, const char *source)
{
    ink_text(cr, &chart_small, &(struct ink_place){CHART_MARGIN, height - 14, 0, 1}, source);
}
