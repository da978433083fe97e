/* Happy path: the copy becomes a column of blocks, each measured; they are set one under the other,
 * page by page, and drawn where they were set. Failure: none but memory. */
#include "client/therapist/copy/copy_paper.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pango/pangocairo.h>

#include "client/therapist/copy/copy_words.h"
#include "client/therapist/plots/canvas.h"
#include "client/therapist/plots/paper.h"
#include "proto/wire/must.h"

enum { MARGIN = 48, INNER = PLOT_PAGE_WIDTH - 2 * MARGIN, FOOT = 46, PLOT_HEIGHT = 200 };
enum { PLOT_SESSIONS = 100, TEXT = 1024 };
enum block_kind { BLOCK_TITLE, BLOCK_HEAD, BLOCK_TEXT, BLOCK_PLOT };

struct block {
    enum block_kind kind;
    char *text; /* Ours; NULL of a plot. */
    double height, y;
    size_t page;
};

struct document {
    const struct copy *copy;
    struct block *blocks;
    size_t count, pages;
    struct plot_session *plotted;
    struct plot_history history;
};

static const struct canvas_type types[] = {
    [BLOCK_TITLE] = {18, true, false, INNER},
    [BLOCK_HEAD] = {12, true, false, INNER},
    [BLOCK_TEXT] = {9.5, false, false, INNER},
};
/* Beneath each. */
static const double gaps[] = {
    [BLOCK_TITLE] = 10, [BLOCK_HEAD] = 5, [BLOCK_TEXT] = 5, [BLOCK_PLOT] = 8};

static struct block *add(struct document *d, enum block_kind kind)
{
    d->blocks = reallocarray(d->blocks, d->count + 1, sizeof *d->blocks);
    must(d->blocks != NULL);
    d->blocks[d->count] = (struct block){.kind = kind};
    return &d->blocks[d->count++];
}

__attribute__((format(printf, 3, 4))) static void say(struct document *d, enum block_kind kind,
                                                      const char *how, ...)
{
    char text[TEXT];
    va_list values;
    va_start(values, how);
    (void)vsnprintf(text, sizeof text, how, values);
    va_end(values);
    struct block *b = add(d, kind);
    b->text = strdup(text);
    must(b->text != NULL);
    explicit_bzero(text, sizeof text);
}

/* ---- what it says ------------------------------------------------------------------------------
 */

static void say_what_it_is(struct document *d)
{
    const struct copy *c = d->copy;
    char made[COPY_TIME];
    copy_time_people(c->made_ms, made);
    say(d, BLOCK_TITLE, "Your copy");
    say(d, BLOCK_TEXT,
        "%s has kept this about you, under the pseudonym %s, in therapy with %s. Made %s.",
        c->practice, c->client, c->therapist, made);
    say(d, BLOCK_TEXT,
        "At the end of a session you rated four areas from 0 to 10: how well you felt understood, "
        "whether it was about what matters to you, whether you felt safe, and whether the way of "
        "working suited you. A total goes from 0 to 40. Nothing here is a diagnosis.");
    say(d, BLOCK_TEXT,
        "Your therapist sees the ratings, and a supervisor or colleague only where the practice "
        "has "
        "said so for a time. The practice's administration sees counts alone. Who has looked at "
        "them is kept too: ask the practice for that page.");
    say(d, BLOCK_TEXT,
        "The same is attached to this file for other programs: ratings.json, FHIR R4.");
}

static void add_score(char *text, size_t size, const char *name, int tenths)
{
    size_t len = strlen(text);
    if (tenths == COPY_MISSING) {
        (void)snprintf(text + len, size - len, "  %s -", name);
    } else {
        (void)snprintf(text + len, size - len, "  %s %d.%d", name, tenths / 10, tenths % 10);
    }
}

static void add_answer(char *text, size_t size, const char *answer)
{
    size_t len = strlen(text);
    if (answer[0] != '\0') {
        (void)snprintf(text + len, size - len, "; %s", answer);
    }
}

