/* Goal: a picture keeps to its frame, whatever it shows, and leaves the context as it was. Method:
 * courses, practices and weeks made up from a seed, drawn within a larger surface; a byte of ink
 * outside the frame is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/therapist/plots/samples.h"

enum { RIM = 40, SESSIONS_MAX = 40, DOTS_MAX = 20, WEEKS_MAX = 60, SEEDS = 60 };

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* One in so many is missing; else from 0 to below `most`. */
static int16_t some(uint32_t *seed, uint32_t one_in, uint32_t most)
{
    bool is_missing = next(seed) % one_in == 0;
    uint32_t value = next(seed) % most;
    return is_missing ? PLOT_MISSING : (int16_t)value;
}

struct made_up {
    struct plot_session sessions[SESSIONS_MAX];
    struct plot_history history;
    struct plot_dot dots[DOTS_MAX];
    struct plot_shares shares;
    struct plot_week weeks[WEEKS_MAX];
    struct plot_calendar calendar;
};

static void make_history(struct made_up *m, uint32_t *seed)
{
    static const char *const instruments[] = {NULL, NULL, NULL, "attune/1", "attune/2"};
    size_t count = next(seed) % (SESSIONS_MAX + 1);
    for (size_t i = 0; i < count; i++) {
        m->sessions[i] =
            (struct plot_session){.number = (int)(i + 1 + next(seed) % 2000),
                                  .day = {(int16_t)(2024 + i / 20), (int8_t)(1 + next(seed) % 12),
                                          (int8_t)(1 + next(seed) % 28)},
                                  .instrument = instruments[next(seed) % 5],
                                  .marks = next(seed) % 4};
        for (int area = 0; area < PLOT_AREAS; area++) {
            m->sessions[i].scores[area] = some(seed, 9, 101);
        }
    }
    m->history =
        (struct plot_history){m->sessions, count, some(seed, 5, 401), 60, some(seed, 5, 200)};
}

static void make_practice(struct made_up *m, uint32_t *seed)
{
    size_t dots = next(seed) % (DOTS_MAX + 1), weeks = next(seed) % (WEEKS_MAX + 1);
    for (size_t i = 0; i < dots; i++) {
        uint32_t of = next(seed) % 400;
        m->dots[i] = (struct plot_dot){of == 0 ? 0 : next(seed) % (of + 1), of,
                                       next(seed) % 3 == 0 ? "therapist-12" : NULL};
    }
    m->shares = (struct plot_shares){next(seed) % 2 == 0 ? "A title" : NULL, "sessions held",
                                     (double)(next(seed) % 101) / 100, m->dots, dots};
    for (size_t i = 0; i < weeks; i++) {
        uint32_t of = next(seed) % 50;
        m->weeks[i] = (struct plot_week){.monday = {2026, (int8_t)(1 + i % 12), 28},
                                         .hidden = next(seed) % 6 == 0,
                                         .of = of,
                                         .parts = {of == 0 ? 0 : next(seed) % (of + 1), 0, 0}};
    }
    m->calendar = (struct plot_calendar){PLOT_WEEKS_SHARE, "A title", {NULL}, m->weeks, weeks};
    if (next(seed) % 2 == 0) {
        m->calendar.kind = PLOT_WEEKS_STACK;
        m->calendar.names[0] = "older";
        m->calendar.names[1] = "newer";
    }
}

enum picture { COURSE, AREA, SPARKLINE, FUNNEL, WEEKS, PICTURES };

/* As plots.h has them: from this size on a picture is at its best. */
static const struct {
    double width, height;
} best[PICTURES] = {{480, 260}, {180, 110}, {60, 20}, {420, 280}, {360, 200}};

static void draw(cairo_t *cr, const struct plot_frame *f, enum picture which,
                 const struct made_up *m)
{
    switch (which) {
    case COURSE:
        plot_course(cr, f, &m->history);
        break;
    case AREA:
        plot_area(cr, f, &m->history, (int)(m->history.count % PLOT_AREAS));
        break;
    case SPARKLINE:
        plot_sparkline(cr, f, &m->history);
        break;
    case FUNNEL:
        plot_funnel(cr, f, &m->shares);
        break;
    default:
        plot_weeks(cr, f, &m->calendar);
    }
}

/* Pixels that are not white outside the frame. */
static int outside(cairo_surface_t *s, int width, int height)
{
    int count = 0;
    for (int y = 0; y < height + 2 * RIM; y++) {
        const uint8_t *row =
            cairo_image_surface_get_data(s) + (ptrdiff_t)y * cairo_image_surface_get_stride(s);
        for (int x = 0; x < width + 2 * RIM; x++) {
            bool is_in = x >= RIM && x < RIM + width && y >= RIM && y < RIM + height;
            count += !is_in && (row[4 * x] < 250 || row[4 * x + 1] < 250 || row[4 * x + 2] < 250);
        }
    }
    return count;
}

