/* Happy path: two panels, a dip of 1.5 and of 2.5 an area; in each the five curves, then the rules
 * as numbered points, whose names stand below both. Failure: none. */
#include "server/aggregator/study/plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "server/aggregator/study/chart.h"

enum { WIDTH = 1120, PANEL_WIDTH = 450, PANEL_HEIGHT = 420, PANEL_TOP = CHART_HEAD + 26 };
enum { KEY_TOP = PANEL_TOP + PANEL_HEIGHT + 72, KEY_ROW = 21, KEY_COLUMNS = 3 };
enum { MARK_FIRST = 7, MARK_EVERY = 8 };

static const char title[] = "What is found, and at what rate of false alarms";

/* In the order of the curves. */
static const struct ink_style styles[RATES_SCORES] = {
    {{0.10, 0.10, 0.10}, INK_SOLID, INK_DIAMOND},     {{0.27, 0.45, 0.10}, INK_DOTTED, INK_CROSS},
    {{0.42, 0.25, 0.63}, INK_DASH_DOT, INK_TRIANGLE}, {{0.65, 0.28, 0.05}, INK_DASHED, INK_SQUARE},
    {{0.04, 0.42, 0.54}, INK_LONG, INK_DOT},
};

static const struct {
    const char *label;
    enum simulate_column column;
} days[RATES_DAYS] = {{"A dip of 1.5 an area", SIMULATE_DIP_15},
                      {"A dip of 2.5 an area", SIMULATE_DIP_25}};

/* A rule that never speaks on such days is no point. */
static bool is_point(const struct sheet *s, size_t row)
{
    return s->figures[row][SIMULATE_PER_SESSION].value > 0 ||
           s->figures[row][SIMULATE_DIP_15].value > 0 || s->figures[row][SIMULATE_DIP_25].value > 0;
}

static void draw_curve(const struct chart *c, cairo_t *cr, const struct rates_curves *curves,
                       const struct rates_curve *curve, const struct ink_style *style, size_t first)
{
    ink_set(cr, style->colour);
    ink_set_dash(cr, style->dash);
    cairo_set_line_width(cr, 2);
    cairo_move_to(cr, chart_x(c, 0), chart_y(c, 0));
    for (size_t i = 0; i < RATES_POINTS; i++) {
        cairo_line_to(cr, chart_x(c, curves->alarms[i]), chart_y(c, curve->found[i]));
    }
    cairo_stroke(cr);
    ink_set_dash(cr, INK_SOLID);
    for (size_t i = first; i < RATES_POINTS; i += MARK_EVERY) {
        ink_mark(cr, style, chart_x(c, curves->alarms[i]), chart_y(c, curve->found[i]), 4);
    }
}

static const struct ink_type number_type = {11, true, {0.10, 0.10, 0.10}, true};

static void draw_number(cairo_t *cr, double x, double y, size_t number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%zu", number);
    ink_text(cr, &number_type, &(struct ink_place){x, y, 0.5, 0.5}, text);
}

/* The rules' points of a panel, and where their numbers stand. */
struct spots {
    size_t count;
    struct spot {
        double x, y, number_x, number_y;
    } at[SHEET_ROWS_MAX];
};

static bool is_near(double x0, double y0, double x1, double y1, double width, double height)
{
    return fabs(x0 - x1) < width && fabs(y0 - y1) < height;
}

static bool is_free(const struct spots *s, size_t placed, const struct chart *c, double x, double y)
{
    bool free = x > c->left + 8 && x < c->left + c->width && y < c->top + c->height - 6;
    for (size_t i = 0; free && i < s->count; i++) {
        free = !is_near(x, y, s->at[i].x, s->at[i].y, 11, 10) &&
               (i >= placed || !is_near(x, y, s->at[i].number_x, s->at[i].number_y, 17, 13));
    }
    return free;
}

/* Below right first: the curves are above left. The nearest place that is free; the last that was
 * tried if none is. */
static void place_number(struct spots *s, size_t i, const struct chart *c)
{
    enum { TURNS = 12, RINGS = 4 };
    static const double first = 13, more = 9, right_angle = 1.570796;
    struct spot *spot = &s->at[i];
    for (int ring = 0; ring < RINGS; ring++) {
        for (int turn = 0; turn < TURNS; turn++) {
            int to_a_side = turn % 2 == 0 ? turn / 2 : -(turn + 1) / 2;
            double angle = right_angle / 2 + to_a_side * 4 * right_angle / TURNS;
            spot->number_x = spot->x + (first + ring * more) * cos(angle);
            spot->number_y = spot->y + (first + ring * more) * sin(angle);
            if (is_free(s, i, c, spot->number_x, spot->number_y)) {
                return;
            }
        }
    }
}

static void draw_spots(struct spots *s, const struct chart *c, cairo_t *cr)
{
    static const struct ink_style leader = {{0.30, 0.30, 0.30}, INK_SOLID, INK_DOT};
    static const struct ink_style halo = {{1, 1, 1}, INK_SOLID, INK_DOT};
    static const struct ink_style dot = {{0.10, 0.10, 0.10}, INK_SOLID, INK_DOT};
    for (size_t i = 0; i < s->count; i++) {
        place_number(s, i, c);
        ink_line(cr, &leader, 0.8, s->at[i].x, s->at[i].y, s->at[i].number_x, s->at[i].number_y);
    }
    for (size_t i = 0; i < s->count; i++) {
        draw_number(cr, s->at[i].number_x, s->at[i].number_y, i + 1);
    }
    for (size_t i = 0; i < s->count; i++) {
        ink_mark(cr, &halo, s->at[i].x, s->at[i].y, 5);
        ink_mark(cr, &dot, s->at[i].x, s->at[i].y, 3.4);
    }
}

