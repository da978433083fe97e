/* Happy path: the figures are read anew while the page is open; it is made anew when they have
 * changed. Failure: before they have come it says so; old ones stay while the connection is away.
 */
#include "client/therapist/pages/practice_page.h"

#include <string.h>

#include "client/therapist/pages/kit.h"
#include "client/therapist/pages/window.h"
#include "client/therapist/plots/report.h"

enum { WEEKS_WIDTH = 420, WEEKS_HEIGHT = 220, FUNNEL_WIDTH = 420, FUNNEL_HEIGHT = 300, AGES = 3 };
enum { PAGE_WIDTH = 1100, SHARES = 2, THOUSAND = 1000 };

static char *percent(uint32_t part, uint32_t of)
{
    return of == 0 ? g_strdup("–") : g_strdup_printf("%u %%", (part * 100 + of / 2) / of);
}

static char *total(const Attune__ReportMean *m)
{
    return m == NULL || m->answers == 0
               ? g_strdup("–")
               : g_strdup_printf("%u.%u", m->mean / 100, m->mean % 100 / 10);
}

/* --- the table of sites --- */

static void put_cell(GtkWidget *grid, int column, int row, char *text, const char *css)
{
    GtkWidget *label = kit_label(text, css);
    gtk_label_set_wrap(GTK_LABEL(label), FALSE);
    gtk_label_set_xalign(GTK_LABEL(label), column == 0 ? 0 : 1);
    gtk_widget_set_hexpand(label, column == 0);
    gtk_grid_attach(GTK_GRID(grid), label, column, row, 1, 1);
    g_free(text);
}

static void put_row(GtkWidget *grid, int row, const char *name, const Attune__ReportRow *r)
{
    char *open = g_strdup("–");
    if (r != NULL && r->n_open == AGES) {
        g_free(open);
        open = g_strdup_printf("%u · %u · %u", r->open[0], r->open[1], r->open[2]);
    }
    put_cell(grid, 0, row, g_strdup(name), "who");
    put_cell(grid, 1, row, g_strdup_printf("%u", r != NULL ? r->held : 0), NULL);
    put_cell(grid, 2, row, r != NULL ? percent(r->rated, r->held) : g_strdup("–"), NULL);
    put_cell(grid, 3, row, r != NULL ? total(r->total) : g_strdup("–"), NULL);
    put_cell(grid, 4, row, open, NULL);
    put_cell(grid, 5, row,
             r != NULL ? percent(r->repaired, r->repaired + r->unrepaired) : g_strdup("–"), NULL);
    put_cell(grid, 6, row,
             r != NULL && r->weeks_hidden > 0 ? g_strdup_printf("%u", r->weeks_hidden)
                                              : g_strdup("–"),
             NULL);
}

static const Attune__ReportRow *row_named(GPtrArray *rows, const char *name)
{
    for (guint at = 0; at < rows->len; at++) {
        const Attune__ReportRow *r = g_ptr_array_index(rows, at);
        if (strcmp(r->name, name) == 0) {
            return r;
        }
    }
    return NULL;
}

static void update_sites(struct window *w)
{
    static const char *const heads[] = {"Site",     "Held",     "Rated",       "Total",
                                        "Open now", "Repaired", "Weeks hidden"};
    struct practice_page *p = &w->practice_page;
    GtkWidget *grid = gtk_grid_new();
    gtk_grid_set_column_spacing(GTK_GRID(grid), 26);
    gtk_grid_set_row_spacing(GTK_GRID(grid), 10);
    for (size_t at = 0; at < G_N_ELEMENTS(heads); at++) {
        put_cell(grid, (int)at, 0, g_strdup(heads[at]), "quiet");
    }
    /* All sites, also one without a session so far: added today, it is here. */
    for (guint at = 0; at < w->office.site_names->len; at++) {
        const char *name = g_ptr_array_index(w->office.site_names, at);
        put_row(grid, (int)at + 1, name, row_named(w->office.sites.rows, name));
    }
    kit_clear(p->sites);
    kit_add(p->sites, grid);
}

