/* Happy path: the limits as curves, everyone's share as a line, a dot a therapist. Failure: none;
 * with nobody to compare that is said. */
#include <math.h>

#include "client/therapist/plots/canvas.h"
#include "client/therapist/plots/figures.h"
#include "client/therapist/plots/say.h"

enum { CURVE_POINTS = 120, CURVE_FROM = 10, STEPS = 5, PERCENT_STEP = 25, CODES_MAX = 200 };

struct funnel {
    struct canvas canvas;
    const struct plot_shares *s;
    double left, top, width, height;
    double most, step; /* Of the axis below. */
    int low, high;     /* Percent: the axis on the left. */
    size_t compared;
    struct code { /* Written. */
        double x, y, width;
    } codes[CODES_MAX];
    size_t code_count;
};

static double x_of(const struct funnel *f, double of)
{
    return f->left + f->width * of / f->most;
}

static double y_of(const struct funnel *f, double share)
{
    return f->top + f->height * (f->high - 100 * share) / (f->high - f->low);
}

static bool is_compared(const struct plot_dot *d)
{
    return d->of >= PLOT_RATINGS_MIN;
}

/* The axes: from where the limits of the fewest that are compared begin, and every dot is within.
 */
static void look(struct funnel *f)
{
    struct plot_limits widest;
    double most = 2 * PLOT_RATINGS_MIN;
    plot_limits_take(PLOT_RATINGS_MIN, f->s->share, &widest);
    double low = widest.low_998, high = widest.high_998;
    for (size_t i = 0; i < f->s->count; i++) {
        const struct plot_dot *d = &f->s->dots[i];
        if (is_compared(d)) {
            most = fmax(most, d->of);
            low = fmin(low, plot_dot_share(d));
            high = fmax(high, plot_dot_share(d));
            f->compared++;
        }
    }
    f->low = PERCENT_STEP * (int)floor(100 * low / PERCENT_STEP);
    f->high = PERCENT_STEP * (int)ceil(100 * high / PERCENT_STEP);
    f->high = f->high == f->low ? f->low + PERCENT_STEP : f->high;
    f->step = canvas_step(most, STEPS);
    f->most = f->step * ceil(most / f->step);
}

static const char *all_label(const struct funnel *f, char room[SAY_LABEL])
{
    char number[SAY_NUMBER];
    return say_label(f->canvas.words, PLOT_WORD_ALL_TOGETHER,
                     (const char *const[4]){say_percent(f->s->share, number)}, room);
}

static void lay_out(struct funnel *f)
{
    const double u = f->canvas.unit;
    char room[SAY_LABEL];
    double right = canvas_measure(&f->canvas, &canvas_small, all_label(f, room)).width + 12 * u;
    f->left = 48 * u;
    f->top = 34 * u;
    f->width = fmax(f->canvas.width - f->left - right, 1);
    f->height = fmax(f->canvas.height - f->top - 44 * u, 1);
}

static void draw_axes(const struct funnel *f)
{
    const struct canvas *v = &f->canvas;
    const double u = v->unit, bottom = f->top + f->height;
    char number[SAY_NUMBER], label[SAY_LABEL];
    for (int percent = f->low; percent <= f->high; percent += PERCENT_STEP) {
        double y = canvas_sharp(y_of(f, percent / 100.0));
        canvas_line(v, &v->theme->grid, 1, CANVAS_SOLID, f->left, y, f->left + f->width, y);
        canvas_text(v, &canvas_small, &v->theme->quiet,
                    &(struct canvas_place){f->left - 8 * u, y, 1, 0.5},
                    say_label(v->words, PLOT_WORD_PERCENT,
                              (const char *const[4]){say_whole(percent, number)}, label));
    }
    for (int i = 0; i * f->step <= f->most; i++) {
        double of = i * f->step;
        canvas_text(v, &canvas_small, &v->theme->quiet,
                    &(struct canvas_place){x_of(f, of), bottom + 5 * u, 0.5, 0},
                    say_whole((long long)of, number));
    }
    canvas_text(v, &canvas_small, &v->theme->quiet,
                &(struct canvas_place){f->left + f->width / 2, bottom + 24 * u, 0.5, 0},
                f->s->per_what);
}

enum limit { LOW_95, HIGH_95, LOW_998, HIGH_998, LIMITS };

static double limit_at(uint32_t of, double share, enum limit which)
{
    struct plot_limits l;
    plot_limits_take(of, share, &l);
    return which == LOW_95    ? l.low_95
           : which == HIGH_95 ? l.high_95
           : which == LOW_998 ? l.low_998
                              : l.high_998;
}

static void draw_limits(const struct funnel *f)
{
    const struct canvas *v = &f->canvas;
    double end = f->left + f->width, y = canvas_sharp(y_of(f, f->s->share));
    char room[SAY_LABEL];
    cairo_save(v->cr);
    cairo_rectangle(v->cr, f->left, f->top, f->width, f->height);
    cairo_clip(v->cr);
    for (enum limit which = LOW_95; which < LIMITS; which++) {
        canvas_set(v, &v->theme->quiet);
        canvas_set_dash(v, which == LOW_95 || which == HIGH_95 ? CANVAS_DASHED : CANVAS_SOLID);
        cairo_set_line_width(v->cr, 1.2 * v->unit);
        for (int i = 0; i <= CURVE_POINTS; i++) {
            uint32_t of = (uint32_t)lround(CURVE_FROM + (f->most - CURVE_FROM) * i / CURVE_POINTS);
            cairo_line_to(v->cr, x_of(f, of), y_of(f, limit_at(of, f->s->share, which)));
        }
        cairo_stroke(v->cr);
    }
    cairo_restore(v->cr);
    canvas_line(v, &v->theme->line, 1.6, CANVAS_SOLID, f->left, y, end, y);
    canvas_text(v, &canvas_small, &v->theme->quiet,
                &(struct canvas_place){end + 6 * v->unit, y, 0, 0.5}, all_label(f, room));
}

