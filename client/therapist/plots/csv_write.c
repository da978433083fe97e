/* Happy path: field by field, a comma before all but the first of a line. Failure: none. */
#include "client/therapist/plots/csv_write.h"

#include <stdio.h>
#include <string.h>

#include "client/therapist/plots/figures.h"

void csv_init(struct csv *c, struct plot_bytes *to)
{
    *c = (struct csv){.to = to};
}

static void begin(struct csv *c)
{
    if (c->is_begun) {
        plot_bytes_add_text(c->to, ",");
    }
    c->is_begun = true;
}

static bool is_formula(const char *text)
{
    return *text != '\0' && strchr("=+-@\t\r", *text) != NULL;
}

void csv_text(struct csv *c, const char *text)
{
    begin(c);
    text = text == NULL ? "" : text;
    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        plot_bytes_add_text(c->to, is_formula(text) ? "'" : "");
        plot_bytes_add_text(c->to, text);
        return;
    }
    plot_bytes_add_text(c->to, is_formula(text) ? "\"'" : "\"");
    for (; *text != '\0'; text++) {
        plot_bytes_add(c->to, "\"\"", *text == '"' ? 1 : 0);
        plot_bytes_add(c->to, text, 1);
    }
    plot_bytes_add_text(c->to, "\"");
}

static void csv_whole(struct csv *c, long long number)
{
    char text[32];
    begin(c);
    (void)snprintf(text, sizeof text, "%lld", number);
    plot_bytes_add_text(c->to, text);
}

/* "7.9"; PLOT_MISSING: an empty field. */
static void csv_tenths(struct csv *c, int tenths)
{
    char text[32] = "";
    begin(c);
    if (tenths != PLOT_MISSING) {
        (void)snprintf(text, sizeof text, "%d.%d", tenths / 10, tenths % 10);
    }
    plot_bytes_add_text(c->to, text);
}

/* "2026-05-07"; an empty field of a day not known. */
static void csv_day(struct csv *c, const struct plot_day *day)
{
    char text[32] = "";
    begin(c);
    if (day->year != 0) {
        (void)snprintf(text, sizeof text, "%04d-%02d-%02d", day->year, day->month, day->day);
    }
    plot_bytes_add_text(c->to, text);
}

void csv_end(struct csv *c)
{
    plot_bytes_add_text(c->to, "\r\n");
    c->is_begun = false;
}

void csv_course(struct plot_bytes *to, const struct plot_history *h)
{
    struct csv c;
    const char *instrument = NULL;
    csv_init(&c, to);
    plot_bytes_add_text(to,
                        "session,date,understanding,relevance,safety,fit,total,usual,instrument,"
                        "alert,repaired\r\n");
    for (size_t i = 0; i < h->count; i++) {
        const struct plot_session *s = &h->sessions[i];
        csv_whole(&c, s->number);
        csv_day(&c, &s->day);
        for (int area = 0; area < PLOT_AREAS; area++) {
            csv_tenths(&c, s->scores[area]);
        }
        csv_tenths(&c, plot_total(s));
        csv_tenths(&c, plot_usual(h, i));
        instrument = s->instrument == NULL ? instrument : s->instrument;
        csv_text(&c, instrument);
        csv_text(&c, s->marks & PLOT_MARK_ALERT ? "yes" : "");
        csv_text(&c, s->marks & PLOT_MARK_REPAIR ? "yes" : "");
        csv_end(&c);
    }
}

void csv_shares(struct plot_bytes *to, const struct plot_shares *s)
{
    struct csv c;
    csv_init(&c, to);
    plot_bytes_add_text(to, "code,part,of\r\n");
    for (size_t i = 0; i < s->count; i++) {
        if (s->dots[i].of >= PLOT_RATINGS_MIN) {
            csv_text(&c, s->dots[i].code);
            csv_whole(&c, s->dots[i].part);
            csv_whole(&c, s->dots[i].of);
            csv_end(&c);
        }
    }
}

static void week_figures(struct csv *c, const struct plot_calendar *calendar,
                         const struct plot_week *w)
{
    if (calendar->kind == PLOT_WEEKS_SHARE) {
        csv_whole(c, w->parts[0]);
        csv_whole(c, w->of);
        return;
    }
    for (size_t part = 0; part < PLOT_PARTS_MAX && calendar->names[part] != NULL; part++) {
        csv_whole(c, w->parts[part]);
    }
}

void csv_weeks(struct plot_bytes *to, const struct plot_calendar *calendar)
{
    struct csv c;
    csv_init(&c, to);
    csv_text(&c, "monday");
    csv_text(&c, "hidden");
    if (calendar->kind == PLOT_WEEKS_SHARE) {
        csv_text(&c, "part");
        csv_text(&c, "of");
    }
    for (size_t part = 0; calendar->kind == PLOT_WEEKS_STACK && part < PLOT_PARTS_MAX &&
                          calendar->names[part] != NULL;
         part++) {
        csv_text(&c, calendar->names[part]);
    }
    csv_end(&c);
    for (size_t i = 0; i < calendar->count; i++) {
        const struct plot_week *w = &calendar->weeks[i];
        csv_day(&c, &w->monday);
        csv_text(&c, w->hidden ? "yes" : "");
        if (!w->hidden) {
            week_figures(&c, calendar, w);
        }
        csv_end(&c);
    }
}