/* --- pictures --- */

#define RATED_TITLE "Rated of held sessions, week by week"
#define OPEN_TITLE "Ruptures still open, by the week they were opened in"

static struct plot_week week_of(const Attune__ReportRow *r, bool waiting)
{
    struct plot_week week = {.monday = picture_day_of(r->name), .hidden = r->weeks_hidden > 0};
    if (!waiting) {
        week.of = r->held;
        week.parts[0] = r->rated;
        return week;
    }
    for (size_t age = 0; age < AGES && r->n_open == AGES; age++) {
        week.parts[age] = r->open[AGES - 1 - age]; /* The oldest at the bottom. */
    }
    return week;
}

/* The row of all weeks is none of them. */
static void take_weeks(struct picture_weeks *p, const GPtrArray *rows, bool waiting)
{
    size_t count = 0;
    for (guint at = 0; at < rows->len && count < PICTURE_WEEKS_MAX; at++) {
        struct plot_week week = week_of(g_ptr_array_index(rows, at), waiting);
        if (week.monday.year != 0) {
            p->weeks[count++] = week;
        }
    }
    p->calendar = (struct plot_calendar){
        .kind = waiting ? PLOT_WEEKS_STACK : PLOT_WEEKS_SHARE, .weeks = p->weeks, .count = count};
    if (waiting) {
        p->calendar.names[0] = "older";
        p->calendar.names[1] = "2 to 6 weeks";
        p->calendar.names[2] = "under 2 weeks";
    } else {
        p->calendar.names[0] = "rated of held sessions";
    }
}

static void update_weeks(struct window *w)
{
    struct practice_page *p = &w->practice_page;
    char room[PLOT_SAYS];
    bool any = false;
    for (guint at = 0; at < w->office.weeks.rows->len; at++) {
        const Attune__ReportRow *r = g_ptr_array_index(w->office.weeks.rows, at);
        any = any || r->held > 0 || r->weeks_hidden > 0;
    }
    any = any && office_is_administrator(&w->office);
    take_weeks(&p->calendar, w->office.weeks.rows, false);
    take_weeks(&p->waiting, w->office.weeks.rows, true);
    gtk_widget_set_visible(p->weeks_card, any);
    gtk_widget_set_visible(p->open_card, any);
    picture_say(p->weeks, RATED_TITLE, plot_weeks_says(&p->calendar.calendar, NULL, room));
    picture_say(p->open, OPEN_TITLE, plot_weeks_says(&p->waiting.calendar, NULL, room));
}

static void take_shares(struct picture_shares *s, GPtrArray *rows, bool repairs)
{
    size_t count = 0;
    uint64_t part = 0, of = 0;
    bool any = false; /* With nobody to be compared the limits alone say nothing. */
    for (guint at = 0; at < rows->len && count < PICTURE_DOTS_MAX; at++) {
        const Attune__ReportRow *r = g_ptr_array_index(rows, at);
        const Attune__ReportShare *share = repairs ? r->repair : r->coverage;
        if (share == NULL || share->of == 0) {
            continue;
        }
        g_strlcpy(s->codes[count], r->name, sizeof s->codes[count]);
        s->dots[count] =
            (struct plot_dot){.part = (share->share * share->of + THOUSAND / 2) / THOUSAND,
                              .of = share->of,
                              .code = s->codes[count]};
        part += s->dots[count].part;
        of += share->of;
        any = any || share->of >= PLOT_RATINGS_MIN;
        count++;
    }
    s->shares = (struct plot_shares){
        .title = repairs ? "Repaired, of ruptures that are over" : "Rated, of held sessions",
        .per_what = repairs ? "ruptures that are over" : "sessions held",
        .share = of > 0 ? (double)part / (double)of : 0,
        .dots = s->dots,
        .count = any ? count : 0,
    };
}