static void draw_dot(const struct funnel *f, const struct plot_dot *d)
{
    static const enum canvas_mark marks[] = {[PLOT_WITHIN] = CANVAS_DOT,
                                             [PLOT_OUTSIDE_95] = CANVAS_DIAMOND,
                                             [PLOT_OUTSIDE_998] = CANVAS_TARGET};
    const struct canvas *v = &f->canvas;
    enum plot_place place = plot_dot_place(d, f->s->share);
    canvas_mark(v, marks[place], place == PLOT_WITHIN ? &v->theme->line : &v->theme->ink,
                x_of(f, d->of), y_of(f, plot_dot_share(d)), 4.5 * v->unit);
}

/* Whether dots lie where a code would be written. */
static bool is_covered(const struct funnel *f, double x, double y, double width)
{
    double half = 10 * f->canvas.unit;
    for (size_t i = 0; i < f->s->count; i++) {
        const struct plot_dot *d = &f->s->dots[i];
        double dot_x = x_of(f, d->of), dot_y = y_of(f, plot_dot_share(d));
        if (is_compared(d) && dot_x > x - half && dot_x < x + width + half &&
            fabs(dot_y - y) < 1.6 * half) {
            return true;
        }
    }
    return false;
}

/* Whether a code was written there. */
static bool is_written(const struct funnel *f, double x, double y, double width)
{
    double line = 13 * f->canvas.unit;
    for (size_t i = 0; i < f->code_count; i++) {
        const struct code *c = &f->codes[i];
        if (x < c->x + c->width && c->x < x + width && fabs(c->y - y) < line) {
            return true;
        }
    }
    return false;
}

/* Beside its dot, or beside and above or below it, where neither a dot lies nor a code was written.
 * Where there is no such place it is left out, never a dot. */
static void draw_code(struct funnel *f, const struct plot_dot *d)
{
    static const struct {
        int side, line;
    } places[] = {{1, 0}, {-1, 0}, {1, -1}, {1, 1}, {-1, -1}, {-1, 1}};
    const struct canvas *v = &f->canvas;
    const struct canvas_type type = {11.5, true, true, 0};
    double away = 11 * v->unit, clear = 5 * v->unit; /* Past the dot itself. */
    double width = canvas_measure(v, &type, d->code).width;
    const size_t count = sizeof places / sizeof places[0];
    for (size_t at = 0; at < count && f->code_count < CODES_MAX; at++) {
        int side = places[at].side;
        double x = x_of(f, d->of) + side * away - (side < 0 ? width : 0);
        double y = y_of(f, plot_dot_share(d)) + places[at].line * 12 * v->unit;
        bool is_inside = x >= f->left && x + width <= v->width;
        bool is_free = !is_covered(f, x + side * clear, y, width);
        if (is_inside && is_free && !is_written(f, x, y, width)) {
            f->codes[f->code_count++] = (struct code){x, y, width};
            canvas_text(v, &type, &v->theme->ink, &(struct canvas_place){x, y, 0, 0.5}, d->code);
            return;
        }
    }
}

static void draw_head(const struct funnel *f)
{
    const struct canvas *v = &f->canvas;
    const struct canvas_type bold = {13, true, false, 0};
    const struct canvas_key keys[] = {{.name = v->words->at[PLOT_WORD_LIMITS_95],
                                       .kind = CANVAS_KEY_LINE,
                                       .dash = CANVAS_DASHED,
                                       .colour = &v->theme->quiet},
                                      {.name = v->words->at[PLOT_WORD_LIMITS_998],
                                       .kind = CANVAS_KEY_LINE,
                                       .colour = &v->theme->quiet}};
    double left = 0;
    if (f->s->title != NULL) {
        canvas_text(v, &bold, &v->theme->ink, &(struct canvas_place){0, 10 * v->unit, 0, 0.5},
                    f->s->title);
        left = canvas_measure(v, &bold, f->s->title).width + 16 * v->unit;
    }
    canvas_keys(v, keys, sizeof keys / sizeof keys[0], left, v->width, 10 * v->unit);
}

void plot_funnel(cairo_t *cr, const struct plot_frame *frame, const struct plot_shares *s)
{
    struct funnel f = {.s = s};
    canvas_begin(&f.canvas, cr, frame);
    look(&f);
    lay_out(&f);
    draw_head(&f);
    draw_axes(&f);
    draw_limits(&f);
    for (size_t i = 0; i < s->count; i++) {
        if (is_compared(&s->dots[i])) {
            draw_dot(&f, &s->dots[i]);
        }
    }
    for (size_t i = 0; i < s->count; i++) {
        if (is_compared(&s->dots[i]) && s->dots[i].code != NULL) {
            draw_code(&f, &s->dots[i]);
        }
    }
    if (f.compared == 0) {
        const struct canvas_type type = {13, false, true, f.width};
        canvas_text(&f.canvas, &type, &frame->theme->quiet,
                    &(struct canvas_place){f.left + f.width / 2, f.top + f.height / 2, 0.5, 0.5},
                    f.canvas.words->at[PLOT_WORD_NOBODY]);
    }
    canvas_end(&f.canvas);
}
