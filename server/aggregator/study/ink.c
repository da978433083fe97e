/* Happy path: a layout for each text, a path for each mark. Failure: memory alone, which pango ends
 * the process for. */
#include "server/aggregator/study/ink.h"

#include <math.h>
#include <pango/pangocairo.h>

#include "proto/wire/must.h"

const struct ink_colour ink_black = {0.10, 0.10, 0.10}, ink_quiet = {0.30, 0.30, 0.30},
                        ink_grid = {0.87, 0.87, 0.87};

void ink_set(cairo_t *cr, struct ink_colour colour)
{
    cairo_set_source_rgb(cr, colour.red, colour.green, colour.blue);
}

static PangoLayout *layout_new(cairo_t *cr, const struct ink_type *type, const char *text)
{
    PangoLayout *layout = pango_cairo_create_layout(cr);
    PangoFontDescription *font = pango_font_description_new();
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(pango_layout_get_context(layout), options);
    pango_cairo_context_set_resolution(pango_layout_get_context(layout), 96);
    pango_layout_context_changed(layout);
    cairo_font_options_destroy(options);
    pango_font_description_set_family_static(font, "DejaVu Sans");
    pango_font_description_set_absolute_size(font, type->size * PANGO_SCALE);
    pango_font_description_set_weight(font, type->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_text(layout, text, -1);
    return layout;
}

void ink_text(cairo_t *cr, const struct ink_type *type, const struct ink_place *place,
              const char *text)
{
    PangoRectangle box;
    PangoLayout *layout = layout_new(cr, type, text);
    pango_layout_get_extents(layout, NULL, &box);
    double x = place->x - place->across * box.width / PANGO_SCALE;
    double y = place->y - place->down * box.height / PANGO_SCALE;
    cairo_move_to(cr, x, y);
    if (type->halo) {
        pango_cairo_layout_path(cr, layout);
        cairo_set_source_rgb(cr, 1, 1, 1);
        cairo_set_line_width(cr, 3);
        cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
        cairo_stroke(cr);
        cairo_move_to(cr, x, y);
    }
    ink_set(cr, type->colour);
    pango_cairo_show_layout(cr, layout);
    cairo_new_path(cr);
    g_object_unref(layout);
}

double ink_width(cairo_t *cr, const struct ink_type *type, const char *text)
{
    PangoRectangle box;
    PangoLayout *layout = layout_new(cr, type, text);
    pango_layout_get_extents(layout, NULL, &box);
    g_object_unref(layout);
    return (double)box.width / PANGO_SCALE;
}

void ink_set_dash(cairo_t *cr, enum ink_dash dash)
{
    static const struct {
        double parts[4];
        int count;
    } dashes[] = {[INK_SOLID] = {{0}, 0},
                  [INK_DASHED] = {{7, 4}, 2},
                  [INK_DOTTED] = {{1.5, 3.5}, 2},
                  [INK_DASH_DOT] = {{9, 3.5, 1.5, 3.5}, 4},
                  [INK_LONG] = {{14, 5}, 2}};
    cairo_set_dash(cr, dashes[dash].parts, dashes[dash].count, 0);
}

void ink_line(cairo_t *cr, const struct ink_style *style, double width, double x0, double y0,
              double x1, double y1)
{
    ink_set(cr, style->colour);
    ink_set_dash(cr, style->dash);
    cairo_set_line_width(cr, width);
    cairo_move_to(cr, x0, y0);
    cairo_line_to(cr, x1, y1);
    cairo_stroke(cr);
    ink_set_dash(cr, INK_SOLID);
}

/* A closed figure of as many corners, the first of them at `turn` from the right, clockwise. */
static void corners(cairo_t *cr, double x, double y, double radius, int count, double turn)
{
    for (int i = 0; i < count; i++) {
        double angle = turn + 2 * G_PI * i / count;
        cairo_line_to(cr, x + radius * cos(angle), y + radius * sin(angle));
    }
    cairo_close_path(cr);
}

void ink_mark(cairo_t *cr, const struct ink_style *style, double x, double y, double radius)
{
    ink_set(cr, style->colour);
    cairo_set_line_width(cr, radius / 2.5);
    cairo_new_path(cr);
    switch (style->mark) {
    case INK_DOT:
    case INK_RING:
        cairo_arc(cr, x, y, radius, 0, 2 * G_PI);
        break;
    case INK_SQUARE:
        corners(cr, x, y, 1.25 * radius, 4, G_PI / 4);
        break;
    case INK_DIAMOND:
        corners(cr, x, y, 1.35 * radius, 4, 0);
        break;
    case INK_TRIANGLE:
        corners(cr, x, y, 1.35 * radius, 3, -G_PI / 2);
        break;
    case INK_CROSS:
        cairo_move_to(cr, x - radius, y - radius);
        cairo_line_to(cr, x + radius, y + radius);
        cairo_move_to(cr, x + radius, y - radius);
        cairo_line_to(cr, x - radius, y + radius);
        break;
    }
    if (style->mark == INK_RING) {
        cairo_save(cr); /* Its inside hides what runs through it. */
        cairo_set_source_rgb(cr, 1, 1, 1);
        cairo_fill_preserve(cr);
        cairo_restore(cr);
    }
    if (style->mark == INK_RING || style->mark == INK_CROSS) {
        cairo_stroke(cr);
    } else {
        cairo_fill(cr);
    }
}
