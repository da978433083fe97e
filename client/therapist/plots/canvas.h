/* canvas.h - type, marks and lines in a theme's colours and a frame's scale. Pure: onto a cairo
 * context. For the plots only.
 *
 * The type is drawn without hints or sub-pixels, so that the machine's settings move nothing. */
#pragma once

#include "client/therapist/plots/plots.h"

struct canvas {
    cairo_t *cr;
    const struct plot_theme *theme;
    const struct plot_words *words;
    double width, height;
    double unit; /* The frame's scale. */
};

/* The context's state is kept until canvas_end. */
void canvas_begin(struct canvas *c, cairo_t *cr, const struct plot_frame *f);
void canvas_end(struct canvas *c);

/* Where the given point is on the text: 0 its left or top, 1 its right or bottom. */
struct canvas_place {
    double x, y, across, down;
};

struct canvas_type {
    double size; /* In the frame's scale; 13 is plain. */
    bool bold;
    bool halo;   /* A rim in the ground's colour, where lines run beneath it. */
    double wrap; /* Units of the context after which a line ends; 0: never. */
};
extern const struct canvas_type canvas_plain, canvas_small;

struct canvas_size {
    double width, height;
};

void canvas_set(const struct canvas *c, const struct plot_colour *colour);
/* It is moved to the side where it would leave the frame. */
void canvas_text(const struct canvas *c, const struct canvas_type *type,
                 const struct plot_colour *colour, const struct canvas_place *at, const char *text);
struct canvas_size canvas_measure(const struct canvas *c, const struct canvas_type *type,
                                  const char *text);

enum canvas_dash { CANVAS_SOLID, CANVAS_DASHED, CANVAS_DOTTED };
void canvas_line(const struct canvas *c, const struct plot_colour *colour, double width,
                 enum canvas_dash dash, double x0, double y0, double x1, double y1);
void canvas_set_dash(const struct canvas *c, enum canvas_dash dash);

enum canvas_mark {
    CANVAS_DOT,     /* A rating. */
    CANVAS_DIAMOND, /* A low one; a share outside. */
    CANVAS_TARGET,  /* A diamond in a ring: a share far outside. */
    CANVAS_ALERT,   /* A triangle. */
    CANVAS_REPAIR,  /* A ring with a tick. */
    CANVAS_MARKS,
};
void canvas_mark(const struct canvas *c, enum canvas_mark mark, const struct plot_colour *colour,
                 double x, double y, double radius);

enum canvas_fill { CANVAS_FULL, CANVAS_HATCHED, CANVAS_EMPTY, CANVAS_ABSENT, CANVAS_FILLS };
/* A rectangle with a rim in the colour, dotted of what is absent. They differ in grey too. */
void canvas_box(const struct canvas *c, enum canvas_fill fill, const struct plot_colour *colour,
                double x, double y, double width, double height);

enum canvas_key_kind { CANVAS_KEY_MARK, CANVAS_KEY_BOX, CANVAS_KEY_LINE };
struct canvas_key {
    const char *name;
    enum canvas_key_kind kind;
    enum canvas_mark mark;
    enum canvas_fill fill;
    enum canvas_dash dash;
    const struct plot_colour *colour;
};
/* A row of signs and their names that ends at `right`, about `y`. Those on the left that have no
 * room after `left` are left out. */
double canvas_keys_width(const struct canvas *c, const struct canvas_key *keys, size_t count);
void canvas_keys(const struct canvas *c, const struct canvas_key *keys, size_t count, double left,
                 double right, double y);

/* The least of 1, 2, 5, 10 … with which `most` takes at most `steps` steps. */
double canvas_step(double most, int steps);

/* Where a line of one unit is sharp. */
double canvas_sharp(double at);
