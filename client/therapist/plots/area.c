/* Happy path: a name and the last answer large, then a small line of one area; and the total's line
 * alone for a row of the caseload. Failure: none. */
#include <math.h>

#include "client/therapist/plots/canvas.h"
#include "client/therapist/plots/figures.h"
#include "client/therapist/plots/say.h"
#include "proto/wire/must.h"

/* One value a session, drawn within a box from `min` to `max`; lower ones lie at the floor. */
struct small {
    const struct canvas *canvas;
    const struct plot_history *h;
    int area; /* Below 0: the total. */
    double left, top, width, height;
    int min, max;
};

static int value_of(const struct small *s, size_t at)
{
    const struct plot_session *session = &s->h->sessions[at];
    return s->area < 0 ? plot_total(session) : session->scores[s->area];
}

static bool is_low(const struct small *s, int value)
{
    return s->area < 0 ? plot_is_low(s->h, value) : plot_is_low_area(s->h, value);
}

static double x_of(const struct small *s, size_t at)
{
    size_t steps = s->h->count - 1;
    return steps == 0 ? s->left + s->width / 2 : s->left + s->width * (double)at / (double)steps;
}

static double y_of(const struct small *s, int value)
{
    double part = (double)(value - s->min) / (s->max - s->min);
    return s->top + s->height * (1 - fmax(part, 0));
}

static void draw_line(const struct small *s, double width)
{
    const struct canvas *v = s->canvas;
    size_t from = s->h->count;
    for (size_t i = 0; i < s->h->count; i++) {
        from = plot_is_break(s->h, i) ? s->h->count : from;
        if (value_of(s, i) == PLOT_MISSING) {
            continue;
        }
        if (from < s->h->count) {
            canvas_line(v, &v->theme->line, width, i - from > 1 ? CANVAS_DOTTED : CANVAS_SOLID,
                        x_of(s, from), y_of(s, value_of(s, from)), x_of(s, i),
                        y_of(s, value_of(s, i)));
        }
        from = i;
    }
}

static void draw_point(const struct small *s, size_t at, double radius)
{
    const struct canvas *v = s->canvas;
    int value = value_of(s, at);
    bool low = is_low(s, value);
    if (value != PLOT_MISSING) {
        canvas_mark(v, low ? CANVAS_DIAMOND : CANVAS_DOT, low ? &v->theme->low : &v->theme->line,
                    x_of(s, at), y_of(s, value), radius);
    }
}

static const enum plot_word area_names[PLOT_AREAS] = {PLOT_WORD_AREA_UNDERSTANDING,
                                                      PLOT_WORD_AREA_RELEVANCE,
                                                      PLOT_WORD_AREA_SAFETY, PLOT_WORD_AREA_FIT};

static void draw_head(const struct small *s)
{
    const struct canvas *v = s->canvas;
    const struct canvas_type name = {13, true, false, 0}, large = {22, true, false, 0};
    int last = s->h->count == 0 ? PLOT_MISSING : value_of(s, s->h->count - 1);
    char number[SAY_NUMBER];
    double base = 25 * v->unit;
    canvas_text(v, &name, &v->theme->ink, &(struct canvas_place){0, base, 0, 1},
                v->words->at[area_names[s->area]]);
    canvas_text(v, &large,
                last == PLOT_MISSING ? &v->theme->quiet
                : is_low(s, last)    ? &v->theme->low
                                     : &v->theme->ink,
                &(struct canvas_place){v->width, base + 3 * v->unit, 1, 1},
                last == PLOT_MISSING ? "\xe2\x80\x93" : say_tenths(v->words, last, false, number));
}

static void draw_grid(const struct small *s)
{
    const struct canvas *v = s->canvas;
    for (int score = s->min; score <= s->max; score += 50) {
        char number[SAY_NUMBER];
        double y = canvas_sharp(y_of(s, score));
        canvas_line(v, &v->theme->grid, 1, CANVAS_SOLID, s->left - 6 * v->unit, y, v->width, y);
        canvas_text(v, &(struct canvas_type){10.5, false, false, 0}, &v->theme->quiet,
                    &(struct canvas_place){s->left - 12 * v->unit, y, 1, 0.5},
                    say_tenths(v->words, score, true, number));
    }
}

void plot_area(cairo_t *cr, const struct plot_frame *f, const struct plot_history *h, int area)
{
    struct canvas v;
    const double u = f->scale;
    must(area >= 0 && area < PLOT_AREAS);
    canvas_begin(&v, cr, f);
    const struct small s = {.canvas = &v,
                            .h = h,
                            .area = area,
                            .left = 28 * u,
                            .top = 38 * u,
                            .width = fmax(f->width - 38 * u, 1),
                            .height = fmax(f->height - 48 * u, 1),
                            .min = 0,
                            .max = 100};
    draw_head(&s);
    draw_grid(&s);
    draw_line(&s, 1.8);
    for (size_t i = 0; i < h->count; i++) {
        bool is_last = i + 1 == h->count;
        double slot = s.width / (double)h->count;
        draw_point(&s, i, is_last ? 4.5 * u : fmin(2.4 * u, fmax(slot / 3, u)));
    }
    canvas_end(&v);
}

void plot_sparkline(cairo_t *cr, const struct plot_frame *f, const struct plot_history *h)
{
    struct canvas v;
    const double u = f->scale, rim = 5 * u;
    canvas_begin(&v, cr, f);
    const struct small s = {.canvas = &v,
                            .h = h,
                            .area = -1,
                            .left = rim,
                            .top = rim,
                            .width = fmax(f->width - 2 * rim, 1),
                            .height = fmax(f->height - 2 * rim, 1),
                            .min = 200,
                            .max = 400};
    draw_line(&s, 1.6);
    if (plot_last(h) < h->count) {
        draw_point(&s, plot_last(h), 3 * u);
    }
    canvas_end(&v);
}
