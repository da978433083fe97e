/* Happy path: a row a client, kept while it is there, so that neither focus nor place is lost when
 * figures change; the order and the search are the caseload's. Failure: nobody is found, which is
 * said. */
#include "client/therapist/pages/sidebar.h"

#include <string.h>

#include "client/therapist/pages/kit.h"
#include "client/therapist/pages/window.h"

enum { WIDTH = 310, SPARK_WIDTH = 76, SPARK_HEIGHT = 32, LAST = 10000 };

/* One client's row; freed with its widget. */
struct sidebar_row {
    GtkWidget *self, *name, *state, *badge, *spark;
    struct picture_course figures;
    char *ref;
    int place; /* In the caseload's order; LAST: not found by the search. */
};

static void row_free(gpointer data)
{
    struct sidebar_row *r = data;
    g_free(r->ref);
    g_free(r);
}

static struct sidebar_row *row_of(GtkListBoxRow *row)
{
    return g_object_get_data(G_OBJECT(row), "attune-row");
}

static struct sidebar_row *row_new(struct window *w, const char *ref)
{
    struct sidebar_row *r = g_new0(struct sidebar_row, 1);
    GtkWidget *line = kit_row(10), *words = kit_column(2);
    r->ref = g_strdup(ref);
    r->self = gtk_list_box_row_new();
    r->name = kit_label(ref, "who");
    r->state = kit_label("", "quiet");
    r->badge = gtk_label_new("");
    r->spark = picture_new(picture_spark, &r->figures, 0, SPARK_WIDTH, SPARK_HEIGHT);
    gtk_label_set_ellipsize(GTK_LABEL(r->name), PANGO_ELLIPSIZE_END);
    gtk_label_set_wrap(GTK_LABEL(r->name), FALSE);
    gtk_widget_set_hexpand(words, TRUE);
    gtk_widget_set_valign(words, GTK_ALIGN_CENTER);
    gtk_widget_add_css_class(r->badge, "badge");
    gtk_widget_set_valign(r->badge, GTK_ALIGN_CENTER);
    gtk_widget_set_valign(r->spark, GTK_ALIGN_CENTER);
    kit_add(words, r->name);
    kit_add(words, r->state);
    kit_add(line, words);
    kit_add(line, r->badge);
    kit_add(line, r->spark);
    gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(r->self), line);
    g_object_set_data_full(G_OBJECT(r->self), "attune-row", r, row_free);
    gtk_list_box_append(GTK_LIST_BOX(w->sidebar.list), r->self);
    g_hash_table_insert(w->sidebar.rows, r->ref, r);
    return r;
}

/* What is so with this client, in a few words. */
static char *state_words(const struct caseload_client *c)
{
    if (c->live) {
        return g_strdup("in session now");
    }
    if (c->rupture_open) {
        Attune__Step step = notice_step_of(c->step);
        return step == ATTUNE__STEP__STEP_UNSPECIFIED ? g_strdup("open: waits for a step")
                                                      : g_strdup_printf("open: %s", c->step);
    }
    if (c->sessions == 0) {
        return g_strdup("no session yet");
    }
    char *when = kit_moment(c->last_start_ms);
    char *words =
        g_strdup_printf("%u session%s · %s", c->sessions, c->sessions == 1 ? "" : "s", when);
    g_free(when);
    return words;
}

static void take_totals(struct sidebar_row *r, const struct caseload_client *c,
                        const struct lines *lines)
{
    size_t count = c->total_count;
    if (c->live && count > 0 && c->totals[count - 1] < 0) {
        count--; /* Under way: not a missed one. */
    }
    for (size_t at = 0; at < count; at++) {
        struct plot_session *s = &r->figures.sessions[at];
        *s = (struct plot_session){.number = (int)at + 1};
        for (size_t area = 0; area < PLOT_AREAS; area++) { /* The shape is the total's alone. */
            int quarter = (c->totals[at] + (int)area) / PLOT_AREAS;
            s->scores[area] = c->totals[at] < 0 ? PLOT_MISSING : (int16_t)quarter;
        }
    }
    r->figures.history = (struct plot_history){.sessions = r->figures.sessions,
                                               .count = count,
                                               .cut = lines->cut,
                                               .area_low = PLOT_MISSING,
                                               .spread = lines->spread};
}