static void update_funnels(struct window *w)
{
    struct practice_page *p = &w->practice_page;
    char room[PLOT_SAYS];
    bool any = false;
    for (int at = 0; at < SHARES; at++) {
        take_shares(&p->shares[at], w->office.therapists.rows, at == 1);
        gtk_widget_set_visible(p->funnels[at], p->shares[at].shares.count > 0);
        any = any || p->shares[at].shares.count > 0;
        picture_say(p->funnels[at], p->shares[at].shares.title,
                    plot_funnel_says(&p->shares[at].shares, NULL, room));
    }
    gtk_widget_set_visible(p->too_few, !any);
}

/* --- words --- */

static void update_summary(struct window *w)
{
    struct practice_page *p = &w->practice_page;
    bool administrator = office_is_administrator(&w->office);
    const Attune__ReportRow *r = administrator ? row_named(w->office.weeks.rows, "all")
                                 : w->office.therapists.rows->len > 0
                                     ? g_ptr_array_index(w->office.therapists.rows, 0)
                                     : NULL;
    if (r == NULL) {
        gtk_label_set_text(GTK_LABEL(p->summary),
                           "No finished week yet. The figures begin with the first Monday "
                           "after the first session.");
        return;
    }
    if (r->held == 0) {
        gtk_label_set_text(GTK_LABEL(p->summary),
                           "No session was held in them. The week under way is not counted yet.");
        return;
    }
    char *rated = percent(r->rated, r->held);
    char *repaired = percent(r->repaired, r->repaired + r->unrepaired);
    GString *text = g_string_new(NULL);
    g_string_printf(text,
                    "%u sessions held in the %u weeks that are not hidden, %s of them rated. %u "
                    "ruptures, of those "
                    "that are over %s repaired.",
                    r->held, r->weeks, rated, r->ruptures, repaired);
    if (r->n_open == AGES) {
        g_string_append_printf(text,
                               " Open now: %u opened in the last two weeks, %u in the four before, "
                               "%u earlier.",
                               r->open[0], r->open[1], r->open[2]);
    }
    gtk_label_set_text(GTK_LABEL(p->summary), text->str);
    g_string_free(text, TRUE);
    g_free(rated);
    g_free(repaired);
}

static void update_escalations(struct window *w)
{
    struct practice_page *p = &w->practice_page;
    kit_clear(p->escalations);
    for (guint at = 0; at < w->office.escalations->len; at++) {
        const Attune__Escalation *e = g_ptr_array_index(w->office.escalations, at);
        char *opened = kit_day(e->opened_ms);
        char *text = g_strdup_printf("%s, %s: %s since %s%s%s", e->therapist, e->site, e->state,
                                     opened, e->step[0] != '\0' ? ", " : "", e->step);
        kit_add(p->escalations, kit_label(text, NULL));
        g_free(text);
        g_free(opened);
    }
    if (w->office.escalations->len == 0) {
        kit_add(p->escalations, kit_label("Nobody needs asking after.", "quiet"));
    }
}

void practice_page_update(struct window *w)
{
    struct practice_page *p = &w->practice_page;
    bool administrator = office_is_administrator(&w->office);
    gtk_widget_set_visible(p->sites_card, administrator);
    gtk_widget_set_visible(gtk_widget_get_parent(p->escalations), administrator);
    if (!w->office.therapists.known) {
        gtk_label_set_text(GTK_LABEL(p->summary), "Being read …");
        return;
    }
    update_summary(w);
    update_weeks(w);
    update_sites(w);
    update_funnels(w);
    update_escalations(w);
}

