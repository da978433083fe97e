/* Happy path: grid, band and cut, then the line piece by piece, then points with their numbers,
 * then what stands below: marks, sessions, dates. Failure: none; with too little room words are
 * left out. */
#include <math.h>

#include "client/therapist/plots/canvas.h"
#include "client/therapist/plots/figures.h"
#include "client/therapist/plots/say.h"

enum { TOTAL_MAX = 400, GRID_STEP = 100 };

struct course {
    struct canvas canvas;
    const struct plot_history *h;
    double left, top, width, height; /* Of the panel. */
    double slot;                     /* From session to session. */
    double below;                    /* The panel's end, where the words below begin. */
    bool has_band, has_low;
    unsigned marks; /* Of all sessions. */
};

static double x_of(const struct course *c, size_t at)
{
    return c->left + c->slot * ((double)at + 0.5);
}

static double y_of(const struct course *c, int total)
{
    return c->top + c->height * (1 - (double)total / TOTAL_MAX);
}

static bool has_band(const struct course *c, size_t at)
{
    return at < c->h->count && c->h->spread != PLOT_MISSING && plot_usual(c->h, at) != PLOT_MISSING;
}

static void look(struct course *c)
{
    for (size_t i = 0; i < c->h->count; i++) {
        c->marks |= c->h->sessions[i].marks;
        c->has_low = c->has_low || plot_is_low(c->h, plot_total(&c->h->sessions[i]));
        c->has_band =
            c->has_band || (c->h->spread != PLOT_MISSING && plot_usual(c->h, i) != PLOT_MISSING);
    }
}

static bool spans_years(const struct plot_history *h)
{
    return h->count > 0 && h->sessions[0].day.year != h->sessions[h->count - 1].day.year;
}

static const char *cut_label(const struct course *c, char room[SAY_LABEL])
{
    char number[SAY_NUMBER];
    return say_label(c->canvas.words, PLOT_WORD_CUT,
                     (const char *const[4]){say_tenths(c->canvas.words, c->h->cut, true, number)},
                     room);
}

/* The cut's label stands right of the panel, on one line where there is room, else on two. */
static struct canvas_type cut_type(const struct course *c)
{
    const double u = c->canvas.unit;
    return (struct canvas_type){11.5, true, false, c->canvas.width < 560 * u ? 80 * u : 0};
}

static void lay_out(struct course *c)
{
    const double u = c->canvas.unit;
    char room[SAY_LABEL];
    double right = 8 * u, keys = c->has_band || c->has_low || c->marks != 0 ? 22 * u : 0;
    double words = (38 + (spans_years(c->h) ? 15 : 0) + (c->marks != 0 ? 20 : 0)) * u;
    if (c->h->cut != PLOT_MISSING) {
        struct canvas_type type = cut_type(c);
        right = canvas_measure(&c->canvas, &type, cut_label(c, room)).width + 12 * u;
    }
    c->left = 34 * u;
    c->top = keys + 26 * u; /* The last number, large, has room above a total of 40. */
    c->width = fmax(c->canvas.width - c->left - right, 1);
    c->height = fmax(c->canvas.height - c->top - words, 1);
    c->slot = c->width / (double)(c->h->count == 0 ? 1 : c->h->count);
    c->below = c->top + c->height;
}

/* ---- what lies beneath ----------------------------------------------------------------------- */

static void draw_grid(const struct course *c)
{
    const struct canvas *v = &c->canvas;
    for (int total = 0; total <= TOTAL_MAX; total += GRID_STEP) {
        char number[SAY_NUMBER];
        double y = canvas_sharp(y_of(c, total));
        canvas_line(v, &v->theme->grid, 1, CANVAS_SOLID, c->left, y, c->left + c->width, y);
        canvas_text(v, &canvas_small, &v->theme->quiet,
                    &(struct canvas_place){c->left - 8 * v->unit, y, 1, 0.5},
                    say_tenths(v->words, total, true, number));
    }
}

/* Its edge at a session, above or below what is usual. */
static double band_y(const struct course *c, size_t at, int away)
{
    int edge = plot_usual(c->h, at) + away;
    return y_of(c, edge < 0 ? 0 : edge > TOTAL_MAX ? TOTAL_MAX : edge);
}

