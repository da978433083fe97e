/* Happy path: a path for each sign in a square of 100, filled with the colour and outlined in ink,
 * so that yellow is seen on paper too. Failure: none. */
#include "client/kiosk/screen/drawings.h"

#include <math.h>
#include <string.h>

struct colour {
    double red, green, blue;
};

/* PROTOCOL.md, section 7: Okabe and Ito. */
static const struct colour palette[8] = {
    {0.00, 0.00, 0.00}, {0.90, 0.62, 0.00}, {0.34, 0.71, 0.91}, {0.00, 0.62, 0.45},
    {0.94, 0.89, 0.26}, {0.00, 0.45, 0.70}, {0.84, 0.37, 0.00}, {0.80, 0.47, 0.65},
};
static const struct colour ink = {0.12, 0.18, 0.20};
static const double pi = 3.14159265358979323846;

static void leaf(cairo_t *cr)
{
    cairo_move_to(cr, 18, 84);
    cairo_curve_to(cr, 8, 40, 40, 12, 86, 14);
    cairo_curve_to(cr, 90, 60, 62, 92, 18, 84);
    cairo_close_path(cr);
    cairo_move_to(cr, 18, 84);
    cairo_line_to(cr, 62, 40);
}

static void wave(cairo_t *cr)
{
    cairo_move_to(cr, 8, 56);
    cairo_curve_to(cr, 22, 20, 36, 20, 50, 50);
    cairo_curve_to(cr, 62, 78, 78, 78, 92, 42);
    cairo_line_to(cr, 92, 62);
    cairo_curve_to(cr, 78, 98, 60, 98, 48, 72);
    cairo_curve_to(cr, 36, 44, 24, 44, 8, 78);
    cairo_close_path(cr);
}

static void star(cairo_t *cr)
{
    for (int i = 0; i < 10; i++) {
        double r = i % 2 == 0 ? 44 : 19, a = i * pi / 5 - pi / 2;
        cairo_line_to(cr, 50 + r * cos(a), 52 + r * sin(a));
    }
    cairo_close_path(cr);
}

static void moon(cairo_t *cr)
{
    cairo_arc(cr, 50, 50, 40, pi * 0.30, pi * 1.55);
    cairo_curve_to(cr, 34, 30, 42, 72, 50 + 40 * cos(pi * 0.30), 50 + 40 * sin(pi * 0.30));
    cairo_close_path(cr);
}

static void sun(cairo_t *cr)
{
    cairo_arc(cr, 50, 50, 22, 0, 2 * pi);
    cairo_close_path(cr);
    for (int i = 0; i < 8; i++) {
        double a = i * pi / 4;
        cairo_move_to(cr, 50 + 30 * cos(a - 0.2), 50 + 30 * sin(a - 0.2));
        cairo_line_to(cr, 50 + 46 * cos(a), 50 + 46 * sin(a));
        cairo_line_to(cr, 50 + 30 * cos(a + 0.2), 50 + 30 * sin(a + 0.2));
        cairo_close_path(cr);
    }
}

static void hill(cairo_t *cr)
{
    cairo_move_to(cr, 6, 82);
    cairo_curve_to(cr, 22, 30, 44, 24, 58, 58);
    cairo_curve_to(cr, 68, 40, 84, 48, 94, 82);
    cairo_close_path(cr);
}

static void tree(cairo_t *cr)
{
    cairo_move_to(cr, 50, 6);
    cairo_line_to(cr, 84, 66);
    cairo_line_to(cr, 57, 66);
    cairo_line_to(cr, 57, 94);
    cairo_line_to(cr, 43, 94);
    cairo_line_to(cr, 43, 66);
    cairo_line_to(cr, 16, 66);
    cairo_close_path(cr);
}

static void bird(cairo_t *cr)
{
    cairo_move_to(cr, 6, 34);
    cairo_curve_to(cr, 24, 16, 42, 26, 50, 52);
    cairo_curve_to(cr, 58, 26, 76, 16, 94, 34);
    cairo_curve_to(cr, 76, 34, 64, 46, 50, 80);
    cairo_curve_to(cr, 36, 46, 24, 34, 6, 34);
    cairo_close_path(cr);
}

static void disc(cairo_t *cr)
{
    cairo_arc(cr, 50, 50, 40, 0, 2 * pi);
    cairo_close_path(cr);
}

