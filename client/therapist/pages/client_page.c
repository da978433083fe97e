/* Happy path: the course is read, its figures are put in, the pictures draw. Failure: while it is
 * not known yet the page says that it is being read. */
#include "client/therapist/pages/client_page.h"

#include <string.h>

#include "client/therapist/pages/kit.h"
#include "client/therapist/pages/window.h"

enum {
    TOTAL_WIDTH = 480,
    TOTAL_HEIGHT = 280,
    AREA_WIDTH = 180,
    AREA_HEIGHT = 120,
    PAGE_WIDTH = 1100,
    ALERTS_SHOWN = 6,
    WHEN_CHARS = 24
};

/* --- goals --- */

static void on_goal_end(struct window *w, GtkButton *button, Attune__GoalOutcome outcome)
{
    office_end_goal(&w->office, g_object_get_data(G_OBJECT(button), "attune-goal"), outcome);
}

static void on_reached(GtkButton *button, gpointer data)
{
    on_goal_end(data, button, ATTUNE__GOAL_OUTCOME__GOAL_REACHED);
}

static void on_let_go(GtkButton *button, gpointer data)
{
    on_goal_end(data, button, ATTUNE__GOAL_OUTCOME__GOAL_LET_GO);
}

static GtkWidget *goal_button(struct window *w, const char *text, const char *name,
                              GCallback clicked, const Attune__Goal *goal)
{
    GtkWidget *button = kit_button(text, NULL, clicked, w);
    kit_name(button, name);
    g_object_set_data_full(G_OBJECT(button), "attune-goal",
                           g_memdup2(goal->goal_id.data, LIMIT_ID_SIZE), g_free);
    return button;
}

/* "It was 7.2, it is 8.4 now." */
static char *moved_words(const Attune__Goal *g)
{
    static const char *const outcomes[] = {"in force", "reached", "let go", "replaced"};
    const char *outcome =
        g->outcome <= ATTUNE__GOAL_OUTCOME__GOAL_REPLACED ? outcomes[g->outcome] : "";
    char *before = kit_tenths(g->before_answers > 0 ? (int)g->before : -1);
    char *after = kit_tenths(g->after_answers > 0 ? (int)g->after : -1);
    char *words =
        g->after_answers == 0
            ? g_strdup_printf("%s: %s · before it %s", kit_area((int)g->area - 1), outcome, before)
            : g_strdup_printf("%s: %s · before it %s, since then %s", kit_area((int)g->area - 1),
                              outcome, before, after);
    g_free(before);
    g_free(after);
    return words;
}

static GtkWidget *goal_row(struct window *w, const Attune__Goal *g)
{
    GtkWidget *row = kit_row(10), *words = kit_column(2);
    char *moved = moved_words(g);
    gtk_widget_set_hexpand(words, TRUE);
    kit_add(words, kit_label(g->words, "who"));
    kit_add(words, kit_label(moved, "quiet"));
    kit_add(row, words);
    if (g->ended_ms == 0 && g->goal_id.len == LIMIT_ID_SIZE && whose_may_act(w->office.whose)) {
        char *reached = g_strdup_printf("Reached: %s", g->words);
        char *let_go = g_strdup_printf("Let go: %s", g->words);
        kit_add(row, goal_button(w, "Reached", reached, G_CALLBACK(on_reached), g));
        kit_add(row, goal_button(w, "Let go", let_go, G_CALLBACK(on_let_go), g));
        g_free(reached);
        g_free(let_go);
    }
    g_free(moved);
    return row;
}

static void update_goals(struct window *w)
{
    struct client_page *p = &w->client_page;
    GString *now = g_string_new(w->office.client);
    for (guint at = 0; at < w->office.goals->len; at++) {
        const Attune__Goal *g = g_ptr_array_index(w->office.goals, at);
        char *moved = moved_words(g);
        g_string_append_printf(now, "\n%s %s", g->words, moved);
        g_free(moved);
    }
    if (g_strcmp0(now->str, p->goals_shown) == 0) {
        g_string_free(now, TRUE);
        return; /* Whoever is about to press one of its buttons finds it where it was. */
    }
    g_free(p->goals_shown);
    p->goals_shown = g_string_free(now, FALSE);
    kit_clear(p->goals);
    for (guint at = 0; at < w->office.goals->len; at++) {
        kit_add(p->goals, goal_row(w, g_ptr_array_index(w->office.goals, at)));
    }
    if (w->office.goals->len == 0) {
        kit_add(p->goals, kit_label("Nothing agreed on yet.", "quiet"));
    }
}