static void say_session(struct document *d, const struct copy_session *s)
{
    char start[COPY_TIME], text[TEXT] = "";
    copy_time_people(s->start_ms, start);
    if (!s->rated || s->skipped) {
        (void)snprintf(text, sizeof text, "  %s",
                       s->rated ? "you did not want to rate it" : "no rating");
    } else {
        for (size_t area = 0; area < COPY_AREAS; area++) {
            add_score(text, sizeof text, copy_area_word(area), s->scores[area]);
        }
        add_score(text, sizeof text, "Total", copy_total(s));
    }
    if (s->rated) {
        add_answer(text, sizeof text, copy_talk(s->talk));
        add_answer(text, sizeof text, copy_better(s->better));
        add_answer(text, sizeof text, copy_tension(s->tension));
    }
    say(d, BLOCK_TEXT, "%s  %s%s", start, s->room, text);
}

static void say_sessions(struct document *d)
{
    const struct copy *c = d->copy;
    if (d->history.count > 0) {
        say(d, BLOCK_HEAD, d->history.count < c->ratings ? "Your last totals" : "Your totals");
        (void)add(d, BLOCK_PLOT);
    }
    say(d, BLOCK_HEAD, "Every session, the oldest first: %zu, of which you answered for %zu",
        c->session_count, c->ratings);
    for (size_t i = 0; i < c->session_count; i++) {
        say_session(d, &c->sessions[i]);
    }
}

static void say_goals(struct document *d)
{
    say(d, BLOCK_HEAD, "What you agreed on: %zu", d->copy->goal_count);
    for (size_t i = 0; i < d->copy->goal_count; i++) {
        const struct copy_goal *g = &d->copy->goals[i];
        char start[COPY_TIME], end[COPY_TIME];
        copy_time_people(g->start_ms, start);
        copy_time_people(g->ended_ms, end);
        say(d, BLOCK_TEXT, "%.10s  %s: %s (%s%s%.10s)", start, copy_goal_area(g->area), g->words,
            copy_outcome(g->outcome), g->ended_ms != 0 ? ", " : "", end);
    }
}

static void say_alerts(struct document *d)
{
    const struct copy *c = d->copy;
    say(d, BLOCK_HEAD, "What %s was told because of your ratings: %zu times", c->therapist,
        c->alert_count);
    if (c->alert_count > 0) {
        say(d, BLOCK_TEXT,
            "By a rule, not by a person; each is a prompt to ask you, never a finding. What your "
            "therapist thought about it is theirs, and not in here.");
    }
    for (size_t i = 0; i < c->alert_count; i++) {
        const struct copy_alert *a = &c->alerts[i];
        char start[COPY_TIME];
        copy_time_people(a->start_ms, start);
        say(d, BLOCK_TEXT, "%s  %s: %s %s", start, copy_tier(a->tier), a->what, a->why);
    }
}

/* ---- where it stands ---------------------------------------------------------------------------
 */

static struct plot_day day_of(int64_t ms)
{
    char text[COPY_TIME]; /* "2026-11-25 …" */
    copy_time_people(ms, text);
    char *end = text;
    long year = strtol(end, &end, 10);
    long month = *end == '-' ? strtol(end + 1, &end, 10) : 0;
    long day = *end == '-' ? strtol(end + 1, &end, 10) : 0;
    return (struct plot_day){(int16_t)year, (int8_t)month, (int8_t)day};
}

/* The last ones: more than fit on a line say nothing. */
static void take_history(struct document *d)
{
    const struct copy *c = d->copy;
    size_t from = c->session_count > PLOT_SESSIONS ? c->session_count - PLOT_SESSIONS : 0;
    d->plotted = calloc(PLOT_SESSIONS, sizeof *d->plotted);
    must(d->plotted != NULL);
    for (size_t i = from; i < c->session_count; i++) {
        struct plot_session *s = &d->plotted[d->history.count++];
        *s = (struct plot_session){.number = (int)i + 1, .day = day_of(c->sessions[i].start_ms)};
        memcpy(s->scores, c->sessions[i].scores, sizeof s->scores);
    }
    d->history.sessions = d->plotted;
    d->history.cut = d->history.area_low = PLOT_MISSING; /* Lines of the practice's, not theirs. */
}

