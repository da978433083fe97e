/* ink.h - type, marks and lines of the study's pictures. Pure: onto a cairo context.
 *
 * The type is named and is drawn without hints or sub-pixels, so that the machine's settings move
 * nothing. */
#pragma once

#include <cairo.h>
#include <stdbool.h>

struct ink_colour {
    double red, green, blue;
};

extern const struct ink_colour ink_black, ink_quiet, ink_grid;

enum ink_mark {
    INK_DOT,
    INK_RING,
    INK_SQUARE,
    INK_DIAMOND,
    INK_TRIANGLE,
    INK_CROSS,
};

enum ink_dash { INK_SOLID, INK_DASHED, INK_DOTTED, INK_DASH_DOT, INK_LONG };

/* What differs in colour differs in its mark or dash too. */
struct ink_style {
    struct ink_colour colour;
    enum ink_dash dash;
    enum ink_mark mark;
};

/* Where the given point is on the text: 0 its left or top, 1 its right or bottom. */
struct ink_place {
    double x, y, across, down;
};

struct ink_type {
    double size; /* Units of the context. */
    bool bold;
    struct ink_colour colour;
    bool halo; /* A white rim, where lines run beneath it. */
};

void ink_set(cairo_t *cr, struct ink_colour colour);
void ink_text(cairo_t *cr, const struct ink_type *type, const struct ink_place *place,
              const char *text);
double ink_width(cairo_t *cr, const struct ink_type *type, const char *text);

/* Straight, in the style's dash. */
void ink_line(cairo_t *cr, const struct ink_style *style, double width, double x0, double y0,
              double x1, double y1);
void ink_set_dash(cairo_t *cr, enum ink_dash dash);

/* About its middle. */
void ink_mark(cairo_t *cr, const struct ink_style *style, double x, double y, double radius);