static void on_agree(GtkWidget *widget, gpointer data)
{
    struct window *w = data;
    struct client_page *p = &w->client_page;
    const char *words = gtk_editable_get_text(GTK_EDITABLE(p->words));
    guint area = gtk_drop_down_get_selected(GTK_DROP_DOWN(p->area));
    (void)widget;
    if (words[0] == '\0') {
        gtk_widget_grab_focus(p->words);
        return;
    }
    if (w->office.course.count == 0) {
        window_say(w, "A goal belongs to a session: open one first.");
        return;
    }
    office_put_goal(&w->office, w->office.course.sessions[0].session_id,
                    (Attune__Area)(ATTUNE__AREA__AREA_UNDERSTANDING + area), words);
    gtk_editable_set_text(GTK_EDITABLE(p->words), "");
}

static GtkWidget *make_goals(struct window *w)
{
    static const char *const areas[] = {"Understanding", "Relevance", "Safety", "Fit", NULL};
    struct client_page *p = &w->client_page;
    GtkWidget *card = kit_card(), *row = kit_row(10);
    p->goals = kit_column(10);
    p->area = gtk_drop_down_new_from_strings(areas);
    p->words = gtk_entry_new();
    p->agree = kit_button("Agree on it", NULL, G_CALLBACK(on_agree), w);
    gtk_entry_set_max_length(GTK_ENTRY(p->words), LIMIT_WORDS_BYTES / 2);
    g_object_set(p->words, "placeholder-text", "What both agree on for the next session", NULL);
    kit_name(p->words, "Goal for the next session");
    kit_name(p->area, "What the goal is about");
    kit_name(gtk_widget_get_first_child(p->area), "What the goal is about: choose");
    gtk_widget_set_hexpand(p->words, TRUE);
    gtk_widget_set_valign(p->area, GTK_ALIGN_CENTER);
    g_signal_connect(p->words, "activate", G_CALLBACK(on_agree), w);
    kit_add(row, p->area);
    kit_add(row, p->words);
    kit_add(row, p->agree);
    p->agreeing = row;
    kit_add(card, kit_heading("Goals, and what they moved"));
    kit_add(card, p->goals);
    kit_add(card, row);
    return card;
}

/* --- pictures --- */

static GtkWidget *make_total(struct client_page *p)
{
    GtkWidget *card = kit_card(), *head = kit_row(8),
              *title = kit_heading("Total of the four areas");
    GtkWidget *scale = kit_label("0 to 40, by session", "quiet");
    p->total = picture_new(picture_total, &p->course, 0, TOTAL_WIDTH, TOTAL_HEIGHT);
    p->legend = kit_label("", "quiet");
    gtk_widget_set_hexpand(title, TRUE);
    gtk_widget_set_hexpand(p->total, TRUE);
    kit_add(head, title);
    kit_add(head, scale);
    kit_add(card, head);
    kit_add(card, p->total);
    kit_add(card, p->legend);
    return card;
}

static GtkWidget *make_areas(struct client_page *p)
{
    GtkWidget *row = kit_row(12);
    gtk_box_set_homogeneous(GTK_BOX(row), TRUE);
    for (int area = 0; area < COURSE_AREAS; area++) {
        GtkWidget *card = kit_card();
        p->areas[area] = picture_new(picture_area, &p->course, area, AREA_WIDTH, AREA_HEIGHT);
        gtk_widget_set_hexpand(p->areas[area], TRUE);
        kit_add(card, p->areas[area]);
        kit_add(row, card);
    }
    return row;
}

static void update_pictures(struct window *w)
{
    struct client_page *p = &w->client_page;
    char room[PLOT_SAYS];
    picture_take_course(&p->course, &w->office.course, &w->office.lines);
    picture_say(p->total, "Total of the four areas",
                plot_course_says(&p->course.history, NULL, room));
    for (int area = 0; area < COURSE_AREAS; area++) {
        picture_say(p->areas[area], kit_area(area),
                    plot_area_says(&p->course.history, area, NULL, room));
    }
    if (!w->office.client_known) {
        gtk_label_set_text(GTK_LABEL(p->legend), "Being read …");
        return;
    }
    char *cut = kit_tenths(w->office.lines.cut);
    char *legend =
        g_strdup_printf("The dashed line is the practice's own cut, %s: a reason to ask, not a "
                        "norm. The band is what is usual for this client.%s",
                        cut, w->office.course.more ? " Older sessions are not shown." : "");
    gtk_label_set_text(GTK_LABEL(p->legend), legend);
    g_free(legend);
    g_free(cut);
}

/* --- what was told --- */

static bool same_rating(const Attune__Alert *a, const Attune__Alert *b)
{
    return a->rating_id.len == b->rating_id.len &&
           memcmp(a->rating_id.data, b->rating_id.data, a->rating_id.len) == 0;
}