static void draw_panel(const struct plot_rates *p, cairo_t *cr, size_t day)
{
    static const struct ink_type head = {13, true, {0.10, 0.10, 0.10}, false};
    const struct chart c = {
        .left = CHART_MARGIN + 52 + (double)day * (PANEL_WIDTH + 90),
        .top = PANEL_TOP,
        .width = PANEL_WIDTH,
        .height = PANEL_HEIGHT,
        .x = {0, 0.5, 0.1, 1, "false alarms, share of sessions with nothing wrong"},
        .y = {0, 1, 0.2, 1, day == 0 ? "found, share of dips" : NULL}};
    struct spots spots = {0};
    ink_text(cr, &head, &(struct ink_place){c.left, c.top - 8, 0, 1}, days[day].label);
    chart_axes(&c, cr);
    for (size_t i = 0; i < RATES_SCORES; i++) {
        draw_curve(&c, cr, p->curves, &p->curves->of[day][i], &styles[i], MARK_FIRST + i);
    }
    for (size_t row = 0; row < p->rules->rows; row++) {
        if (is_point(p->rules, row)) {
            const struct figure *f = p->rules->figures[row];
            spots.at[spots.count++] = (struct spot){.x = chart_x(&c, f[SIMULATE_PER_SESSION].value),
                                                    .y = chart_y(&c, f[days[day].column].value)};
        }
    }
    draw_spots(&spots, &c, cr);
}

static size_t points(const struct sheet *s)
{
    size_t count = 0;
    for (size_t row = 0; row < s->rows; row++) {
        count += is_point(s, row);
    }
    return count;
}

static void draw_keys(const struct plot_rates *p, cairo_t *cr)
{
    double x = CHART_MARGIN + 52, y = KEY_TOP;
    size_t rows = (points(p->rules) + KEY_COLUMNS - 1) / KEY_COLUMNS, at = 0;
    for (size_t i = 0; i < RATES_SCORES; i++) {
        x += chart_key(cr, &styles[i], true, x, y, p->curves->of[0][i].name) + 28;
    }
    for (size_t row = 0; row < p->rules->rows; row++) {
        if (is_point(p->rules, row)) {
            size_t column = at / rows, line = at % rows;
            x = CHART_MARGIN + 60 + (double)column * 345;
            y = KEY_TOP + 34 + (double)line * KEY_ROW;
            draw_number(cr, x, y, ++at);
            ink_text(cr, &chart_label, &(struct ink_place){x + 15, y, 0, 0.5},
                     p->rules->row_names[row]);
        }
    }
}

static void draw(struct picture *picture, cairo_t *cr)
{
    const struct plot_rates *p = container_of(picture, struct plot_rates, picture);
    chart_head(
        cr, title,
        "Curves: a score whose threshold gives that rate, five earlier sessions. Numbers: the "
        "rules as they stand, sessions 5 to 8, but for those that never speak there.");
    for (size_t day = 0; day < RATES_DAYS; day++) {
        draw_panel(p, cr, day);
    }
    draw_keys(p, cr);
    chart_foot(cr, p->picture.height, p->texts.source);
}

static void say(struct plot_rates *p)
{
    FILE *to = fmemopen(p->texts.says, sizeof p->texts.says, "w");
    if (to == NULL) {
        return; /* Said by the picture alone. */
    }
    for (size_t row = 0; row < p->rules->rows; row++) {
        const struct figure *f = p->rules->figures[row];
        if (is_point(p->rules, row)) {
            fprintf(to, "%s: false alarms %.3f, finds %.3f of dips of 1.5 an area, %.3f of 2.5. ",
                    p->rules->row_names[row], f[SIMULATE_PER_SESSION].value,
                    f[SIMULATE_DIP_15].value, f[SIMULATE_DIP_25].value);
        }
    }
    for (size_t i = 0; i < RATES_SCORES; i++) {
        size_t middle = RATES_POINTS / 2 - 1;
        fprintf(to, "%s: finds %.3f and %.3f at %.3f false alarms. ", p->curves->of[0][i].name,
                p->curves->of[0][i].found[middle], p->curves->of[1][i].found[middle],
                p->curves->alarms[middle]);
    }
    fprintf(to, "%s.", p->texts.source);
    (void)fclose(to); /* Into memory. */
}

void plot_rates_init(struct plot_rates *p, const struct rates_curves *curves,
                     const struct sheet *rules, uint64_t seed)
{
    *p = (struct plot_rates){.curves = curves, .rules = rules};
    size_t rows = (points(rules) + KEY_COLUMNS - 1) / KEY_COLUMNS;
    (void)snprintf(p->texts.source, sizeof p->texts.source,
                   "%" PRIu64 " simulated clients, seed %" PRIu64
                   "; attune-aggregator " ATTUNE_VERSION " rates",
                   rules->clients, seed);
    say(p);
    p->picture = (struct picture){.width = WIDTH,
                                  .height = KEY_TOP + 34 + (double)rows * KEY_ROW + CHART_FOOT,
                                  .title = title,
                                  .says = p->texts.says,
                                  .draw = draw};
}
