/* Happy path: head, plots, then as many lines of the table as there is room for, page by page.
 * Failure: none but memory. */
#include "client/therapist/plots/page.h"

#include <string.h>
#include <strings.h>

#include "client/therapist/plots/canvas.h"
#include "client/therapist/plots/csv_write.h"
#include "client/therapist/plots/figures.h"
#include "client/therapist/plots/paper.h"
#include "client/therapist/plots/say.h"
#include "proto/wire/must.h"

enum {
    MARGIN = 42,
    INNER = PLOT_PAGE_WIDTH - 2 * MARGIN,
    COURSE_TOP = 100,
    COURSE_HEIGHT = 220,
    AREAS_TOP = COURSE_TOP + COURSE_HEIGHT + 18,
    AREAS_HEIGHT = 80,
    AREAS_GAP = 14,
    TABLE_TOP = AREAS_TOP + AREAS_HEIGHT + 24, /* Of the first page. */
    LATER_TOP = MARGIN + 24,                   /* Of those that follow. */
    ROW = 15,
    FOOT = 44, /* From the page's end up. */
};

/* Lines below the table's head on a page of this height. */
static size_t room_for_rows(double height, double top)
{
    return (size_t)((height - FOOT - top) / ROW) - 1;
}

static size_t first_rows(void)
{
    return room_for_rows(PLOT_PAGE_HEIGHT, TABLE_TOP);
}

static size_t later_rows(void)
{
    return room_for_rows(PLOT_PAGE_HEIGHT, LATER_TOP);
}

size_t plot_page_count(const struct plot_page *p)
{
    size_t rows = p->history->count;
    return rows <= first_rows() ? 1 : 1 + (rows - first_rows() + later_rows() - 1) / later_rows();
}

/* A page being drawn: some rows of the table, and the plots on the first one. */
struct sheet {
    const struct plot_page *page;
    struct canvas canvas;
    double height;
    size_t number, count; /* Of pages, from 0. */
    size_t from, end;     /* Rows. */
};

static const struct canvas_type title_type = {18, true, false, 0},
                                text_type = {9.5, false, false, 0},
                                head_type = {9.5, true, false, 0},
                                foot_type = {8.5, false, false, 0};

static void write_at(const struct sheet *s, const struct canvas_type *type,
                     const struct plot_colour *colour, double x, double y, double across,
                     const char *text)
{
    canvas_text(&s->canvas, type, colour, &(struct canvas_place){x, y, across, 0}, text);
}

static void draw_head(const struct sheet *s)
{
    const struct plot_history *h = s->page->history;
    const struct plot_words *w = s->canvas.words;
    char first[SAY_DAY], last[SAY_DAY], span[SAY_LABEL];
    write_at(s, &title_type, &s->canvas.theme->ink, MARGIN, MARGIN - 6, 0, s->page->client);
    if (s->page->under != NULL) {
        write_at(s, &text_type, &s->canvas.theme->quiet, MARGIN, MARGIN + 18, 0, s->page->under);
    }
    if (h->count > 0) {
        (void)say_day(w, &h->sessions[0].day, true, first);
        (void)say_day(w, &h->sessions[h->count - 1].day, true, last);
        write_at(s, &text_type, &s->canvas.theme->quiet, PLOT_PAGE_WIDTH - MARGIN, MARGIN + 18, 1,
                 say_label(w, PLOT_WORD_PAGE_SPAN, (const char *const[4]){first, last}, span));
    }
    write_at(s, &head_type, &s->canvas.theme->ink, MARGIN, COURSE_TOP - 20, 0,
             w->at[PLOT_WORD_TOTAL]);
}

static void draw_plots(const struct sheet *s)
{
    const struct plot_page *p = s->page;
    struct plot_frame frame = {INNER, COURSE_HEIGHT, 0.72, p->theme, p->words};
    cairo_t *cr = s->canvas.cr;
    cairo_save(cr);
    cairo_translate(cr, MARGIN, COURSE_TOP);
    plot_course(cr, &frame, p->history);
    cairo_restore(cr);
    frame.width = (INNER - (PLOT_AREAS - 1) * AREAS_GAP) / (double)PLOT_AREAS;
    frame.height = AREAS_HEIGHT;
    frame.scale = 0.66;
    for (int area = 0; area < PLOT_AREAS; area++) {
        cairo_save(cr);
        cairo_translate(cr, MARGIN + area * (frame.width + AREAS_GAP), AREAS_TOP);
        plot_area(cr, &frame, p->history, area);
        cairo_restore(cr);
    }
}