GBytes *practice_page_file(const struct window *w, enum plot_file kind)
{
    const struct practice_page *p = &w->practice_page;
    const Attune__Welcome *welcome = w->office.link.welcome;
    const bool administrator = office_is_administrator(&w->office);
    struct plot_calendar calendars[] = {p->calendar.calendar, p->waiting.calendar};
    const struct plot_shares shares[] = {p->shares[0].shares, p->shares[1].shares};
    calendars[0].title = RATED_TITLE;
    calendars[1].title = OPEN_TITLE;
    const struct plot_report report = {
        .title = administrator ? "The practice" : "My figures",
        .under = welcome != NULL ? welcome->practice : NULL,
        .calendars = calendars,
        .calendar_count = administrator ? G_N_ELEMENTS(calendars) : 0,
        .shares = shares,
        .share_count = G_N_ELEMENTS(shares),
        .made = picture_day(g_get_real_time() / 1000),
        .theme = &plot_theme_print,
    };
    struct plot_bytes bytes = {0};
    plot_report_render(&report, kind, &bytes);
    GBytes *made = g_bytes_new(bytes.at, bytes.count);
    plot_bytes_fini(&bytes);
    return made;
}

static GtkWidget *make_weeks(const char *title, const struct picture_weeks *figures,
                             GtkWidget **ret_picture)
{
    GtkWidget *card = kit_card();
    *ret_picture = picture_new(picture_weeks, figures, 0, WEEKS_WIDTH, WEEKS_HEIGHT);
    gtk_widget_set_visible(card, FALSE);
    kit_add(card, kit_heading(title));
    kit_add(card, *ret_picture);
    return card;
}

static GtkWidget *make_funnels(struct practice_page *p)
{
    GtkWidget *card = kit_card(), *row = kit_row(16);
    gtk_box_set_homogeneous(GTK_BOX(row), TRUE);
    for (int at = 0; at < SHARES; at++) {
        p->funnels[at] =
            picture_new(picture_funnel, &p->shares[at], 0, FUNNEL_WIDTH, FUNNEL_HEIGHT);
        gtk_widget_set_hexpand(p->funnels[at], TRUE);
        gtk_widget_set_visible(p->funnels[at],
                               FALSE); /* Without figures there is nothing to draw. */
        kit_add(row, p->funnels[at]);
    }
    kit_add(card, kit_heading("Therapists beside each other"));
    kit_add(card, kit_label("Nobody is ranked: within the limits is what chance alone does. Fewer "
                            "than 30 ratings are "
                            "not shown.",
                            "quiet"));
    p->too_few = kit_label("Nobody has as many yet.", "quiet");
    kit_add(card, p->too_few);
    kit_add(card, row);
    p->funnels_card = card;
    return card;
}

static GtkWidget *make_list(const char *title, const char *under, GtkWidget **ret_list)
{
    GtkWidget *card = kit_card();
    *ret_list = kit_column(8);
    kit_add(card, kit_heading(title));
    if (under != NULL) {
        kit_add(card, kit_label(under, "quiet"));
    }
    kit_add(card, *ret_list);
    return card;
}

GtkWidget *practice_page_make(struct window *w)
{
    struct practice_page *p = &w->practice_page;
    GtkWidget *column = kit_column(14), *first = kit_card();
    gtk_widget_add_css_class(column, "page");
    p->summary = kit_label("Being read …", NULL);
    kit_add(first, kit_heading("The last 26 finished weeks"));
    kit_add(first, p->summary);
    kit_add(column, first);
    p->weeks_card = make_weeks(RATED_TITLE, &p->calendar, &p->weeks);
    p->open_card = make_weeks(OPEN_TITLE, &p->waiting, &p->open);
    kit_add(column, p->weeks_card);
    kit_add(column, p->open_card);
    p->sites_card = make_list(
        "Sites",
        "Open now: opened in the last two weeks · in the four before · earlier. A week with "
        "fewer than five clients is hidden.",
        &p->sites);
    kit_add(column, p->sites_card);
    kit_add(column, make_funnels(p));
    kit_add(column, make_list("To ask after",
                              "Ruptures that were not repaired in time, or wait for a step.",
                              &p->escalations));
    p->self = kit_scrolled(column, PAGE_WIDTH);
    return p->self;
}
