/* Happy path: head, then each plot beneath the one before. Failure: none but memory. */
#include "client/therapist/plots/report.h"

#include "client/therapist/plots/canvas.h"
#include "client/therapist/plots/csv_write.h"
#include "client/therapist/plots/paper.h"
#include "client/therapist/plots/say.h"
#include "proto/wire/must.h"

enum {
    MARGIN = 42,
    INNER = PLOT_PAGE_WIDTH - 2 * MARGIN,
    TOP = 96,
    WEEKS_HEIGHT = 140,
    SHARES_HEIGHT = 190,
    GAP = 16,
};

static void draw_head(cairo_t *cr, const struct plot_report *r)
{
    static const struct canvas_type title = {18, true, false, 0}, text = {9.5, false, false, 0};
    const struct plot_frame frame = {PLOT_PAGE_WIDTH, PLOT_PAGE_HEIGHT, 1, r->theme, r->words};
    struct canvas canvas;
    char day[SAY_DAY];
    canvas_begin(&canvas, cr, &frame);
    canvas_set(&canvas, &r->theme->ground);
    cairo_paint(cr);
    canvas_text(&canvas, &title, &r->theme->ink, &(struct canvas_place){MARGIN, MARGIN - 6, 0, 0},
                r->title);
    if (r->under != NULL) {
        canvas_text(&canvas, &text, &r->theme->quiet,
                    &(struct canvas_place){MARGIN, MARGIN + 18, 0, 0}, r->under);
    }
    canvas_text(&canvas, &text, &r->theme->quiet,
                &(struct canvas_place){PLOT_PAGE_WIDTH - MARGIN, MARGIN + 18, 1, 0},
                say_day(canvas.words, &r->made, true, day));
    canvas_end(&canvas);
}

static void draw(cairo_t *cr, const void *report, size_t page)
{
    const struct plot_report *r = report;
    struct plot_frame frame = {INNER, WEEKS_HEIGHT, 0.72, r->theme, r->words};
    (void)page; /* There is one. */
    draw_head(cr, r);
    cairo_save(cr);
    cairo_translate(cr, MARGIN, TOP);
    for (size_t at = 0; at < r->calendar_count; at++) {
        if (r->calendars[at].count > 0) {
            plot_weeks(cr, &frame, &r->calendars[at]);
            cairo_translate(cr, 0, WEEKS_HEIGHT + GAP);
        }
    }
    frame.height = SHARES_HEIGHT;
    for (size_t at = 0; at < r->share_count; at++) {
        if (r->shares[at].count > 0) {
            plot_funnel(cr, &frame, &r->shares[at]);
            cairo_translate(cr, 0, SHARES_HEIGHT + GAP);
        }
    }
    cairo_restore(cr);
}

/* Each with its title above, and an empty line between. */
static void write_csv(const struct plot_report *r, struct plot_bytes *b)
{
    struct csv c;
    csv_init(&c, b);
    for (size_t at = 0; at < r->calendar_count; at++) {
        csv_text(&c, r->calendars[at].title);
        csv_end(&c);
        csv_weeks(b, &r->calendars[at]);
        csv_end(&c);
    }
    for (size_t at = 0; at < r->share_count; at++) {
        csv_text(&c, r->shares[at].title);
        csv_end(&c);
        csv_shares(b, &r->shares[at]);
        csv_end(&c);
    }
}

void plot_report_render(const struct plot_report *r, enum plot_file kind,
                        struct plot_bytes *ret_bytes)
{
    char says[PLOT_SAYS] = "";
    must(kind != PLOT_FILE_NONE);
    *ret_bytes = (struct plot_bytes){0};
    if (kind == PLOT_FILE_CSV) {
        write_csv(r, ret_bytes);
        return;
    }
    const struct paper paper = {
        .of = r,
        .draw = draw,
        .pages = 1,
        .whole_height = PLOT_PAGE_HEIGHT,
        .title = r->title,
        .says = r->calendar_count > 0 ? plot_weeks_says(&r->calendars[0], r->words, says) : says,
        .made = r->made};
    paper_render(&paper, kind, ret_bytes);
}
