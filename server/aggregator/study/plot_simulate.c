/* Happy path: a row a rule; left one session at a time, right a course's sessions 5 to 9; in each
 * what comes up when nothing is wrong beside what is found. Failure: none. */
#include "server/aggregator/study/plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "proto/wire/container_of.h"
#include "server/aggregator/study/chart.h"

enum { WIDTH = 1120, NAMES = 300, PANEL_WIDTH = 350, GAP = 50, ROW = 23, TOP = CHART_HEAD + 48 };
enum { PANELS = 2, MARKS = 3, WIDE = 14 };
#define NORMAL_95 1.959964

static const char title[] = "What each rule costs, and what it finds";

static const struct ink_style styles[MARKS] = {
    {{0.10, 0.10, 0.10}, INK_SOLID, INK_RING},
    {{0.04, 0.42, 0.54}, INK_SOLID, INK_DIAMOND},
    {{0.65, 0.28, 0.05}, INK_SOLID, INK_SQUARE},
};

static const struct {
    const char *axis;
    enum simulate_column columns[MARKS];
    const char *keys[MARKS];
} panels[PANELS] = {
    {"share of sessions with a prompt",
     {SIMULATE_PER_SESSION, SIMULATE_DIP_15, SIMULATE_DIP_25},
     {"nothing wrong", "dip of 1.5", "dip of 2.5"}},
    {"share of courses with a prompt in sessions 5 to 9",
     {SIMULATE_IN_FIVE, SIMULATE_LASTING_15, SIMULATE_SLIDE_25},
     {"nothing wrong", "lasting dip of 1.5", "slide to 2.5"}},
};

static void draw_figure(const struct chart *c, cairo_t *cr, const struct figure *f, double y,
                        const struct ink_style *style)
{
    double half = NORMAL_95 * f->error;
    double low = chart_x(c, fmax(f->value - half, 0)), high = chart_x(c, fmin(f->value + half, 1));
    ink_line(cr, style, 1.5, low, y, high, y);
    if (high - low > WIDE) { /* Else the mark hides it. */
        ink_line(cr, style, 1.5, low, y - 4, low, y + 4);
        ink_line(cr, style, 1.5, high, y - 4, high, y + 4);
    }
    ink_mark(cr, style, chart_x(c, f->value), y, 4);
}

static void draw_panel(const struct plot_simulate *p, cairo_t *cr, size_t panel)
{
    const struct sheet *s = p->sheet;
    const struct chart c = {.left = CHART_MARGIN + NAMES + (double)panel * (PANEL_WIDTH + GAP),
                            .top = TOP,
                            .width = PANEL_WIDTH,
                            .height = (double)s->rows * ROW,
                            .x = {0, 1, 0.2, 1, panels[panel].axis},
                            .y = {0, 1, 0, 0, NULL}};
    double x = c.left;
    chart_axes(&c, cr);
    for (size_t mark = 0; mark < MARKS; mark++) {
        x += chart_key(cr, &styles[mark], false, x, TOP - 20, panels[panel].keys[mark]) + 14;
    }
    for (size_t row = 0; row < s->rows; row++) {
        for (size_t mark = MARKS; mark-- > 0;) { /* The ring last: it is what is looked for. */
            draw_figure(&c, cr, &s->figures[row][panels[panel].columns[mark]],
                        TOP + ((double)row + 0.5) * ROW, &styles[mark]);
        }
    }
}

static void draw(struct picture *picture, cairo_t *cr)
{
    const struct plot_simulate *p = container_of(picture, struct plot_simulate, picture);
    chart_head(
        cr, title,
        "Further left is quieter when nothing is wrong, further right finds more. Bars: 95 % "
        "intervals.");
    for (size_t row = 0; row < p->sheet->rows; row++) {
        double y = TOP + (double)row * ROW;
        if (row % 2 == 0) {
            cairo_set_source_rgb(cr, 0.955, 0.955, 0.955);
            cairo_rectangle(cr, CHART_MARGIN, y, WIDTH - 2 * CHART_MARGIN, ROW);
            cairo_fill(cr);
        }
        ink_text(cr, &chart_label, &(struct ink_place){CHART_MARGIN + 4, y + ROW / 2.0, 0, 0.5},
                 p->sheet->row_names[row]);
    }
    for (size_t panel = 0; panel < PANELS; panel++) {
        draw_panel(p, cr, panel);
    }
    chart_foot(cr, p->picture.height, p->texts.source);
}

static void say(struct plot_simulate *p)
{
    const struct sheet *s = p->sheet;
    FILE *to = fmemopen(p->texts.says, sizeof p->texts.says, "w");
    if (to == NULL) {
        return; /* Said by the picture alone. */
    }
    for (size_t row = 0; row < s->rows; row++) {
        const struct figure *f = s->figures[row];
        fprintf(to, "%s: prompts in %.3f of sessions with nothing wrong, %.3f with a dip of 1.5, ",
                s->row_names[row], f[SIMULATE_PER_SESSION].value, f[SIMULATE_DIP_15].value);
        fprintf(to, "%.3f of 2.5; in %.3f of courses with nothing wrong, ",
                f[SIMULATE_DIP_25].value, f[SIMULATE_IN_FIVE].value);
        fprintf(to, "%.3f with a lasting dip, %.3f with a slide. ", f[SIMULATE_LASTING_15].value,
                f[SIMULATE_SLIDE_25].value);
    }
    fprintf(to, "%s.", p->texts.source);
    (void)fclose(to); /* Into memory. */
}

void plot_simulate_init(struct plot_simulate *p, const struct sheet *sheet, uint64_t seed)
{
    *p = (struct plot_simulate){.sheet = sheet};
    (void)snprintf(p->texts.source, sizeof p->texts.source,
                   "%" PRIu64 " simulated clients, seed %" PRIu64
                   "; attune-aggregator " ATTUNE_VERSION " simulate",
                   sheet->clients, seed);
    say(p);
    p->picture = (struct picture){.width = WIDTH,
                                  .height = TOP + (double)sheet->rows * ROW + 45 + CHART_FOOT,
                                  .title = title,
                                  .says = p->texts.says,
                                  .draw = draw};
}
