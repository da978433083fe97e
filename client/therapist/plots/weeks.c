/* Happy path: a bar a week, or a line where there are too many for bars; its number above it where
 * there is room. Failure: none. */
#include <math.h>

#include "client/therapist/plots/canvas.h"
#include "client/therapist/plots/say.h"

enum { STEPS = 4 };

struct weeks {
    struct canvas canvas;
    const struct plot_calendar *c;
    double left, top, width, height, slot;
    double most, step; /* Of the axis on the left: counts, or percent. */
    bool has_hidden, is_share;
    struct canvas_key keys[PLOT_PARTS_MAX + 1];
    size_t key_count;
    bool keys_are_below; /* The title: there is no room beside it. */
};

/* How a stack's parts look, the lowest first; a share has the last look. */
static const enum canvas_fill looks[PLOT_PARTS_MAX] = {CANVAS_FULL, CANVAS_HATCHED, CANVAS_EMPTY};

static double x_of(const struct weeks *w, size_t at)
{
    return w->left + w->slot * ((double)at + 0.5);
}

static double y_of(const struct weeks *w, double value)
{
    return w->top + w->height * (1 - value / w->most);
}

static double sum_of(const struct plot_week *week)
{
    double sum = 0;
    for (size_t part = 0; part < PLOT_PARTS_MAX; part++) {
        sum += week->parts[part];
    }
    return sum;
}

static bool has_value(const struct weeks *w, size_t at)
{
    const struct plot_week *week = &w->c->weeks[at];
    return !week->hidden && (!w->is_share || week->of > 0);
}

static double value_of(const struct weeks *w, size_t at)
{
    const struct plot_week *week = &w->c->weeks[at];
    return w->is_share ? fmin(100.0 * week->parts[0] / week->of, 100) : sum_of(week);
}

static void look(struct weeks *w)
{
    double most = w->is_share ? 100 : STEPS;
    for (size_t i = 0; i < w->c->count; i++) {
        w->has_hidden = w->has_hidden || w->c->weeks[i].hidden;
        most = has_value(w, i) ? fmax(most, value_of(w, i)) : most;
    }
    w->step = w->is_share ? 25 : canvas_step(most, STEPS);
    w->most = w->step * ceil(most / w->step);
}

static const struct plot_colour *colour_of(const struct weeks *w, size_t part)
{
    return part == 0 && !w->is_share ? &w->canvas.theme->low : &w->canvas.theme->line;
}

static void take_keys(struct weeks *w)
{
    const struct canvas *v = &w->canvas;
    for (size_t part = 0; !w->is_share && part < PLOT_PARTS_MAX && w->c->names[part] != NULL;
         part++) {
        w->keys[w->key_count++] = (struct canvas_key){.name = w->c->names[part],
                                                      .kind = CANVAS_KEY_BOX,
                                                      .fill = looks[part],
                                                      .colour = colour_of(w, part)};
    }
    if (w->has_hidden) {
        w->keys[w->key_count++] = (struct canvas_key){.name = v->words->at[PLOT_WORD_TOO_FEW],
                                                      .kind = CANVAS_KEY_BOX,
                                                      .fill = CANVAS_ABSENT,
                                                      .colour = &v->theme->quiet};
    }
}

static const struct canvas_type title_type = {13, true, false, 0};

static double title_width(const struct weeks *w)
{
    return w->c->title == NULL ? 0 : canvas_measure(&w->canvas, &title_type, w->c->title).width;
}

static void lay_out(struct weeks *w)
{
    const double u = w->canvas.unit;
    double keys = canvas_keys_width(&w->canvas, w->keys, w->key_count);
    w->keys_are_below = keys > 0 && title_width(w) + 16 * u + keys > w->canvas.width;
    w->left = (w->is_share ? 48 : 38) * u;
    w->top = (w->keys_are_below ? 64 : 44) * u;
    w->width = fmax(w->canvas.width - w->left - 4 * u, 1);
    w->height = fmax(w->canvas.height - w->top - 26 * u, 1);
    w->slot = w->width / (double)(w->c->count == 0 ? 1 : w->c->count);
}

static void draw_head(const struct weeks *w)
{
    const struct canvas *v = &w->canvas;
    const double u = v->unit;
    double left = w->keys_are_below ? 0 : title_width(w) + 16 * u;
    if (w->c->title != NULL) {
        canvas_text(v, &title_type, &v->theme->ink, &(struct canvas_place){0, 10 * u, 0, 0.5},
                    w->c->title);
    }
    canvas_keys(v, w->keys, w->key_count, left, v->width, (w->keys_are_below ? 32 : 10) * u);
}

static void draw_grid(const struct weeks *w)
{
    const struct canvas *v = &w->canvas;
    for (int i = 0; i * w->step <= w->most; i++) {
        double value = i * w->step;
        char number[SAY_NUMBER], label[SAY_LABEL];
        const char *text = say_whole((long long)value, number);
        double y = canvas_sharp(y_of(w, value));
        canvas_line(v, &v->theme->grid, 1, CANVAS_SOLID, w->left, y, w->left + w->width, y);
        if (w->is_share) {
            text = say_label(v->words, PLOT_WORD_PERCENT, (const char *const[4]){text}, label);
        }
        canvas_text(v, &canvas_small, &v->theme->quiet,
                    &(struct canvas_place){w->left - 8 * v->unit, y, 1, 0.5}, text);
    }
}

