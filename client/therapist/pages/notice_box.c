/* Happy path: the notice that matters most is shown; a step is chosen in it; for a few seconds it
 * can be undone in the same place; then it is sent. Failure: while the connection is away the step
 * waits, which the foot of the window says. */
#include "client/therapist/pages/notice_box.h"

#include <string.h>

#include "client/therapist/pages/kit.h"
#include "client/therapist/pages/window.h"

enum { ICON = 24, TICKS_TO_PAINTED = 2, REASON_MAX = 60 };

static struct notice *notice_of(struct window *w)
{
    return &w->office.notices->all[w->notice_box.at];
}

/* --- what the person does --- */

static void on_acknowledge(GtkButton *button, gpointer data)
{
    struct window *w = data;
    (void)button;
    w->notice_box.choosing = !w->notice_box.choosing;
    notice_box_update(w);
    if (w->notice_box.choosing && w->notice_box.steps != NULL) {
        gtk_widget_child_focus(w->notice_box.steps, GTK_DIR_TAB_FORWARD);
    }
}

static void on_step(GtkButton *button, gpointer data)
{
    struct window *w = data;
    Attune__Step step =
        (Attune__Step)GPOINTER_TO_INT(g_object_get_data(G_OBJECT(button), "attune-step"));
    const char *reason = "";
    if (step == ATTUNE__STEP__STEP_NOT_A_CONCERN) {
        reason = gtk_editable_get_text(GTK_EDITABLE(w->notice_box.reason));
        if (reason[0] == '\0') {
            gtk_widget_set_visible(w->notice_box.reason_row, TRUE);
            gtk_widget_grab_focus(w->notice_box.reason);
            return;
        }
    }
    w->notice_box.choosing = false;
    office_acknowledge(&w->office, w->notice_box.at, step, reason);
}

static void on_undo(GtkButton *button, gpointer data)
{
    struct window *w = data;
    (void)button;
    office_undo(&w->office, w->notice_box.at);
}

static void on_put_away(GtkButton *button, gpointer data)
{
    struct window *w = data;
    (void)button;
    office_put_away(&w->office, w->notice_box.at);
}

static void on_open(GtkButton *button, gpointer data)
{
    struct window *w = data;
    (void)button;
    window_show_client(w, notice_of(w)->client_ref);
}

/* --- how it is made --- */

static void add_part(GtkWidget *box, const char *head, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        return;
    }
    GtkWidget *row = kit_row(12), *name = kit_label(head, "part");
    GtkWidget *words = kit_label(text, NULL);
    gtk_label_set_width_chars(GTK_LABEL(name), 10);
    gtk_label_set_xalign(GTK_LABEL(name), 0);
    gtk_widget_set_valign(name, GTK_ALIGN_START);
    gtk_widget_set_hexpand(words, TRUE);
    gtk_label_set_selectable(GTK_LABEL(words), FALSE);
    kit_add(row, name);
    kit_add(row, words);
    kit_add(box, row);
}

static GtkWidget *step_button(struct window *w, Attune__Step step)
{
    GtkWidget *button = kit_button(notice_step_word(step), NULL, G_CALLBACK(on_step), w);
    g_object_set_data(G_OBJECT(button), "attune-step", GINT_TO_POINTER(step));
    return button;
}

