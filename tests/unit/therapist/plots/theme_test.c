/* Goal: what is written and drawn can be read by those who see little, and in grey. Method:
 * contrast is computed as the W3C's guidelines do (WCAG 2.1, relative luminance). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

#include "client/therapist/plots/canvas.h"

static double linear(double part)
{
    return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4);
}

static double luminance(const struct plot_colour *c)
{
    return 0.2126 * linear(c->red) + 0.7152 * linear(c->green) + 0.0722 * linear(c->blue);
}

static double contrast(const struct plot_colour *a, const struct plot_colour *b)
{
    double one = luminance(a), other = luminance(b);
    return (fmax(one, other) + 0.05) / (fmin(one, other) + 0.05);
}

static const struct plot_theme *const themes[] = {&plot_theme_light, &plot_theme_dark,
                                                  &plot_theme_print};
enum { THEMES = sizeof themes / sizeof themes[0] };

static void black_on_white_is_21_to_1(void **state)
{
    (void)state;
    const struct plot_colour black = {0, 0, 0}, white = {1, 1, 1}, grey = {0.5, 0.5, 0.5};
    assert_true(fabs(contrast(&black, &white) - 21) < 1e-9);
    assert_true(fabs(contrast(&grey, &white) - 3.98) < 0.01);
}

static void text_is_7_to_1_and_lines_are_3_to_1(void **state)
{
    (void)state;
    for (size_t i = 0; i < THEMES; i++) {
        const struct plot_theme *t = themes[i];
        const struct plot_colour *behind[] = {&t->ground, &t->band};
        const struct plot_colour *text[] = {&t->ink, &t->quiet, &t->low, &t->good};
        for (size_t b = 0; b < 2; b++) {
            for (size_t at = 0; at < 4; at++) {
                assert_true(contrast(text[at], behind[b]) >= 7);
            }
            assert_true(contrast(&t->line, behind[b]) >= 3);
        }
        /* They help and tell nothing: seen, and no more. */
        assert_true(contrast(&t->grid, &t->ground) > 1.2 && contrast(&t->grid, &t->ground) < 2);
        assert_true(contrast(&t->band, &t->ground) > 1.1 && contrast(&t->band, &t->ground) < 2);
    }
}

static void print_is_grey(void **state)
{
    (void)state;
    const struct plot_theme *t = &plot_theme_print;
    const struct plot_colour *colours[] = {&t->ground, &t->ink,  &t->quiet, &t->line,
                                           &t->low,    &t->good, &t->grid,  &t->band};
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++) {
        assert_true(colours[i]->red == colours[i]->green && colours[i]->green == colours[i]->blue);
    }
}

enum { SIDE = 64, BYTES = SIDE * SIDE * 4 };
enum { SHAPES = CANVAS_MARKS + CANVAS_FILLS + CANVAS_DOTTED + 1 };

/* In one colour, whatever it is. */
static void draw_shape(const struct canvas *c, int shape)
{
    const struct plot_colour black = {0, 0, 0};
    if (shape < CANVAS_MARKS) {
        canvas_mark(c, (enum canvas_mark)shape, &black, SIDE / 2, SIDE / 2, 5);
    } else if (shape < CANVAS_MARKS + CANVAS_FILLS) {
        canvas_box(c, (enum canvas_fill)(shape - CANVAS_MARKS), &black, 10, 10, 30, 30);
    } else {
        canvas_line(c, &black, 2, (enum canvas_dash)(shape - CANVAS_MARKS - CANVAS_FILLS), 0,
                    SIDE / 2, SIDE, SIDE / 2);
    }
}

static void shapes_differ_without_colour(void **state)
{
    (void)state;
    static uint8_t seen[SHAPES][BYTES];
    const struct plot_frame frame = {SIDE, SIDE, 1, &plot_theme_print, NULL};
    for (int shape = 0; shape < SHAPES; shape++) {
        struct canvas c;
        cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, SIDE, SIDE);
        cairo_t *cr = cairo_create(s);
        cairo_set_source_rgb(cr, 1, 1, 1);
        cairo_paint(cr);
        canvas_begin(&c, cr, &frame);
        draw_shape(&c, shape);
        canvas_end(&c);
        cairo_destroy(cr);
        cairo_surface_flush(s);
        memcpy(seen[shape], cairo_image_surface_get_data(s), BYTES);
        cairo_surface_destroy(s);
        for (int other = 0; other < shape; other++) {
            int differ = 0;
            for (int at = 0; at < BYTES; at += 4) {
                differ += abs(seen[shape][at] - seen[other][at]) > 100;
            }
            assert_true(differ >= 12);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(black_on_white_is_21_to_1),
        cmocka_unit_test(text_is_7_to_1_and_lines_are_3_to_1),
        cmocka_unit_test(print_is_grey),
        cmocka_unit_test(shapes_differ_without_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