static void expect_within(enum picture which, double width, double height, double scale,
                          const struct made_up *m, uint32_t seed)
{
    const struct plot_frame f = {width, height, scale, &plot_theme_light, NULL};
    double x = 3, y = 4;
    cairo_surface_t *s =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width + 2 * RIM, (int)height + 2 * RIM);
    cairo_t *cr = cairo_create(s);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_translate(cr, RIM, RIM);
    cairo_set_line_width(cr, 7.5);
    draw(cr, &f, which, m);
    assert_int_equal(cairo_status(cr), CAIRO_STATUS_SUCCESS);
    cairo_user_to_device(cr, &x, &y);
    assert_true(x == RIM + 3 && y == RIM + 4);
    assert_true(cairo_get_line_width(cr) == 7.5);
    assert_int_equal(cairo_get_dash_count(cr), 0);
    assert_false(cairo_has_current_point(cr));
    cairo_surface_flush(s);
    int count = outside(s, (int)width, (int)height);
    if (count > 0) {
        char path[64];
        (void)snprintf(path, sizeof path, "/tmp/attune-frame-%d-%u.png", (int)which, seed);
        (void)cairo_surface_write_to_png(s, path);
        fail_msg("picture %d, seed %u, %.0f x %.0f, scale %.1f: %d pixels outside, see %s",
                 (int)which, seed, width, height, scale, count, path);
    }
    cairo_destroy(cr);
    cairo_surface_destroy(s);
}

static void ink_stays_within_the_frame(void **state)
{
    (void)state;
    static struct made_up m;
    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        uint32_t at = seed;
        make_history(&m, &at);
        make_practice(&m, &at);
        for (enum picture which = COURSE; which < PICTURES; which++) {
            double scale = seed % 3 == 0 ? 1.5 : 1;
            double width = (best[which].width + next(&at) % 300) * scale;
            double height = (best[which].height + next(&at) % 200) * scale;
            expect_within(which, floor(width), floor(height), scale, &m, seed);
        }
    }
}

/* Goal: a window may be pulled as small as it goes. */
static void no_size_is_too_small(void **state)
{
    (void)state;
    static struct made_up m;
    static const double sizes[] = {0, 1, 7, 40, 90};
    for (uint32_t seed = 0; seed < SEEDS / 4; seed++) {
        uint32_t at = seed;
        make_history(&m, &at);
        make_practice(&m, &at);
        for (size_t i = 0; i < 25; i++) {
            const struct plot_frame f = {sizes[i / 5], sizes[i % 5], 1, &plot_theme_dark, NULL};
            cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 100, 100);
            cairo_t *cr = cairo_create(s);
            for (enum picture which = COURSE; which < PICTURES; which++) {
                draw(cr, &f, which, &m);
            }
            assert_int_equal(cairo_status(cr), CAIRO_STATUS_SUCCESS);
            cairo_destroy(cr);
            cairo_surface_destroy(s);
        }
    }
}

/* Goal: a low point, an alert and a missed session differ in grey, in the picture itself. Method:
 * the print theme, where colours say nothing; what is changed in the course changes the ink. */
static long ink_that_differs(const struct plot_history *a, const struct plot_history *b)
{
    const struct plot_frame f = {600, 300, 1, &plot_theme_print, NULL};
    cairo_surface_t *s[2];
    long count = 0;
    for (int i = 0; i < 2; i++) {
        s[i] = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 600, 300);
        cairo_t *cr = cairo_create(s[i]);
        cairo_set_source_rgb(cr, 1, 1, 1);
        cairo_paint(cr);
        plot_course(cr, &f, i == 0 ? a : b);
        cairo_destroy(cr);
        cairo_surface_flush(s[i]);
    }
    const uint8_t *one = cairo_image_surface_get_data(s[0]);
    const uint8_t *other = cairo_image_surface_get_data(s[1]);
    for (ptrdiff_t at = 0; at < (ptrdiff_t)300 * cairo_image_surface_get_stride(s[0]); at += 4) {
        count += abs(one[at] - other[at]) > 60;
    }
    cairo_surface_destroy(s[0]);
    cairo_surface_destroy(s[1]);
    return count;
}

static void what_is_special_is_seen_without_colour(void **state)
{
    (void)state;
    struct plot_session sessions[9], changed[9];
    memcpy(sessions, sample_nine.sessions, sizeof sessions);
    const struct plot_history h = {sessions, 9, 200, PLOT_MISSING, PLOT_MISSING};
    const struct plot_history other = {changed, 9, 200, PLOT_MISSING, PLOT_MISSING};
    memcpy(changed, sessions, sizeof changed);
    assert_int_equal(ink_that_differs(&h, &other), 0);
    changed[3].marks ^= PLOT_MARK_ALERT | PLOT_MARK_REPAIR; /* Another mark. */
    assert_true(ink_that_differs(&h, &other) > 20);
    memcpy(changed, sessions, sizeof changed);
    memset(changed[6].scores, 0xff, sizeof changed[6].scores); /* Not rated: -1. */
    assert_int_equal(changed[6].scores[0], PLOT_MISSING);
    assert_true(ink_that_differs(&h, &other) > 100);
    memcpy(changed, sessions, sizeof changed);
    changed[5].instrument = "attune/2"; /* Broken there. */
    assert_true(ink_that_differs(&h, &other) > 100);
}

static int forget_fonts(void **state)
{
    (void)state;
    pango_cairo_font_map_set_default(NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ink_stays_within_the_frame),
        cmocka_unit_test(no_size_is_too_small),
        cmocka_unit_test(what_is_special_is_seen_without_colour),
    };
    return cmocka_run_group_tests(tests, NULL, forget_fonts);
}