static GtkWidget *make_steps(struct window *w)
{
    struct notice_box *b = &w->notice_box;
    GtkWidget *column = kit_column(8), *flow = gtk_flow_box_new();
    b->steps = flow;
    gtk_flow_box_set_selection_mode(GTK_FLOW_BOX(flow), GTK_SELECTION_NONE);
    gtk_flow_box_set_min_children_per_line(GTK_FLOW_BOX(flow), 2);
    gtk_flow_box_set_max_children_per_line(GTK_FLOW_BOX(flow), 4);
    gtk_flow_box_set_column_spacing(GTK_FLOW_BOX(flow), 8);
    gtk_flow_box_set_row_spacing(GTK_FLOW_BOX(flow), 8);
    kit_name(flow, "What will you do about it?");
    for (int step = ATTUNE__STEP__STEP_SEEN; step <= ATTUNE__STEP__STEP_NOT_A_CONCERN; step++) {
        GtkWidget *button = step_button(w, (Attune__Step)step);
        gtk_flow_box_insert(GTK_FLOW_BOX(flow), button, -1);
        gtk_widget_set_focusable(gtk_widget_get_parent(button), FALSE);
    }
    b->reason_row = kit_column(4);
    b->reason = gtk_entry_new();
    gtk_entry_set_max_length(GTK_ENTRY(b->reason), REASON_MAX);
    kit_name(b->reason, "Why it is not a concern; nothing about the client");
    kit_add(b->reason_row, kit_label("Why it is not a concern, in a few words (nothing about the "
                                     "client), then choose it again:",
                                     "quiet"));
    kit_add(b->reason_row, b->reason);
    gtk_widget_set_visible(b->reason_row, FALSE);
    kit_add(column, kit_label("What will you do about it?", "who"));
    kit_add(column, flow);
    kit_add(column, b->reason_row);
    return column;
}

/* "Session of today 10:05, which is over · 2 more wait" */
static char *when_words(struct window *w, const Attune__Alert *alert)
{
    const char *page = w->office.client != NULL ? w->office.client : "";
    size_t more = notices_waiting(w->office.notices, page);
    char *when = kit_moment(alert->session_start_ms);
    GString *text = g_string_new(NULL);
    g_string_printf(text, "Session of %s%s", when, alert->late ? ", which is over" : "");
    if (more > 0) {
        g_string_append_printf(text, " · %zu more %s", more, more == 1 ? "waits" : "wait");
    }
    g_free(when);
    return g_string_free(text, FALSE);
}

static void add_head(struct window *w, const struct notice *n, const Attune__Alert *alert)
{
    bool good = n->tier == ATTUNE__TIER__TIER_GOOD;
    char whose[WHOSE_WORDS];
    GtkWidget *row = kit_row(12), *words = kit_column(2);
    GtkWidget *icon =
        gtk_image_new_from_icon_name(good ? "emblem-ok-symbolic" : "dialog-warning-symbolic");
    char *head = g_strdup_printf("%s%s · %s", n->client_ref, whose_client(w->office.whose, whose),
                                 good ? "good news" : "worth asking about");
    char *under = when_words(w, alert);
    kit_name(icon, good ? "Good news" : "Alert");
    gtk_image_set_pixel_size(GTK_IMAGE(icon), ICON);
    gtk_widget_set_valign(icon, GTK_ALIGN_START);
    gtk_widget_set_hexpand(words, TRUE);
    kit_add(words, kit_heading(head));
    kit_add(words, kit_label(under, "quiet"));
    kit_add(row, icon);
    kit_add(row, words);
    kit_add(w->notice_box.self, row);
    g_free(head);
    g_free(under);
}

static void add_foot(struct window *w, const struct notice *n)
{
    GtkWidget *row = kit_row(10), *said = kit_label("", NULL);
    char *text = NULL;
    gtk_widget_set_hexpand(said, TRUE);
    gtk_widget_set_valign(said, GTK_ALIGN_CENTER);
    kit_add(row, said);
    if (g_strcmp0(w->office.client, n->client_ref) != 0) {
        kit_add(row, kit_button("Open page", NULL, G_CALLBACK(on_open), w));
    }
    if (n->tier == ATTUNE__TIER__TIER_GOOD) {
        kit_add(row, kit_button("Put away", NULL, G_CALLBACK(on_put_away), w));
    } else if (n->state == NOTICE_HELD) {
        text = g_strdup_printf("Acknowledged: %s", notice_step_word(n->step));
        kit_add(row, kit_button("Undo", NULL, G_CALLBACK(on_undo), w));
    } else if (n->state == NOTICE_SENT) {
        const char *word = notice_step_word(n->step);
        text = word[0] != '\0' ? g_strdup_printf("Acknowledged: %s", word)
                               : g_strdup("It has been repaired since.");
        kit_add(row, kit_button("Other step", NULL, G_CALLBACK(on_acknowledge), w));
        kit_add(row, kit_button("Put away", NULL, G_CALLBACK(on_put_away), w));
    } else {
        text = g_strdup("A prompt to ask, never a finding.");
        kit_add(row, kit_button(w->notice_box.choosing ? "Not now" : "Acknowledge",
                                w->notice_box.choosing ? NULL : "suggested-action",
                                G_CALLBACK(on_acknowledge), w));
    }
    gtk_label_set_text(GTK_LABEL(said), text != NULL ? text : "");
    kit_add(w->notice_box.self, row);
    g_free(text);
}

