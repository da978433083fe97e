/* Happy path: a layout for each text, a path for each mark. Failure: memory alone, which pango ends
 * the process for. */
#include "client/therapist/plots/canvas.h"

#include <math.h>
#include <pango/pangocairo.h>

const struct canvas_type canvas_plain = {13, false, false, 0},
                         canvas_small = {11.5, false, false, 0};

void canvas_begin(struct canvas *c, cairo_t *cr, const struct plot_frame *f)
{
    *c = (struct canvas){.cr = cr,
                         .theme = f->theme,
                         .words = f->words == NULL ? &plot_words_english : f->words,
                         .width = f->width,
                         .height = f->height,
                         .unit = f->scale};
    cairo_save(cr);
    cairo_new_path(cr);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
}

void canvas_end(struct canvas *c)
{
    cairo_new_path(c->cr);
    cairo_restore(c->cr);
}

void canvas_set(const struct canvas *c, const struct plot_colour *colour)
{
    cairo_set_source_rgb(c->cr, colour->red, colour->green, colour->blue);
}

static PangoLayout *layout_new(const struct canvas *c, const struct canvas_type *type,
                               const char *text)
{
    PangoLayout *layout = pango_cairo_create_layout(c->cr);
    PangoFontDescription *font = pango_font_description_from_string(c->theme->family);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(pango_layout_get_context(layout), options);
    pango_cairo_context_set_resolution(pango_layout_get_context(layout), 96);
    pango_layout_context_changed(layout);
    cairo_font_options_destroy(options);
    pango_font_description_set_absolute_size(font, type->size * c->unit * PANGO_SCALE);
    pango_font_description_set_weight(font, type->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    if (type->wrap > 0) {
        pango_layout_set_width(layout, (int)(type->wrap * PANGO_SCALE));
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    }
    pango_layout_set_text(layout, text, -1);
    return layout;
}

static struct canvas_size size_of(PangoLayout *layout)
{
    PangoRectangle box;
    pango_layout_get_extents(layout, NULL, &box);
    return (struct canvas_size){(double)box.width / PANGO_SCALE, (double)box.height / PANGO_SCALE};
}

void canvas_text(const struct canvas *c, const struct canvas_type *type,
                 const struct plot_colour *colour, const struct canvas_place *at, const char *text)
{
    PangoLayout *layout = layout_new(c, type, text);
    struct canvas_size size = size_of(layout);
    double x = at->x - at->across * size.width, y = at->y - at->down * size.height;
    x = fmax(fmin(x, c->width - size.width - c->unit), c->unit); /* A letter leans over its box. */
    if (type->halo) {
        cairo_move_to(c->cr, x, y);
        pango_cairo_layout_path(c->cr, layout);
        canvas_set(c, &c->theme->ground);
        cairo_set_line_width(c->cr, 4 * c->unit);
        cairo_stroke(c->cr);
    }
    cairo_move_to(c->cr, x, y);
    canvas_set(c, colour);
    pango_cairo_show_layout(c->cr, layout);
    cairo_new_path(c->cr);
    g_object_unref(layout);
}

struct canvas_size canvas_measure(const struct canvas *c, const struct canvas_type *type,
                                  const char *text)
{
    PangoLayout *layout = layout_new(c, type, text);
    struct canvas_size size = size_of(layout);
    g_object_unref(layout);
    return size;
}

void canvas_set_dash(const struct canvas *c, enum canvas_dash dash)
{
    const double u = c->unit;
    const double dashed[] = {6 * u, 4 * u}, dotted[] = {1.5 * u, 4 * u};
    if (dash == CANVAS_SOLID) {
        cairo_set_dash(c->cr, NULL, 0, 0);
    } else {
        cairo_set_dash(c->cr, dash == CANVAS_DASHED ? dashed : dotted, 2, 0);
    }
}

void canvas_line(const struct canvas *c, const struct plot_colour *colour, double width,
                 enum canvas_dash dash, double x0, double y0, double x1, double y1)
{
    canvas_set(c, colour);
    canvas_set_dash(c, dash);
    cairo_set_line_width(c->cr, width * c->unit);
    cairo_move_to(c->cr, x0, y0);
    cairo_line_to(c->cr, x1, y1);
    cairo_stroke(c->cr);
    canvas_set_dash(c, CANVAS_SOLID);
}

/* A closed figure, its first corner at `turn` from the right, clockwise. */
static void corners(cairo_t *cr, double x, double y, double radius, int count, double turn)
{
    for (int i = 0; i < count; i++) {
        double angle = turn + 2 * G_PI * i / count;
        cairo_line_to(cr, x + radius * cos(angle), y + radius * sin(angle));
    }
    cairo_close_path(cr);
}

static void ring(cairo_t *cr, double x, double y, double radius)
{
    cairo_new_sub_path(cr);
    cairo_arc(cr, x, y, radius, 0, 2 * G_PI);
}

void canvas_mark(const struct canvas *c, enum canvas_mark mark, const struct plot_colour *colour,
                 double x, double y, double radius)
{
    cairo_t *cr = c->cr;
    canvas_set(c, colour);
    cairo_new_path(cr);
    cairo_set_line_width(cr, radius / 3);
    if (mark == CANVAS_DOT) {
        ring(cr, x, y, radius);
        cairo_fill(cr);
    } else if (mark == CANVAS_DIAMOND || mark == CANVAS_TARGET) {
        corners(cr, x, y, 1.5 * radius, 4, 0);
        cairo_fill(cr);
    } else if (mark == CANVAS_ALERT) {
        corners(cr, x, y + 0.25 * radius, 1.4 * radius, 3, -G_PI / 2);
        cairo_fill(cr);
    } else {
        ring(cr, x, y, 1.1 * radius);
        cairo_move_to(cr, x - 0.5 * radius, y);
        cairo_line_to(cr, x - 0.1 * radius, y + 0.45 * radius);
        cairo_line_to(cr, x + 0.55 * radius, y - 0.4 * radius);
        cairo_stroke(cr);
    }
    if (mark == CANVAS_TARGET) {
        ring(cr, x, y, 2 * radius);
        cairo_stroke(cr);
    }
}

/* Lines from low left to high right, as far apart as 4 units. */
static void hatch(const struct canvas *c, double x, double y, double width, double height)
{
    double step = 4 * c->unit;
    cairo_save(c->cr);
    cairo_rectangle(c->cr, x, y, width, height);
    cairo_clip(c->cr);
    for (int i = 1; i * step < width + height; i++) {
        double at = i * step;
        cairo_move_to(c->cr, x + at - height, y + height);
        cairo_line_to(c->cr, x + at, y);
    }
    cairo_stroke(c->cr);
    cairo_restore(c->cr);
}

void canvas_box(const struct canvas *c, enum canvas_fill fill, const struct plot_colour *colour,
                double x, double y, double width, double height)
{
    double rim = c->unit;
    if (width < 2 * rim || height < 2 * rim) { /* Too small for a rim. */
        fill = CANVAS_FULL;
    }
    canvas_set(c, colour);
    cairo_set_line_width(c->cr, rim);
    if (fill == CANVAS_FULL) {
        cairo_rectangle(c->cr, x, y, width, height);
        cairo_fill(c->cr);
        return;
    }
    if (fill == CANVAS_HATCHED) {
        hatch(c, x, y, width, height);
    }
    if (fill == CANVAS_ABSENT) {
        canvas_set_dash(c, CANVAS_DOTTED);
    }
    cairo_rectangle(c->cr, x + rim / 2, y + rim / 2, width - rim, height - rim);
    cairo_stroke(c->cr);
    canvas_set_dash(c, CANVAS_SOLID);
}

static void draw_sign(const struct canvas *c, const struct canvas_key *key, double x, double y,
                      double width)
{
    const double u = c->unit;
    switch (key->kind) {
    case CANVAS_KEY_MARK:
        canvas_mark(c, key->mark, key->colour, x + width / 2, y, 4.5 * u);
        break;
    case CANVAS_KEY_BOX:
        canvas_box(c, key->fill, key->colour, x, y - 5 * u, width, 10 * u);
        break;
    case CANVAS_KEY_LINE:
        canvas_line(c, key->colour, 1.2, key->dash, x, y, x + width, y);
        break;
    }
}

enum { KEY_GAP = 16 };

static double sign_width(const struct canvas *c, const struct canvas_key *key)
{
    return (key->kind == CANVAS_KEY_LINE ? 24 : 14) * c->unit;
}

static double key_width(const struct canvas *c, const struct canvas_key *key)
{
    return canvas_measure(c, &canvas_small, key->name).width + sign_width(c, key) + 4 * c->unit;
}

double canvas_keys_width(const struct canvas *c, const struct canvas_key *keys, size_t count)
{
    double width = 0;
    for (size_t i = 0; i < count; i++) {
        width += key_width(c, &keys[i]) + (i > 0 ? KEY_GAP * c->unit : 0);
    }
    return width;
}

void canvas_keys(const struct canvas *c, const struct canvas_key *keys, size_t count, double left,
                 double right, double y)
{
    for (size_t i = count; i-- > 0;) {
        double x = right - key_width(c, &keys[i]);
        if (x < left) {
            return;
        }
        canvas_text(c, &canvas_small, &c->theme->quiet, &(struct canvas_place){right, y, 1, 0.5},
                    keys[i].name);
        draw_sign(c, &keys[i], x, y, sign_width(c, &keys[i]));
        right = x - KEY_GAP * c->unit;
    }
}

double canvas_step(double most, int steps)
{
    double step = 1;
    for (int i = 0; most / step > steps && i < 24; i++) {
        step *= i % 3 == 1 ? 2.5 : 2;
    }
    return step;
}

double canvas_sharp(double at)
{
    return floor(at) + 0.5;
}