static double bar_width(const struct weeks *w)
{
    return fmax(fmin(0.66 * w->slot, 44 * w->canvas.unit), 1);
}

static void draw_bar(const struct weeks *w, size_t at)
{
    const struct canvas *v = &w->canvas;
    const struct plot_week *week = &w->c->weeks[at];
    double width = bar_width(w), x = x_of(w, at) - width / 2, below = 0;
    if (w->is_share) {
        double y = y_of(w, value_of(w, at));
        canvas_box(v, CANVAS_FULL, &v->theme->line, x, y, width, y_of(w, 0) - y);
        return;
    }
    for (size_t part = 0; part < PLOT_PARTS_MAX; part++) {
        double bottom = y_of(w, below);
        below += week->parts[part];
        if (week->parts[part] > 0) {
            canvas_box(v, looks[part], colour_of(w, part), x, y_of(w, below), width,
                       bottom - y_of(w, below));
        }
    }
}

static bool are_lines(const struct weeks *w)
{
    return w->is_share && w->slot < 9 * w->canvas.unit;
}

/* Where there is no value the line is broken; a value between two such is a dot. */
static void draw_line(const struct weeks *w)
{
    const struct canvas *v = &w->canvas;
    for (size_t i = 0; i < w->c->count; i++) {
        bool before = i > 0 && has_value(w, i - 1);
        bool after = i + 1 < w->c->count && has_value(w, i + 1);
        if (has_value(w, i) && before) {
            canvas_line(v, &v->theme->line, 2, CANVAS_SOLID, x_of(w, i - 1),
                        y_of(w, value_of(w, i - 1)), x_of(w, i), y_of(w, value_of(w, i)));
        }
        if (has_value(w, i) && !before && !after) {
            canvas_mark(v, CANVAS_DOT, &v->theme->line, x_of(w, i), y_of(w, value_of(w, i)),
                        2 * v->unit);
        }
    }
}

static void draw_number(const struct weeks *w, size_t at)
{
    const struct canvas *v = &w->canvas;
    bool is_last = at + 1 == w->c->count;
    const struct canvas_type type = {11.5, is_last, true, 0};
    char number[SAY_NUMBER];
    const char *text = say_whole(lround(value_of(w, at)), number);
    if (is_last || w->slot >= 30 * v->unit) {
        canvas_text(
            v, &type, is_last ? &v->theme->ink : &v->theme->quiet,
            &(struct canvas_place){x_of(w, at), y_of(w, value_of(w, at)) - 3 * v->unit, 0.5, 1},
            text);
    }
}

/* What is not shown has a dotted column, a week in which nothing was held a stroke. */
static void draw_absent(const struct weeks *w, size_t at)
{
    const struct canvas *v = &w->canvas;
    double width = bar_width(w), half = fmax(width / 4, 2 * v->unit);
    double x = x_of(w, at), bottom = y_of(w, 0);
    if (w->c->weeks[at].hidden) {
        canvas_box(v, CANVAS_ABSENT, &v->theme->quiet, x - width / 2, w->top, width, w->height);
    } else {
        canvas_line(v, &v->theme->quiet, 1.5, CANVAS_SOLID, x - half, bottom - 4 * v->unit,
                    x + half, bottom - 4 * v->unit);
    }
}

static void draw_days(const struct weeks *w)
{
    const struct canvas *v = &w->canvas;
    double stride = ceil(56 * v->unit / w->slot);
    size_t step = stride < 1 ? 1 : (size_t)stride;
    for (size_t i = 0; i < w->c->count; i++) {
        char day[SAY_DAY];
        if ((w->c->count - 1 - i) % step != 0) {
            continue;
        }
        const char *text = say_day(v->words, &w->c->weeks[i].monday, false, day);
        canvas_text(v, &canvas_small, &v->theme->quiet,
                    &(struct canvas_place){x_of(w, i), y_of(w, 0) + 6 * v->unit, 0.5, 0}, text);
    }
}

void plot_weeks(cairo_t *cr, const struct plot_frame *f, const struct plot_calendar *c)
{
    struct weeks w = {.c = c, .is_share = c->kind == PLOT_WEEKS_SHARE};
    canvas_begin(&w.canvas, cr, f);
    look(&w);
    take_keys(&w);
    lay_out(&w);
    draw_head(&w);
    draw_grid(&w);
    if (are_lines(&w)) {
        draw_line(&w);
    }
    for (size_t i = 0; i < c->count; i++) {
        if (!has_value(&w, i)) {
            draw_absent(&w, i);
        } else if (!are_lines(&w)) {
            draw_bar(&w, i);
        }
    }
    for (size_t i = 0; i < c->count; i++) {
        if (has_value(&w, i)) {
            draw_number(&w, i);
        }
    }
    draw_days(&w);
    canvas_end(&w.canvas);
}