static void fill(struct window *w, int at)
{
    struct notice_box *b = &w->notice_box;
    const struct notice *n = &w->office.notices->all[at];
    const Attune__Alert *alert = g_ptr_array_index(w->office.alerts, at);
    bool good = n->tier == ATTUNE__TIER__TIER_GOOD;
    bool quiet = n->state == NOTICE_HELD || n->state == NOTICE_SENT;
    b->at = at;
    b->steps = NULL;
    gtk_widget_remove_css_class(b->self, "good");
    gtk_widget_remove_css_class(b->self, "done");
    if (good) {
        gtk_widget_add_css_class(b->self, "good");
    } else if (quiet) {
        gtk_widget_add_css_class(b->self, "done");
    }
    add_head(w, n, alert);
    add_part(b->self, "What", alert->what);
    if (!quiet) {
        add_part(b->self, "Why", alert->why);
        add_part(b->self, "Now", alert->now);
        add_part(b->self, "Next time", alert->next_time);
        add_part(b->self, "Their wish", good ? "" : kit_talk((int)alert->talk));
    }
    if (b->choosing) {
        kit_add(b->self, make_steps(w));
    }
    add_foot(w, n);
}

/* It counts as shown when a frame with it was painted: a window that nobody can see paints none. */
static gboolean on_tick(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
    struct window *w = data;
    (void)widget;
    (void)clock;
    if (--w->notice_box.ticks > 0) {
        return G_SOURCE_CONTINUE;
    }
    if (w->notice_box.shown != NULL && w->notice_box.shown[0] != '\0') {
        office_shown(&w->office, w->notice_box.at);
    }
    return G_SOURCE_REMOVE;
}

void notice_box_update(struct window *w)
{
    struct notice_box *b = &w->notice_box;
    const char *page = w->office.client != NULL ? w->office.client : "";
    int at = w->office.hidden ? NOTICE_NONE : notices_banner(w->office.notices, page);
    char *now = g_strdup("");
    if (at != NOTICE_NONE) {
        const struct notice *n = &w->office.notices->all[at];
        b->choosing = b->choosing && at == b->at && n->state != NOTICE_HELD;
        g_free(now);
        now = g_strdup_printf("%d %d %d %d %d %zu %s", at, (int)n->state, (int)n->step, b->choosing,
                              n->session_over, notices_waiting(w->office.notices, page), page);
    }
    if (g_strcmp0(now, b->shown) != 0) {
        bool focused = gtk_widget_get_focus_child(b->self) != NULL;
        kit_clear(b->self);
        if (at != NOTICE_NONE) {
            fill(w, at);
        }
        gtk_widget_set_visible(b->self, at != NOTICE_NONE);
        if (focused && at != NOTICE_NONE) { /* What had the focus is gone: its place keeps it. */
            gtk_widget_child_focus(gtk_widget_get_last_child(b->self), GTK_DIR_TAB_FORWARD);
        }
    }
    g_free(b->shown);
    b->shown = now;
    if (at != NOTICE_NONE && !w->office.notices->all[at].shown && b->ticks == 0) {
        b->ticks = TICKS_TO_PAINTED;
        (void)gtk_widget_add_tick_callback(b->self, on_tick, w, NULL);
    }
}

GtkWidget *notice_box_make(struct window *w)
{
    struct notice_box *b = &w->notice_box;
    b->self = g_object_new(GTK_TYPE_BOX, "orientation", GTK_ORIENTATION_VERTICAL, "spacing", 8,
                           "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP, NULL);
    kit_name(b->self, "Alert");
    gtk_widget_add_css_class(b->self, "notice");
    gtk_widget_set_visible(b->self, FALSE);
    return b->self;
}
