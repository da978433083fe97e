/* Goal: the plots look as they were looked at by people. Method: each is drawn and compared, pixel
 * by pixel and with no tolerance, with the picture kept in golden/. The fonts are those of
 * FONTCONFIG_FILE, which ctest sets to a file of ours.
 *
 *     golden_test --update     makes golden/ anew, from the tree's root; then look at each of them
 *
 * What differs is written to build/golden, to be looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pango/pangocairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "client/therapist/plots/page.h"
#include "tests/unit/therapist/plots/samples.h"

enum { PATH_ROOM = 200 };

static void nine(cairo_t *cr, const struct plot_frame *f)
{
    plot_course(cr, f, &sample_nine);
}

static void many(cairo_t *cr, const struct plot_frame *f)
{
    plot_course(cr, f, sample_long());
}

static void wordings(cairo_t *cr, const struct plot_frame *f)
{
    plot_course(cr, f, &sample_wordings);
}

static void empty(cairo_t *cr, const struct plot_frame *f)
{
    plot_course(cr, f, &sample_empty);
}

/* All four, as a page has them. */
static void areas(cairo_t *cr, const struct plot_frame *f)
{
    for (int area = 0; area < PLOT_AREAS; area++) {
        struct plot_frame quarter = *f;
        quarter.width = f->width / 2 - 12;
        quarter.height = f->height / 2 - 12;
        cairo_save(cr);
        cairo_translate(cr, area % 2 == 0 ? 6 : f->width / 2 + 6, area < 2 ? 6 : f->height / 2 + 6);
        plot_area(cr, &quarter, &sample_nine, area);
        cairo_restore(cr);
    }
}

/* Rows of a caseload. */
static void sparklines(cairo_t *cr, const struct plot_frame *f)
{
    const struct plot_history *const rows[] = {&sample_nine, &sample_one, &sample_unrated,
                                               &sample_wordings, sample_long()};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct plot_frame row = *f;
        row.height = f->height / 5;
        plot_sparkline(cr, &row, rows[i]);
        cairo_translate(cr, 0, row.height);
    }
}

static void funnel(cairo_t *cr, const struct plot_frame *f)
{
    plot_funnel(cr, f, &sample_shares);
}

static void nobody(cairo_t *cr, const struct plot_frame *f)
{
    plot_funnel(cr, f, &sample_nobody);
}

static void coverage(cairo_t *cr, const struct plot_frame *f)
{
    plot_weeks(cr, f, &sample_coverage);
}

static void ruptures(cairo_t *cr, const struct plot_frame *f)
{
    plot_weeks(cr, f, &sample_ruptures);
}

static void year(cairo_t *cr, const struct plot_frame *f)
{
    plot_weeks(cr, f, sample_year());
}

static void page(cairo_t *cr, const struct plot_frame *f)
{
    const struct plot_page p = {.client = "c017",
                                .under = "t04, North",
                                .history = &sample_nine,
                                .made = {2026, 5, 7},
                                .theme = f->theme};
    plot_page_draw(cr, &p, 0);
}

struct golden {
    const char *name;
    struct sample_drawing drawing;
};