/* From the first to the last of sessions in a row that have one, and half a slot beyond. */
static void draw_band_part(const struct course *c, size_t first, size_t last)
{
    const struct canvas *v = &c->canvas;
    const double half = c->slot / 2;
    cairo_move_to(v->cr, x_of(c, first) - half, band_y(c, first, c->h->spread));
    for (size_t i = first; i <= last; i++) {
        cairo_line_to(v->cr, x_of(c, i), band_y(c, i, c->h->spread));
    }
    cairo_line_to(v->cr, x_of(c, last) + half, band_y(c, last, c->h->spread));
    cairo_line_to(v->cr, x_of(c, last) + half, band_y(c, last, -c->h->spread));
    for (size_t i = last + 1; i-- > first;) {
        cairo_line_to(v->cr, x_of(c, i), band_y(c, i, -c->h->spread));
    }
    cairo_line_to(v->cr, x_of(c, first) - half, band_y(c, first, -c->h->spread));
    cairo_close_path(v->cr);
    canvas_set(v, &v->theme->band);
    cairo_fill(v->cr);
}

static void draw_band(const struct course *c)
{
    for (size_t i = 0, end; i < c->h->count; i = end) {
        end = i + 1;
        if (!has_band(c, i)) {
            continue;
        }
        while (has_band(c, end) && !plot_is_break(c->h, end)) {
            end++;
        }
        draw_band_part(c, i, end - 1);
    }
}

static void draw_cut(const struct course *c)
{
    const struct canvas *v = &c->canvas;
    struct canvas_type type = cut_type(c);
    char room[SAY_LABEL];
    if (c->h->cut == PLOT_MISSING) {
        return;
    }
    double y = canvas_sharp(y_of(c, c->h->cut)), end = c->left + c->width;
    canvas_line(v, &v->theme->low, 1.2, CANVAS_DASHED, c->left, y, end, y);
    canvas_text(v, &type, &v->theme->low, &(struct canvas_place){end + 6 * v->unit, y, 0, 0.5},
                cut_label(c, room));
}

/* A line each; its words where they have room and do not run into those before. */
static void draw_breaks(const struct course *c)
{
    const struct canvas *v = &c->canvas;
    const double away = 6 * v->unit;
    const char *words = v->words->at[PLOT_WORD_NEW_WORDING];
    double width = canvas_measure(v, &canvas_small, words).width, taken = 0;
    for (size_t i = 0; i < c->h->count; i++) {
        if (!plot_is_break(c->h, i)) {
            continue;
        }
        double x = canvas_sharp(x_of(c, i) - c->slot / 2);
        bool is_right = x + away + width <= c->left + c->width;
        double from = is_right ? x + away : x - away - width;
        canvas_line(v, &v->theme->quiet, 1, CANVAS_DOTTED, x, c->top, x, c->below);
        if (from >= taken) {
            canvas_text(v, &(struct canvas_type){11.5, false, true, 0}, &v->theme->quiet,
                        &(struct canvas_place){from, c->below - 22 * v->unit, 0, 1}, words);
            taken = from + width + away;
        }
    }
}

/* ---- the series ------------------------------------------------------------------------------ */

/* From each total to the next; dotted over what was not rated; not over a break. */
static void draw_line(const struct course *c)
{
    const struct canvas *v = &c->canvas;
    size_t from = c->h->count;
    for (size_t i = 0; i < c->h->count; i++) {
        int total = plot_total(&c->h->sessions[i]);
        if (plot_is_break(c->h, i)) {
            from = c->h->count;
        }
        if (total == PLOT_MISSING) {
            continue;
        }
        if (from < c->h->count) {
            canvas_line(v, &v->theme->line, 2.2, i - from > 1 ? CANVAS_DOTTED : CANVAS_SOLID,
                        x_of(c, from), y_of(c, plot_total(&c->h->sessions[from])), x_of(c, i),
                        y_of(c, total));
        }
        from = i;
    }
}