/* Several rules may speak of one rating: the strongest word is said for all. */
static const char *strongest(const GPtrArray *alerts, const Attune__Alert *of)
{
    static const char *const words[] = {"", "on the list", "red", "good news", "pattern"};
    static const int strength[] = {0, 1, 4, 3, 2};
    size_t best = 0;
    for (guint at = 0; at < alerts->len; at++) {
        const Attune__Alert *a = g_ptr_array_index(alerts, at);
        size_t tier = a->tier <= ATTUNE__TIER__TIER_PATTERN ? (size_t)a->tier : 0;
        best = same_rating(a, of) && strength[tier] > strength[best] ? tier : best;
    }
    return words[best];
}

static bool told_before(const GPtrArray *alerts, guint before)
{
    const Attune__Alert *alert = g_ptr_array_index(alerts, before);
    for (guint at = 0; at < before; at++) {
        if (same_rating(g_ptr_array_index(alerts, at), alert)) {
            return true;
        }
    }
    return false;
}

static GtkWidget *alert_row(const GPtrArray *alerts, const Attune__Alert *alert)
{
    GtkWidget *row = kit_row(12), *what = kit_label(alert->what, NULL);
    char *when = kit_day(alert->session_start_ms);
    char *head = g_strdup_printf("%s · %s", when, strongest(alerts, alert));
    GtkWidget *about = kit_label(head, "quiet");
    gtk_label_set_width_chars(GTK_LABEL(about), WHEN_CHARS);
    gtk_widget_set_valign(about, GTK_ALIGN_START);
    gtk_widget_set_hexpand(what, TRUE);
    kit_add(row, about);
    kit_add(row, what);
    g_free(when);
    g_free(head);
    return row;
}

static void update_told(struct window *w)
{
    struct client_page *p = &w->client_page;
    guint strengths = 0, alerts = 0;
    kit_clear(p->strengths);
    kit_clear(p->alerts);
    for (guint at = 0; at < w->office.client_alerts->len; at++) {
        const Attune__Alert *alert = g_ptr_array_index(w->office.client_alerts, at);
        if (strcmp(alert->rule, "STRENGTH") == 0 && strengths++ < ALERTS_SHOWN / 2) {
            kit_add(p->strengths, kit_label(alert->why, NULL));
        }
        if (!told_before(w->office.client_alerts, at) && alerts++ < ALERTS_SHOWN) {
            kit_add(p->alerts, alert_row(w->office.client_alerts, alert));
        }
    }
    if (strengths == 0) {
        kit_add(
            p->strengths,
            kit_label("Nothing stands out yet: it takes four ratings to see what rises.", "quiet"));
    }
    if (alerts == 0) {
        kit_add(p->alerts, kit_label("None.", "quiet"));
    }
}

/* Of whoever was here nothing stays. */
static void clear(struct client_page *p)
{
    memset(&p->course, 0, sizeof p->course);
    g_clear_pointer(&p->goals_shown, g_free);
    GtkWidget *lists[] = {p->goals, p->strengths, p->alerts};
    for (size_t at = 0; at < G_N_ELEMENTS(lists); at++) {
        kit_clear(lists[at]);
    }
    gtk_editable_set_text(GTK_EDITABLE(p->words), "");
    picture_say(p->total, "Total of the four areas", "");
    for (int area = 0; area < COURSE_AREAS; area++) {
        picture_say(p->areas[area], kit_area(area), "");
    }
}

void client_page_update(struct window *w)
{
    gtk_widget_set_visible(w->client_page.agreeing, whose_may_act(w->office.whose));
    gtk_widget_set_visible(w->copy_dialog.self, whose_is_own(w->office.whose));
    if (w->office.client == NULL) {
        clear(&w->client_page);
        return;
    }
    update_pictures(w);
    update_goals(w);
    update_told(w);
}

static GtkWidget *make_told(const char *title, GtkWidget **ret_list)
{
    GtkWidget *card = kit_card();
    *ret_list = kit_column(8);
    kit_add(card, kit_heading(title));
    kit_add(card, *ret_list);
    return card;
}

GtkWidget *client_page_make(struct window *w)
{
    struct client_page *p = &w->client_page;
    GtkWidget *column = kit_column(14);
    gtk_widget_add_css_class(column, "page");
    kit_add(column, make_total(p));
    kit_add(column, make_areas(p));
    kit_add(column, make_goals(w));
    kit_add(column, make_told("What is working", &p->strengths));
    kit_add(column, make_told("Alerts and repairs", &p->alerts));
    kit_add(column, copy_dialog_make(w));
    p->self = kit_scrolled(column, PAGE_WIDTH);
    return p->self;
}
