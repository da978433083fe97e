/* Happy path: a bar a name, its number at its end. Failure: none; more bars than there is room for
 * is a must. */
#include "server/aggregator/study/plot.h"

#include <math.h>
#include <stdio.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"
#include "server/aggregator/study/chart.h"

enum { WIDTH = 860, NAMES = 130, NUMBERS = 60, ROW = 28, BAR = 16, TOP = CHART_HEAD + 4 };

/* The least of 1, 2, 5, 10 … for which the axis has at most six steps; it ends on a step. */
static struct chart_axis axis_to(double most, const char *label)
{
    double step = 0.1;
    for (int i = 0; most / step > 6 && i < 12; i++) {
        step *= i % 3 == 1 ? 2.5 : 2;
    }
    double max = step * fmax(ceil(most / step - 1e-9), 1);
    return (struct chart_axis){0, max, step, step < 1 ? 1 : 0, label};
}

static double most_of(const struct plot_bars *p)
{
    double most = 0;
    for (size_t i = 0; i < p->count; i++) {
        most = fmax(most, p->bars[i].value);
    }
    return most;
}

static void draw_bar(const struct chart *c, cairo_t *cr, const struct plot_bar *bar, double y)
{
    char number[32];
    double end = chart_x(c, bar->value);
    cairo_set_source_rgb(cr, 0.04, 0.42, 0.54);
    cairo_rectangle(cr, c->left, y - BAR / 2.0, end - c->left, BAR);
    cairo_fill(cr);
    ink_text(cr, &chart_label, &(struct ink_place){c->left - 10, y, 1, 0.5}, bar->name);
    (void)snprintf(number, sizeof number, "%.1f", bar->value);
    ink_text(cr, &chart_label, &(struct ink_place){end + 6, y, 0, 0.5}, number);
}

static void draw(struct picture *picture, cairo_t *cr)
{
    const struct plot_bars *p = container_of(picture, struct plot_bars, picture);
    const struct chart c = {.left = CHART_MARGIN + NAMES,
                            .top = TOP,
                            .width = WIDTH - 2 * CHART_MARGIN - NAMES - NUMBERS,
                            .height = (double)p->count * ROW,
                            .x = axis_to(most_of(p), p->axis),
                            .y = {0, 1, 0, 0, NULL}};
    chart_head(cr, p->picture.title, p->under);
    chart_axes(&c, cr);
    for (size_t i = 0; i < p->count; i++) {
        draw_bar(&c, cr, &p->bars[i], TOP + ((double)i + 0.5) * ROW);
    }
    chart_foot(cr, p->picture.height, p->texts.source);
}

static void say(struct plot_bars *p)
{
    FILE *to = fmemopen(p->texts.says, sizeof p->texts.says, "w");
    if (to == NULL) {
        return; /* Said by the picture alone. */
    }
    fprintf(to, "%s ", p->under);
    for (size_t i = 0; i < p->count; i++) {
        fprintf(to, "%s %.1f. ", p->bars[i].name, p->bars[i].value);
    }
    fprintf(to, "%s.", p->texts.source);
    (void)fclose(to); /* Into memory. */
}

void plot_bars_init(struct plot_bars *p, const char *title, const char *under, const char *axis,
                    const char *source, const struct plot_bar *bars, size_t count)
{
    must(count <= PLOT_BARS_MAX);
    *p = (struct plot_bars){.under = under, .axis = axis, .bars = bars, .count = count};
    (void)snprintf(p->texts.source, sizeof p->texts.source, "%s", source);
    say(p);
    p->picture = (struct picture){.width = WIDTH,
                                  .height = TOP + (double)count * ROW + 45 + CHART_FOOT,
                                  .title = title,
                                  .says = p->texts.says,
                                  .draw = draw};
}