static const struct {
    const char *word;
    void (*path)(cairo_t *cr);
} signs[] = {{"leaf", leaf}, {"wave", wave}, {"star", star}, {"moon", moon},
             {"sun", sun},   {"hill", hill}, {"tree", tree}, {"bird", bird}};

static void fill_and_outline(cairo_t *cr, struct colour c, double width)
{
    cairo_set_source_rgb(cr, c.red, c.green, c.blue);
    cairo_fill_preserve(cr);
    cairo_set_source_rgb(cr, ink.red, ink.green, ink.blue);
    cairo_set_line_width(cr, width);
    cairo_stroke(cr);
}

void drawings_sign(cairo_t *cr, double size, unsigned colour, const char *symbol)
{
    void (*path)(cairo_t *) = disc;
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        path = strcmp(signs[i].word, symbol) == 0 ? signs[i].path : path;
    }
    cairo_save(cr);
    cairo_scale(cr, size / 100, size / 100);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_new_path(cr);
    path(cr);
    fill_and_outline(cr, palette[colour % 8], 3);
    cairo_restore(cr);
}

/* ---- the plant ------------------------------------------------------------------------------- */

static const struct colour stem_green = {0.24, 0.45, 0.34};
static const struct colour bud_green = {0.42, 0.62, 0.44};
static const struct colour petal = {0.55, 0.47, 0.72};
static const struct colour heart = {0.93, 0.78, 0.36};

static void stem(cairo_t *cr, double top)
{
    cairo_set_source_rgb(cr, stem_green.red, stem_green.green, stem_green.blue);
    cairo_set_line_width(cr, 4.5);
    cairo_move_to(cr, 50, 96);
    cairo_curve_to(cr, 46, 80, 53, 66, 50, top);
    cairo_stroke(cr);
}

static void side_leaf(cairo_t *cr, double reach, double way)
{
    cairo_move_to(cr, 50, 84);
    cairo_curve_to(cr, 50 + way * reach * 0.3, 84 - reach * 0.7, 50 + way * reach, 82 - reach * 0.6,
                   50 + way * reach, 80 - reach * 0.4);
    cairo_curve_to(cr, 50 + way * reach * 0.8, 84, 50 + way * reach * 0.4, 88, 50, 84);
    cairo_close_path(cr);
    fill_and_outline(cr, bud_green, 2);
}

/* One petal that stands at an angle from upright. */
static void one_petal(cairo_t *cr, double y, double angle, double length, double width)
{
    cairo_save(cr);
    cairo_translate(cr, 50, y);
    cairo_rotate(cr, angle);
    cairo_move_to(cr, 0, 0);
    cairo_curve_to(cr, -width, -length * 0.35, -width * 0.8, -length, 0, -length);
    cairo_curve_to(cr, width * 0.8, -length, width, -length * 0.35, 0, 0);
    cairo_close_path(cr);
    cairo_restore(cr);
    fill_and_outline(cr, petal, 2);
}

static void sepals(cairo_t *cr, double y, double open)
{
    for (int way = -1; way <= 1; way += 2) {
        cairo_move_to(cr, 50, y + 3);
        cairo_curve_to(cr, 50 + way * (11 + 8 * open), y + 1, 50 + way * (11 + 10 * open), y - 12,
                       50 + way * (3 + 16 * open), y - 20 + 12 * open);
        cairo_curve_to(cr, 50 + way * 6, y - 8, 50, y - 4, 50, y + 3);
        cairo_close_path(cr);
        fill_and_outline(cr, bud_green, 2);
    }
}

void drawings_plant(cairo_t *cr, double size, double bloom)
{
    double top = 62 - 20 * bloom, spread = bloom * 0.98 * pi;
    cairo_save(cr);
    cairo_scale(cr, size / 100, size / 100);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    stem(cr, top);
    side_leaf(cr, 16 + 12 * bloom, -1);
    side_leaf(cr, 14 + 14 * bloom, 1);
    for (int ring = 4; ring >= 0;
         ring--) { /* The outer ones first, so that the inner lie on top. */
        double angle = spread * ring / 4;
        one_petal(cr, top, -angle, 22 + 14 * bloom, 7 + 5 * bloom);
        if (ring > 0) {
            one_petal(cr, top, angle, 22 + 14 * bloom, 7 + 5 * bloom);
        }
    }
    if (bloom < 0.7) {
        sepals(cr, top, bloom);
    } else {
        cairo_arc(cr, 50, top, 9, 0, 2 * pi);
        cairo_close_path(cr);
        fill_and_outline(cr, heart, 2);
    }
    cairo_restore(cr);
}