#define IN_EACH_THEME(name, ...)                                                                   \
    {#name "-light", {__VA_ARGS__, &plot_theme_light}},                                            \
        {#name "-dark", {__VA_ARGS__, &plot_theme_dark}},                                          \
    {                                                                                              \
#name "-print",                                                                            \
        {                                                                                          \
            __VA_ARGS__, &plot_theme_print                                                         \
        }                                                                                          \
    }

static const struct golden goldens[] = {
    IN_EACH_THEME(course, nine, 800, 340, 1),
    IN_EACH_THEME(areas, areas, 420, 260, 1),
    IN_EACH_THEME(sparklines, sparklines, 72, 140, 1),
    IN_EACH_THEME(funnel, funnel, 560, 340, 1),
    IN_EACH_THEME(coverage, coverage, 480, 220, 1),
    IN_EACH_THEME(ruptures, ruptures, 480, 220, 1),
    {"page", {page, PLOT_PAGE_WIDTH, PLOT_PAGE_HEIGHT, 1, &plot_theme_print}},
    {"course-small", {nine, 480, 260, 1, &plot_theme_light}},
    {"course-large-type", {nine, 800, 420, 1.5, &plot_theme_light}},
    {"course-many", {many, 800, 300, 1, &plot_theme_light}},
    {"course-wordings", {wordings, 720, 320, 1, &plot_theme_light}},
    {"course-empty", {empty, 480, 260, 1, &plot_theme_light}},
    {"funnel-nobody", {nobody, 420, 280, 1, &plot_theme_light}},
    {"coverage-year", {year, 420, 200, 1, &plot_theme_light}},
};

enum { GOLDENS = sizeof goldens / sizeof goldens[0] };

static const char *path_of(const char *folder, const char *name, char room[PATH_ROOM])
{
    (void)snprintf(room, PATH_ROOM, "%s/%s.png", folder, name);
    return room;
}

static const char kept[] = "tests/unit/therapist/plots/golden", made[] = "build/golden";

static void keep(cairo_surface_t *s, const char *folder, const char *name)
{
    char path[PATH_ROOM];
    if (mkdir(folder, 0777) == 0) {
        printf("made %s\n", folder);
    }
    cairo_status_t status = cairo_surface_write_to_png(s, path_of(folder, name, path));
    printf("%s: %s\n", path, cairo_status_to_string(status));
}

/* How many pixels differ; all, when one cannot be read or is of another size. */
static long difference(cairo_surface_t *a, cairo_surface_t *b)
{
    int width = cairo_image_surface_get_width(a), height = cairo_image_surface_get_height(a);
    long count = 0;
    if (cairo_surface_status(b) != CAIRO_STATUS_SUCCESS ||
        cairo_image_surface_get_width(b) != width || cairo_image_surface_get_height(b) != height) {
        return (long)width * height;
    }
    for (int y = 0; y < height; y++) {
        const uint8_t *row =
            cairo_image_surface_get_data(a) + (ptrdiff_t)y * cairo_image_surface_get_stride(a);
        const uint8_t *other =
            cairo_image_surface_get_data(b) + (ptrdiff_t)y * cairo_image_surface_get_stride(b);
        for (ptrdiff_t x = 0; x < width; x++) {
            count += memcmp(row + 4 * x, other + 4 * x, 3) != 0; /* Blue, green, red. */
        }
    }
    return count;
}

static void each_plot_is_its_golden_picture(void **state)
{
    (void)state;
    long differ = 0;
    for (size_t i = 0; i < GOLDENS; i++) {
        char path[PATH_ROOM];
        cairo_surface_t *now = sample_draw(&goldens[i].drawing);
        cairo_surface_t *then =
            cairo_image_surface_create_from_png(path_of(kept, goldens[i].name, path));
        long count = difference(now, then);
        if (count > 0) {
            printf("%s: %ld pixels differ\n", goldens[i].name, count);
            keep(now, made, goldens[i].name);
        }
        differ += count;
        cairo_surface_destroy(now);
        cairo_surface_destroy(then);
    }
    assert_int_equal(differ, 0);
}

/* Goal: the comparison can fail. Method: one pixel. */
static void one_pixel_is_seen(void **state)
{
    (void)state;
    cairo_surface_t *a = sample_draw(&goldens[0].drawing), *b = sample_draw(&goldens[0].drawing);
    assert_int_equal(difference(a, b), 0);
    cairo_image_surface_get_data(b)[4 * 100] ^= 1;
    assert_int_equal(difference(a, b), 1);
    cairo_surface_destroy(a);
    cairo_surface_destroy(b);
}

static int forget_fonts(void **state)
{
    (void)state;
    pango_cairo_font_map_set_default(NULL);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_plot_is_its_golden_picture),
        cmocka_unit_test(one_pixel_is_seen),
    };
    if (argc == 2 && strcmp(argv[1], "--update") == 0) {
        for (size_t i = 0; i < GOLDENS; i++) {
            cairo_surface_t *now = sample_draw(&goldens[i].drawing);
            keep(now, kept, goldens[i].name);
            cairo_surface_destroy(now);
        }
        return forget_fonts(NULL);
    }
    return cmocka_run_group_tests(tests, NULL, forget_fonts);
}
