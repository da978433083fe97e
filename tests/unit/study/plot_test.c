/* Goal: the pictures show the figures that they are given. Method: hand-made figures, drawn to
 * pixels; where ink of a colour lies is measured and held against the figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/aggregator/study/plot.h"

static const uint32_t blue = 0x0a6b8a, brown = 0xa6470d, black = 0x1a1a1a;

/* One pixel a unit. */
struct pixels {
    cairo_surface_t *surface;
    int width, height;
};

static void draw(struct picture *p, struct pixels *ret_pixels)
{
    cairo_surface_t *s =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)p->width, (int)p->height);
    cairo_t *cr = cairo_create(s);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    p->draw(p, cr);
    assert_int_equal(cairo_status(cr), CAIRO_STATUS_SUCCESS);
    cairo_destroy(cr);
    cairo_surface_flush(s);
    *ret_pixels = (struct pixels){s, (int)p->width, (int)p->height};
}

static bool is_at(const struct pixels *p, int x, int y, uint32_t colour)
{
    const uint8_t *row = cairo_image_surface_get_data(p->surface) +
                         (ptrdiff_t)y * cairo_image_surface_get_stride(p->surface);
    uint32_t pixel;
    memcpy(&pixel, row + 4 * (ptrdiff_t)x, sizeof pixel);
    for (int shift = 0; shift < 24; shift += 8) {
        if (abs((int)(pixel >> shift & 255) - (int)(colour >> shift & 255)) > 2) {
            return false;
        }
    }
    return true;
}

/* How many pixels of a colour lie in a rectangle, and their middle. */
static int find(const struct pixels *p, int x0, int y0, int x1, int y1, uint32_t colour,
                double *ret_x)
{
    int count = 0;
    double sum = 0;
    for (int y = y0; y < y1; y++) {
        for (int x = x0; x < x1; x++) {
            if (is_at(p, x, y, colour)) {
                count++;
                sum += x + 0.5;
            }
        }
    }
    if (count > 0 && ret_x != NULL) {
        *ret_x = sum / count;
    }
    return count;
}

static bool says(const char *text, const char *words)
{
    return strstr(text, words) != NULL;
}

static void bars_are_as_long_as_their_numbers(void **state)
{
    (void)state;
    static const struct plot_bar bars[] = {{"DROP", 3}, {"SLIDE", 6}, {"LEVEL", 30}, {"SILENT", 0}};
    enum { BARS = sizeof bars / sizeof bars[0], NOT_SEEN = -1 };
    static struct plot_bars plot;
    struct pixels p;
    plot_bars_init(&plot, "A title", "Under it.", "alerts in 100 sessions", "a source", bars, BARS);
    draw(&plot.picture, &p);
    int lengths[BARS] = {0}, found = 0, last = 0;
    for (int y = 0; y < p.height; y++) {
        int length = find(&p, 0, y, p.width, y + 1, blue, NULL);
        if (length > 20 && last <= 20) {
            assert_true(found < BARS);
            lengths[found++] = length;
        }
        last = length;
    }
    assert_int_equal(found, 3);
    assert_in_range(lengths[1], 2 * lengths[0] - 3, 2 * lengths[0] + 3);
    assert_in_range(lengths[2], 10 * lengths[0] - 12, 10 * lengths[0] + 12);
    assert_true(says(plot.texts.says, "DROP 3.0. SLIDE 6.0. LEVEL 30.0. SILENT 0.0. a source."));
    cairo_surface_destroy(p.surface);
}

static void no_alert_at_all_is_a_picture_too(void **state)
{
    (void)state;
    static const struct plot_bar bars[] = {{"DROP", 0}};
    static struct plot_bars plot;
    struct pixels p;
    plot_bars_init(&plot, "A title", "Under it.", "alerts", "a source", bars, 1);
    draw(&plot.picture, &p);
    assert_int_equal(find(&p, 0, 0, p.width, p.height, blue, NULL), 0);
    assert_true(find(&p, 0, 0, p.width, p.height, black, NULL) > 50);
    cairo_surface_destroy(p.surface);
}

static void make_sheet(struct sheet *s)
{
    static const double values[2][SIMULATE_COLUMNS] = {{.1, .3, .5, .9, .2, .6, .8},
                                                       {.2, .4, .4, .6, .1, .3, .7}};
    sheet_init(s, 1000, "a sheet");
    for (int column = 0; column < SIMULATE_COLUMNS; column++) {
        (void)sheet_add_column(s, "a column");
    }
    for (size_t row = 0; row < 2; row++) {
        (void)sheet_add_row(s, row == 0 ? "FIRST_RULE" : "SECOND & LAST");
        for (size_t column = 0; column < SIMULATE_COLUMNS; column++) {
            sheet_put(s, row, column, values[row][column], 0.01);
        }
    }
}

/* Method: the keys' marks are above the rows; within a row a colour's ink has its middle where its
 * figure is, so that equal steps of figures are equal steps of places. */