static void row_update(struct window *w, struct sidebar_row *r, const struct caseload_client *c)
{
    char room[PLOT_SAYS], number[16];
    char *state = state_words(c);
    size_t badge = notices_badge(w->office.notices, c->ref);
    badge = badge == 0 && c->rupture_open && c->step[0] == '\0' &&
                    w->office.notices->mode != NOTICE_AFTER
                ? 1
                : badge;
    take_totals(r, c, &w->office.lines);
    gtk_label_set_text(GTK_LABEL(r->state), state);
    g_snprintf(number, sizeof number, "%zu", badge);
    gtk_label_set_text(GTK_LABEL(r->badge), number);
    gtk_widget_set_visible(r->badge, badge > 0);
    const char *says = plot_sparkline_says(&r->figures.history, NULL, room);
    picture_say(r->spark, "Last totals", says);
    char *name = badge == 0
                     ? g_strdup_printf("%s, %s", c->ref, state)
                     : g_strdup_printf("%s, %s, alerts that wait: %zu", c->ref, state, badge);
    kit_name(r->self, name);
    g_free(name);
    g_free(state);
}

static int sort_rows(GtkListBoxRow *left, GtkListBoxRow *right, gpointer data)
{
    (void)data;
    return row_of(left)->place - row_of(right)->place;
}

static void count_shown(struct window *w)
{
    for (size_t at = 0; at < w->office.notices->count; at++) {
        if (!w->office.notices->all[at].shown && notices_may_show(w->office.notices, (int)at) &&
            w->office.notices->mode == NOTICE_BADGE &&
            w->office.notices->all[at].tier == ATTUNE__TIER__TIER_RED) {
            office_shown(&w->office, (int)at); /* The number beside the name. */
        }
    }
}

static void drop_gone(struct window *w)
{
    GHashTableIter iterator;
    gpointer value;
    g_hash_table_iter_init(&iterator, w->sidebar.rows);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        struct sidebar_row *r = value;
        r->place = LAST;
        if (caseload_find(w->office.caseload, r->ref) == NULL) {
            GtkWidget *self = r->self;
            g_hash_table_iter_remove(&iterator);
            gtk_list_box_remove(GTK_LIST_BOX(w->sidebar.list), self);
        }
    }
}

/* Not by the list's filter: what it hides is still there for a screen reader. */
static void show_found(struct window *w)
{
    GHashTableIter iterator;
    gpointer value;
    g_hash_table_iter_init(&iterator, w->sidebar.rows);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        const struct sidebar_row *r = value;
        gtk_widget_set_visible(r->self, r->place < LAST);
    }
}

static const char *nobody_words(const struct window *w)
{
    if (w->office.caseload->count > 0) {
        return "No client has that in the name.";
    }
    return whose_is_own(w->office.whose)
               ? "You have no clients here yet. The administrator adds them."
               : "There is nobody here to be seen.";
}

void sidebar_update(struct window *w)
{
    struct caseload *c = w->office.caseload;
    uint16_t order[CASELOAD_MAX];
    const char *search = gtk_editable_get_text(GTK_EDITABLE(w->sidebar.search));
    size_t count = caseload_order(c, search, order);
    drop_gone(w);
    for (size_t at = 0; at < count; at++) {
        struct caseload_client *client = &c->clients[order[at]];
        struct sidebar_row *r = g_hash_table_lookup(w->sidebar.rows, client->ref);
        r = r != NULL ? r : row_new(w, client->ref);
        r->place = (int)at;
        row_update(w, r, client);
    }
    gtk_list_box_invalidate_sort(GTK_LIST_BOX(w->sidebar.list));
    show_found(w);
    gtk_widget_set_visible(w->sidebar.nobody, count == 0 && c->known);
    gtk_label_set_text(GTK_LABEL(w->sidebar.nobody), nobody_words(w));
    count_shown(w);
}

void sidebar_update_link(struct window *w)
{
    bool bad = false;
    char *words = office_words(&w->office, &bad);
    char clock[CLOCK_SAYS];
    const Attune__Welcome *welcome = w->office.link.welcome;
    gtk_label_set_text(GTK_LABEL(w->sidebar.link), words);
    kit_name(w->sidebar.list,
             whose_is_own(w->office.whose) ? "My clients" : "A colleague’s clients");
    gtk_label_set_text(GTK_LABEL(w->sidebar.clock), office_clock_words(&w->office, clock));
    gtk_widget_set_visible(w->sidebar.clock, clock[0] != '\0');
    if (bad && w->office.was_up) {
        gtk_widget_add_css_class(w->sidebar.link, "lost");
    } else {
        gtk_widget_remove_css_class(w->sidebar.link, "lost");
    }
    if (welcome != NULL) {
        bool administrator = office_is_administrator(&w->office);
        adw_window_title_set_title(ADW_WINDOW_TITLE(w->sidebar.title),
                                   administrator ? "Practice" : "My clients");
        adw_window_title_set_subtitle(ADW_WINDOW_TITLE(w->sidebar.title),
                                      administrator ? welcome->practice : welcome->place);
        gtk_widget_set_visible(w->sidebar.search, !administrator);
        if (administrator) {
            gtk_widget_set_visible(w->sidebar.nobody, TRUE);
            gtk_label_set_text(GTK_LABEL(w->sidebar.nobody),
                               "Sums over finished weeks. No client is named on this device.");
        }
    }
    g_free(words);
}