/* Right edges, but for the date's and the marks' left ones. */
static const double column_session = MARGIN + 42, column_date = MARGIN + 58,
                    column_area = MARGIN + 210, area_apart = 68, column_total = MARGIN + 466,
                    column_marks = MARGIN + 486;

static void draw_table_head(const struct sheet *s, double y)
{
    const struct canvas *v = &s->canvas;
    const struct plot_words *w = v->words;
    const struct plot_colour *ink = &v->theme->ink;
    write_at(s, &head_type, ink, column_session, y, 1, w->at[PLOT_WORD_PAGE_SESSION]);
    write_at(s, &head_type, ink, column_date, y, 0, w->at[PLOT_WORD_PAGE_DATE]);
    for (int area = 0; area < PLOT_AREAS; area++) {
        write_at(s, &head_type, ink, column_area + area * area_apart, y, 1,
                 w->at[PLOT_WORD_AREA_UNDERSTANDING + area]);
    }
    write_at(s, &head_type, ink, column_total, y, 1, w->at[PLOT_WORD_PAGE_TOTAL]);
    canvas_line(v, &v->theme->quiet, 0.6, CANVAS_SOLID, MARGIN, y + ROW - 1.5, MARGIN + INNER,
                y + ROW - 1.5);
}

static void write_score(const struct sheet *s, int score, bool is_low, bool is_bold, double x,
                        double y)
{
    char number[SAY_NUMBER];
    const struct plot_theme *t = s->canvas.theme;
    write_at(s, is_bold ? &head_type : &text_type,
             score == PLOT_MISSING ? &t->quiet
             : is_low              ? &t->low
                                   : &t->ink,
             x, y, 1,
             score == PLOT_MISSING ? "\xe2\x80\x93"
                                   : say_tenths(s->canvas.words, score, false, number));
    if (is_low) {
        canvas_mark(&s->canvas, CANVAS_DIAMOND, &t->low, x + 8, y + 6, 2.6);
    }
}

static void draw_row(const struct sheet *s, size_t row, double y)
{
    const struct plot_history *h = s->page->history;
    const struct plot_session *session = &h->sessions[row];
    const struct canvas *v = &s->canvas;
    char number[SAY_NUMBER], day[SAY_DAY];
    int total = plot_total(session);
    double middle = y + 6, x = column_marks;
    write_at(s, &text_type, &v->theme->ink, column_session, y, 1,
             say_whole(session->number, number));
    write_at(s, &text_type, &v->theme->ink, column_date, y, 0,
             say_day(v->words, &session->day, true, day));
    for (int area = 0; area < PLOT_AREAS; area++) {
        int score = session->scores[area];
        write_score(s, score, plot_is_low_area(h, score), false, column_area + area * area_apart,
                    y);
    }
    write_score(s, total, plot_is_low(h, total), true, column_total, y);
    if (session->marks & PLOT_MARK_ALERT) {
        canvas_mark(v, CANVAS_ALERT, &v->theme->low, x + 4, middle, 3.6);
        x += 13;
    }
    if (session->marks & PLOT_MARK_REPAIR) {
        canvas_mark(v, CANVAS_REPAIR, &v->theme->good, x + 4, middle, 3.6);
    }
}