/* Down each page, a block as a whole; a head not alone at its end. */
static void set_all(struct document *d)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create(surface);
    const struct plot_frame frame = {PLOT_PAGE_WIDTH, PLOT_PAGE_HEIGHT, 1, &plot_theme_print, NULL};
    struct canvas v;
    double y = MARGIN;
    size_t page = 0;
    canvas_begin(&v, cr, &frame);
    for (size_t i = 0; i < d->count; i++) {
        struct block *b = &d->blocks[i];
        b->height = b->kind == BLOCK_PLOT ? PLOT_HEIGHT
                                          : canvas_measure(&v, &types[b->kind], b->text).height;
        double before = b->kind == BLOCK_HEAD ? 10 : 0, below = b->kind == BLOCK_HEAD ? 40 : 0;
        if (y + before + b->height + below > PLOT_PAGE_HEIGHT - FOOT && y > MARGIN) {
            page++;
            y = MARGIN;
        }
        b->page = page;
        b->y = y + before;
        y = b->y + b->height + gaps[b->kind];
    }
    d->pages = page + 1;
    canvas_end(&v);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
}

static void draw_block(const struct document *d, const struct canvas *v, const struct block *b)
{
    if (b->kind != BLOCK_PLOT) {
        canvas_text(v, &types[b->kind], &v->theme->ink, &(struct canvas_place){MARGIN, b->y, 0, 0},
                    b->text);
        return;
    }
    const struct plot_frame frame = {INNER, PLOT_HEIGHT, 0.72, v->theme, NULL};
    cairo_save(v->cr);
    cairo_translate(v->cr, MARGIN, b->y);
    plot_course(v->cr, &frame, &d->history);
    cairo_restore(v->cr);
}

static void draw(cairo_t *cr, const void *of, size_t page)
{
    const struct document *d = of;
    const struct plot_frame frame = {PLOT_PAGE_WIDTH, PLOT_PAGE_HEIGHT, 1, &plot_theme_print, NULL};
    struct canvas v;
    char number[64];
    canvas_begin(&v, cr, &frame);
    for (size_t i = 0; i < d->count; i++) {
        if (d->blocks[i].page == page) {
            draw_block(d, &v, &d->blocks[i]);
        }
    }
    (void)snprintf(number, sizeof number, "%zu of %zu", page + 1, d->pages);
    canvas_text(&v, &(struct canvas_type){8.5, false, false, 0}, &v.theme->quiet,
                &(struct canvas_place){PLOT_PAGE_WIDTH - MARGIN, PLOT_PAGE_HEIGHT - 30, 1, 0},
                number);
    canvas_end(&v);
}

void copy_paper(const struct copy *c, struct plot_bytes *b)
{
    struct document d = {.copy = c};
    take_history(&d);
    say_what_it_is(&d);
    say_sessions(&d);
    say_goals(&d);
    say_alerts(&d);
    set_all(&d);
    const struct paper paper = {.of = &d,
                                .draw = draw,
                                .pages = d.pages,
                                .title = "Your copy",
                                .says = "",
                                .made = day_of(c->made_ms)};
    paper_render(&paper, PLOT_FILE_PDF, b);
    for (size_t i = 0; i < d.count; i++) {
        if (d.blocks[i].text != NULL) {
            explicit_bzero(d.blocks[i].text, strlen(d.blocks[i].text));
        }
        free(d.blocks[i].text);
    }
    free(d.blocks);
    free(d.plotted);
}

void copy_paper_let_go(void)
{
    pango_cairo_font_map_set_default(NULL);
}