static void on_search(GtkSearchEntry *entry, gpointer data)
{
    (void)entry;
    sidebar_update(data);
}

static void on_row(GtkListBox *list, GtkListBoxRow *row, gpointer data)
{
    (void)list;
    window_show_client(data, row_of(row)->ref);
}

/* Enter in the search opens the first that was found. */
static void on_search_done(GtkSearchEntry *entry, gpointer data)
{
    struct window *w = data;
    (void)entry;
    for (int at = 0;; at++) {
        GtkListBoxRow *row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(w->sidebar.list), at);
        if (row == NULL) {
            return;
        }
        if (row_of(row)->place == 0) {
            window_show_client(w, row_of(row)->ref);
            return;
        }
    }
}

void sidebar_select(struct window *w, const char *client_ref)
{
    struct sidebar_row *r =
        client_ref != NULL ? g_hash_table_lookup(w->sidebar.rows, client_ref) : NULL;
    gtk_list_box_select_row(GTK_LIST_BOX(w->sidebar.list),
                            r != NULL ? GTK_LIST_BOX_ROW(r->self) : NULL);
}

static GtkWidget *make_list(struct window *w)
{
    struct sidebar *s = &w->sidebar;
    GtkWidget *scrolled = gtk_scrolled_window_new(), *inside = kit_column(0);
    s->rows = g_hash_table_new(g_str_hash, g_str_equal);
    s->list = gtk_list_box_new();
    s->nobody = kit_label("", "quiet");
    gtk_widget_add_css_class(s->list, "navigation-sidebar");
    gtk_widget_add_css_class(s->nobody, "beside");
    gtk_widget_set_visible(s->nobody, FALSE);
    kit_name(s->list, "My clients");
    gtk_list_box_set_sort_func(GTK_LIST_BOX(s->list), sort_rows, NULL, NULL);
    g_signal_connect(s->list, "row-activated", G_CALLBACK(on_row), w);
    kit_add(inside, s->list);
    kit_add(inside, s->nobody);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER,
                                   GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), inside);
    gtk_widget_set_vexpand(scrolled, TRUE);
    return scrolled;
}

GtkWidget *sidebar_make(struct window *w)
{
    struct sidebar *s = &w->sidebar;
    GtkWidget *bar = adw_header_bar_new(), *head = kit_row(0);
    s->self = kit_column(0);
    gtk_widget_set_size_request(s->self, WIDTH, -1);
    gtk_widget_set_hexpand(s->self, FALSE);
    gtk_widget_add_css_class(s->self, "sidebar");
    s->title = adw_window_title_new("Attune", "");
    adw_header_bar_set_show_end_title_buttons(ADW_HEADER_BAR(bar), FALSE);
    kit_add(head, s->title);
    kit_add(head, whose_box_make_chooser(w));
    adw_header_bar_set_title_widget(ADW_HEADER_BAR(bar), head);
    s->search = gtk_search_entry_new();
    kit_name(s->search, "Search clients");
    g_object_set(s->search, "placeholder-text", "Search clients", NULL);
    gtk_widget_add_css_class(s->search, "search");
    g_signal_connect(s->search, "search-changed", G_CALLBACK(on_search), w);
    g_signal_connect(s->search, "activate", G_CALLBACK(on_search_done), w);
    s->link = kit_label("Connecting …", "quiet");
    gtk_widget_add_css_class(s->link, "foot");
    kit_add(s->self, bar);
    kit_add(s->self, s->search);
    kit_add(s->self, make_list(w));
    s->clock = kit_label("", "foot");
    gtk_widget_set_visible(s->clock, FALSE);
    kit_add(s->self, s->clock);
    kit_add(s->self, s->link);
    return s->self;
}