static void draw_foot(const struct sheet *s)
{
    const struct plot_words *w = s->canvas.words;
    const struct plot_colour *quiet = &s->canvas.theme->quiet;
    char day[SAY_DAY], label[SAY_LABEL], numbers[2][SAY_NUMBER];
    double y = s->height - FOOT + 14;
    write_at(s, &foot_type, quiet, MARGIN, y, 0, w->at[PLOT_WORD_PAGE_AID]);
    if (s->count > 1) {
        write_at(s, &foot_type, quiet, PLOT_PAGE_WIDTH / 2.0 + 60, y, 0.5,
                 say_label(w, PLOT_WORD_PAGE_NUMBER,
                           (const char *const[4]){say_whole((long long)s->number + 1, numbers[0]),
                                                  say_whole((long long)s->count, numbers[1])},
                           label));
    }
    (void)say_day(w, &s->page->made, true, day);
    write_at(s, &foot_type, quiet, PLOT_PAGE_WIDTH - MARGIN, y, 1,
             day[0] == '\0'
                 ? ""
                 : say_label(w, PLOT_WORD_PAGE_MADE, (const char *const[4]){day}, label));
}

static void draw_sheet(cairo_t *cr, struct sheet *s)
{
    const struct plot_theme *t = s->page->theme;
    const struct plot_frame frame = {PLOT_PAGE_WIDTH, s->height, 1, t, s->page->words};
    double y = s->number == 0 ? TABLE_TOP : LATER_TOP;
    canvas_begin(&s->canvas, cr, &frame);
    canvas_set(&s->canvas, &t->ground);
    cairo_rectangle(cr, 0, 0, PLOT_PAGE_WIDTH, s->height);
    cairo_fill(cr);
    if (s->number == 0) {
        draw_head(s);
        draw_plots(s);
    } else {
        write_at(s, &head_type, &t->quiet, MARGIN, MARGIN - 6, 0, s->page->client);
    }
    if (s->end > s->from) {
        draw_table_head(s, y);
    }
    for (size_t row = s->from; row < s->end; row++) {
        y += ROW;
        draw_row(s, row, y);
    }
    draw_foot(s);
    canvas_end(&s->canvas);
}

void plot_page_draw(cairo_t *cr, const struct plot_page *p, size_t number)
{
    size_t rows = p->history->count;
    size_t from = number == 0 ? 0 : first_rows() + (number - 1) * later_rows();
    size_t end = number == 0 ? first_rows() : from + later_rows();
    must(number < plot_page_count(p));
    struct sheet s = {.page = p,
                      .height = PLOT_PAGE_HEIGHT,
                      .number = number,
                      .count = plot_page_count(p),
                      .from = from,
                      .end = end < rows ? end : rows};
    draw_sheet(cr, &s);
}

/* ---- files ----------------------------------------------------------------------------------- */

enum plot_file plot_file_kind(const char *path)
{
    static const struct {
        const char *ending;
        enum plot_file kind;
    } kinds[] = {{".pdf", PLOT_FILE_PDF},
                 {".png", PLOT_FILE_PNG},
                 {".svg", PLOT_FILE_SVG},
                 {".csv", PLOT_FILE_CSV}};
    const char *name = strrchr(path, '/');
    name = name == NULL ? path : name + 1;
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && dot > name && i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcasecmp(dot, kinds[i].ending) == 0) {
            return kinds[i].kind;
        }
    }
    return PLOT_FILE_NONE;
}

/* All on one page, as long as it takes. */
static struct sheet one_sheet(const struct plot_page *p)
{
    double table = p->history->count == 0 ? 0 : (double)(p->history->count + 1) * ROW;
    return (struct sheet){
        .page = p, .height = TABLE_TOP + table + FOOT, .count = 1, .end = p->history->count};
}

static void draw(cairo_t *cr, const void *page, size_t number)
{
    if (number == PAPER_WHOLE) {
        struct sheet s = one_sheet(page);
        draw_sheet(cr, &s);
    } else {
        plot_page_draw(cr, page, number);
    }
}

void plot_page_render(const struct plot_page *p, enum plot_file kind, struct plot_bytes *ret_bytes)
{
    char says[PLOT_SAYS];
    must(kind != PLOT_FILE_NONE);
    *ret_bytes = (struct plot_bytes){0};
    if (kind == PLOT_FILE_CSV) {
        csv_course(ret_bytes, p->history);
        return;
    }
    const struct paper paper = {.of = p,
                                .draw = draw,
                                .pages = plot_page_count(p),
                                .whole_height = one_sheet(p).height,
                                .title = p->client,
                                .says = plot_course_says(p->history, p->words, says),
                                .made = p->made};
    paper_render(&paper, kind, ret_bytes);
}