/* Low numbers stand below their points and others above, so that none crosses the cut. */
static void draw_number(const struct course *c, size_t at, int total)
{
    const struct canvas *v = &c->canvas;
    bool is_last = at == plot_last(c->h), is_low = plot_is_low(c->h, total);
    const struct canvas_type type = {is_last ? 17 : 11.5, is_last, true, 0};
    char number[SAY_NUMBER];
    const char *text = say_tenths(v->words, total, false, number);
    struct canvas_size size = canvas_measure(v, &type, text);
    double away = (is_last ? 10 : 8) * v->unit, y = y_of(c, total);
    bool is_below = is_low && y + away + size.height <= c->below;
    canvas_text(v, &type,
                is_low    ? &v->theme->low
                : is_last ? &v->theme->ink
                          : &v->theme->quiet,
                &(struct canvas_place){x_of(c, at), is_below ? y + away : y - away, 0.5, !is_below},
                text);
}

static void draw_points(const struct course *c)
{
    const struct canvas *v = &c->canvas;
    double radius = fmax(fmin(4.5 * v->unit, c->slot / 3), 1.5 * v->unit);
    for (size_t i = 0; i < c->h->count; i++) {
        int total = plot_total(&c->h->sessions[i]);
        bool is_low = plot_is_low(c->h, total);
        if (total == PLOT_MISSING) {
            continue;
        }
        canvas_mark(v, is_low ? CANVAS_DIAMOND : CANVAS_DOT,
                    is_low ? &v->theme->low : &v->theme->line, x_of(c, i), y_of(c, total),
                    i == plot_last(c->h) ? 1.3 * radius : radius);
    }
}

/* The last one's always; of the others each that has room, or where there is little those with a
 * mark. */
static void draw_numbers(const struct course *c)
{
    const double apart = 36 * c->canvas.unit, large = 48 * c->canvas.unit;
    size_t last = plot_last(c->h);
    double taken = -apart;
    for (size_t i = 0; i < last; i++) {
        int total = plot_total(&c->h->sessions[i]);
        bool is_wanted = c->slot >= apart || c->h->sessions[i].marks != 0;
        if (total != PLOT_MISSING && is_wanted && x_of(c, i) - taken >= apart &&
            (c->slot >= apart || x_of(c, last) - x_of(c, i) >= large)) {
            draw_number(c, i, total);
            taken = x_of(c, i);
        }
    }
    if (last < c->h->count) {
        draw_number(c, last, plot_total(&c->h->sessions[last]));
    }
}

/* Sessions in a row without a rating: once in words where they fit, else a stroke each. */
static void draw_not_rated(const struct course *c)
{
    const struct canvas *v = &c->canvas;
    const char *words = v->words->at[PLOT_WORD_NO_RATING];
    double width = canvas_measure(v, &canvas_small, words).width, y = c->below - 4 * v->unit;
    for (size_t i = 0, end; i < c->h->count; i = end) {
        end = i + 1;
        if (plot_total(&c->h->sessions[i]) != PLOT_MISSING) {
            continue;
        }
        while (end < c->h->count && plot_total(&c->h->sessions[end]) == PLOT_MISSING) {
            end++;
        }
        double middle = (x_of(c, i) + x_of(c, end - 1)) / 2;
        if (c->slot * ((double)(end - i) + 0.4) >= width) {
            canvas_text(v, &canvas_small, &v->theme->quiet,
                        &(struct canvas_place){middle, y, 0.5, 1}, words);
            continue;
        }
        for (size_t at = i; at < end; at++) {
            double x = x_of(c, at), stroke = fmin(4 * v->unit, c->slot / 3);
            canvas_line(v, &v->theme->quiet, 1.5, CANVAS_SOLID, x - stroke, y, x + stroke, y);
        }
    }
}

/* ---- below and above ------------------------------------------------------------------------- */

static void draw_marks(const struct course *c)
{
    const struct canvas *v = &c->canvas;
    double y = c->below + 11 * v->unit;
    for (size_t i = 0; i < c->h->count; i++) {
        unsigned marks = c->h->sessions[i].marks;
        bool are_both = (marks & PLOT_MARK_ALERT) && (marks & PLOT_MARK_REPAIR);
        double radius = fmax(fmin(5 * v->unit, c->slot / 3), 2 * v->unit);
        double apart = are_both ? 1.4 * radius : 0;
        if (marks & PLOT_MARK_ALERT) {
            canvas_mark(v, CANVAS_ALERT, &v->theme->low, x_of(c, i) - apart, y, radius);
        }
        if (marks & PLOT_MARK_REPAIR) {
            canvas_mark(v, CANVAS_REPAIR, &v->theme->good, x_of(c, i) + apart, y, radius);
        }
    }
}