static void marks_stand_where_their_figures_are(void **state)
{
    (void)state;
    static struct sheet sheet;
    static struct plot_simulate plot;
    struct pixels p;
    enum { ROW_TOP = 124, ROW = 23, MIDDLE = 690 };
    make_sheet(&sheet);
    plot_simulate_init(&plot, &sheet, 7);
    draw(&plot.picture, &p);
    double dips[2], deep[2], lasting[2];
    for (int row = 0; row < 2; row++) {
        int top = ROW_TOP + row * ROW;
        assert_true(find(&p, 0, top, MIDDLE, top + ROW, blue, &dips[row]) > 20);
        assert_true(find(&p, 0, top, MIDDLE, top + ROW, brown, &deep[row]) > 20);
        assert_true(find(&p, MIDDLE, top, p.width, top + ROW, blue, &lasting[row]) > 20);
    }
    double unit = (deep[0] - dips[0]) / (.9 - .5);
    assert_true(unit > 200);
    assert_true(fabs(deep[1] - dips[1] - .2 * unit) < 1.5);
    assert_true(fabs(dips[0] - dips[1] - .1 * unit) < 1.5);
    assert_true(fabs(lasting[0] - lasting[1] - .3 * unit) < 1.5);
    assert_true(
        says(plot.texts.says, "FIRST_RULE: prompts in 0.100 of sessions with nothing wrong"));
    assert_true(says(plot.texts.says, "SECOND & LAST: "));
    assert_true(says(plot.texts.says, "1000 simulated clients, seed 7"));
    cairo_surface_destroy(p.surface);
}

static void make_curves(struct rates_curves *c)
{
    static const char *const names[RATES_SCORES] = {"bound", "total", "change", "median",
                                                    "UNUSUAL"};
    for (size_t i = 0; i < RATES_POINTS; i++) {
        c->alarms[i] = 0.5 * (double)(i + 1) / RATES_POINTS;
        for (size_t score = 0; score < RATES_SCORES; score++) {
            for (size_t day = 0; day < RATES_DAYS; day++) {
                c->of[day][score].name = names[score];
                c->of[day][score].found[i] = 0.1 * (double)(score + 1) + 0.2 * (double)day;
            }
        }
    }
}

/* Method: flat curves; each has its ink at its own height, 0.1 apart, in both panels. */
static void curves_lie_at_their_heights_in_their_order(void **state)
{
    (void)state;
    static const uint32_t colours[RATES_SCORES] = {black, 0x45731a, 0x6b40a1, brown, blue};
    enum { RIGHT = 526, PANEL = 540, TOP = 102, HEIGHT = 420 };
    static struct rates_curves curves;
    static struct sheet sheet;
    static struct plot_rates plot;
    struct pixels p;
    make_curves(&curves);
    make_sheet(&sheet);
    plot_rates_init(&plot, &curves, &sheet, 3);
    draw(&plot.picture, &p);
    for (int day = 0; day < RATES_DAYS; day++) {
        for (int score = 0; score < RATES_SCORES; score++) {
            int y = TOP + (int)(HEIGHT * (1 - 0.1 * (score + 1) - 0.2 * day));
            int x0 = RIGHT + day * PANEL - 200, x1 = RIGHT + day * PANEL;
            assert_true(find(&p, x0, y - 7, x1, y + 7, colours[score], NULL) > 50);
            for (int other = 0; other < RATES_SCORES; other++) {
                if (other != score && other != 0) { /* Black is the rules' points' too. */
                    assert_int_equal(find(&p, x0, y - 7, x1, y + 7, colours[other], NULL), 0);
                }
            }
        }
    }
    cairo_surface_destroy(p.surface);
}

static void a_roc_picture_says_its_rules_and_its_seed(void **state)
{
    (void)state;
    static struct rates_curves curves;
    static struct sheet sheet;
    static struct plot_rates plot;
    struct picture_bytes svg;
    make_curves(&curves);
    make_sheet(&sheet);
    (void)sheet_add_row(&sheet, "NEVER_HERE");
    plot_rates_init(&plot, &curves, &sheet, 3);
    picture_render(&plot.picture, PICTURE_SVG, &svg);
    static const char *const there[] = {"FIRST_RULE: false alarms 0.100, finds 0.500",
                                        "SECOND &amp; LAST: ", "UNUSUAL: finds", "seed 3"};
    for (size_t i = 0; i < sizeof there / sizeof there[0]; i++) {
        assert_non_null(memmem(svg.bytes, svg.count, there[i], strlen(there[i])));
    }
    assert_null(memmem(svg.bytes, svg.count, "NEVER_HERE", 10)); /* No prompt, no point. */
    picture_bytes_fini(&svg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_are_as_long_as_their_numbers),
        cmocka_unit_test(no_alert_at_all_is_a_picture_too),
        cmocka_unit_test(marks_stand_where_their_figures_are),
        cmocka_unit_test(curves_lie_at_their_heights_in_their_order),
        cmocka_unit_test(a_roc_picture_says_its_rules_and_its_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