/* So many sessions from one word to the next that they have room, counted back from the last. */
static size_t stride(const struct course *c, double room)
{
    double n = ceil(room / c->slot);
    return n < 1 ? 1 : (size_t)n;
}

static void draw_axis(const struct course *c)
{
    const struct canvas *v = &c->canvas;
    const double u = v->unit;
    double y = c->below + (c->marks != 0 ? 22 : 4) * u;
    char number[SAY_NUMBER], day[SAY_DAY];
    const char *last =
        c->h->count == 0 ? "" : say_whole(c->h->sessions[c->h->count - 1].number, number);
    double widest = canvas_measure(v, &(struct canvas_type){13, true, false, 0}, last).width;
    size_t numbers = stride(c, fmax(26 * u, widest + 8 * u)), dates = stride(c, 56 * u);
    int year = spans_years(c->h) ? 0 : c->h->count > 0 ? c->h->sessions[0].day.year : 0;
    for (size_t i = 0; i < c->h->count; i++) {
        const struct plot_session *s = &c->h->sessions[i];
        size_t back = c->h->count - 1 - i;
        const struct canvas_type type = {13, back == 0, false, 0};
        if (back % numbers == 0) {
            canvas_text(v, &type, back == 0 ? &v->theme->ink : &v->theme->quiet,
                        &(struct canvas_place){x_of(c, i), y, 0.5, 0},
                        say_whole(s->number, number));
        }
        if (back % dates == 0) {
            canvas_text(v, &canvas_small, &v->theme->quiet,
                        &(struct canvas_place){x_of(c, i), y + 17 * u, 0.5, 0},
                        say_day(v->words, &s->day, false, day));
        }
        if (back % dates == 0 && s->day.year != 0 && s->day.year != year) {
            canvas_text(v, &canvas_small, &v->theme->quiet,
                        &(struct canvas_place){x_of(c, i), y + 32 * u, 0.5, 0},
                        say_whole(s->day.year, number));
            year = s->day.year;
        }
    }
}

static void draw_keys(const struct course *c)
{
    const struct plot_theme *t = c->canvas.theme;
    const char *const *words = c->canvas.words->at;
    struct canvas_key keys[4];
    size_t count = 0;
    if (c->has_band) {
        keys[count++] = (struct canvas_key){.name = words[PLOT_WORD_USUAL],
                                            .kind = CANVAS_KEY_BOX,
                                            .fill = CANVAS_FULL,
                                            .colour = &t->band};
    }
    if (c->has_low) {
        keys[count++] = (struct canvas_key){
            .name = words[PLOT_WORD_BELOW_CUT], .mark = CANVAS_DIAMOND, .colour = &t->low};
    }
    if (c->marks & PLOT_MARK_ALERT) {
        keys[count++] = (struct canvas_key){
            .name = words[PLOT_WORD_ALERT], .mark = CANVAS_ALERT, .colour = &t->low};
    }
    if (c->marks & PLOT_MARK_REPAIR) {
        keys[count++] = (struct canvas_key){
            .name = words[PLOT_WORD_REPAIR], .mark = CANVAS_REPAIR, .colour = &t->good};
    }
    canvas_keys(&c->canvas, keys, count, 0, c->left + c->width, 9 * c->canvas.unit);
}

void plot_course(cairo_t *cr, const struct plot_frame *f, const struct plot_history *h)
{
    struct course c = {.h = h};
    canvas_begin(&c.canvas, cr, f);
    look(&c);
    lay_out(&c);
    draw_band(&c);
    draw_grid(&c);
    draw_cut(&c);
    draw_breaks(&c);
    draw_line(&c);
    draw_not_rated(&c);
    draw_points(&c);
    draw_numbers(&c);
    draw_marks(&c);
    draw_axis(&c);
    draw_keys(&c);
    if (plot_last(h) == h->count) {
        const struct canvas_type type = {13, false, true, c.width};
        canvas_text(&c.canvas, &type, &f->theme->quiet,
                    &(struct canvas_place){c.left + c.width / 2, c.top + c.height / 2, 0.5, 0.5},
                    c.canvas.words->at[PLOT_WORD_NOTHING_YET]);
    }
    canvas_end(&c.canvas);
}
