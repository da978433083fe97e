/* Happy path: whoever covers or supervises finds a button where the list has its title, chooses,
 * and has a bar over everything until they are back. Failure: what the server refuses is said at
 * the foot, and the list is one's own. */
#include "client/therapist/pages/whose_box.h"

#include <string.h>

#include "client/therapist/pages/kit.h"
#include "client/therapist/pages/window.h"

enum { CHOICES_HEIGHT = 360, WORDS_CHARS = 30 };

/* --- what is offered --- */

static const char *says(const struct whose_rows *rows, char *room)
{
    char *until = kit_until(rows->until_ms);
    whose_says(rows, until, room);
    g_free(until);
    return room;
}

static void on_choice(GtkButton *button, gpointer data)
{
    struct window *w = data;
    struct whose_rows rows =
        *(const struct whose_rows *)g_object_get_data(G_OBJECT(button), "attune-rows");
    gtk_menu_button_popdown(GTK_MENU_BUTTON(w->whose_box.chooser));
    if (rows.kind == ATTUNE__ACT_KIND__ACT_KIND_UNSPECIFIED) {
        office_go_home(&w->office);
    } else {
        office_choose(&w->office, &rows);
    }
}

static void add_choice(struct window *w, const struct whose_rows *rows)
{
    char room[WHOSE_WORDS];
    GtkWidget *button = kit_button(says(rows, room), "flat", G_CALLBACK(on_choice), w);
    g_object_set_data_full(G_OBJECT(button), "attune-rows", g_memdup2(rows, sizeof *rows), g_free);
    gtk_label_set_xalign(GTK_LABEL(gtk_button_get_child(GTK_BUTTON(button))), 0);
    gtk_widget_set_valign(button, GTK_ALIGN_FILL);
    kit_add(w->whose_box.choices, button);
}

static void update_choices(struct window *w, const uint16_t *places, size_t count)
{
    static const struct whose_rows own = {.kind = ATTUNE__ACT_KIND__ACT_KIND_UNSPECIFIED};
    const struct whose *whose = w->office.whose;
    char room[WHOSE_WORDS];
    GString *now = g_string_new(NULL);
    for (size_t at = 0; at < count; at++) {
        struct whose_rows rows = whose_of_right(whose, places[at]);
        g_string_append_printf(now, "%s\n", says(&rows, room));
    }
    if (g_strcmp0(now->str, w->whose_box.shown) == 0) {
        g_string_free(now, TRUE);
        return; /* Whoever is about to press finds it where it was. */
    }
    g_free(w->whose_box.shown);
    w->whose_box.shown = g_string_free(now, FALSE);
    kit_clear(w->whose_box.choices);
    add_choice(w, &own);
    for (size_t at = 0; at < count; at++) {
        struct whose_rows rows = whose_of_right(whose, places[at]);
        add_choice(w, &rows);
    }
}

static void update_chooser(struct window *w)
{
    const struct whose *whose = w->office.whose;
    uint16_t places[WHOSE_RIGHTS_MAX];
    char room[WHOSE_WORDS];
    size_t count = whose_choices(whose, office_server_now_ms(&w->office), places);
    bool any = count > 0 || !whose_is_own(whose);
    update_choices(w, places, count);
    says(&whose->now, room);
    gtk_widget_set_visible(w->whose_box.chooser, any);
    gtk_widget_set_visible(w->sidebar.title, !any);
    gtk_label_set_text(GTK_LABEL(gtk_menu_button_get_child(GTK_MENU_BUTTON(w->whose_box.chooser))),
                       room);
    char *name = g_strdup_printf("Whose clients: %s", room);
    kit_name(w->whose_box.chooser, name);
    gtk_widget_set_tooltip_text(w->whose_box.chooser, room);
    g_free(name);
}

/* --- the bar --- */

static void update_bar(struct window *w)
{
    const struct whose *whose = w->office.whose;
    bool theirs = !whose_is_own(whose);
    const char *top = gtk_stack_get_visible_child_name(GTK_STACK(w->top));
    bool review = g_strcmp0(top, "review") == 0; /* The client is looking, too. */
    char room[WHOSE_WORDS];
    char *until = kit_until(whose->now.until_ms), *from = kit_day(whose->now.from_ms);
    gtk_label_set_text(GTK_LABEL(w->whose_box.words), whose_banner(whose, from, until, room));
    gtk_widget_set_visible(w->whose_box.waits, theirs && whose->own_waits);
    gtk_widget_set_visible(w->whose_box.bar, theirs && !w->idle.locked && !review);
    g_free(until);
    g_free(from);
}

void whose_box_update(struct window *w)
{
    update_chooser(w);
    update_bar(w);
}

static void on_back(GtkButton *button, gpointer data)
{
    struct window *w = data;
    (void)button;
    office_go_home(&w->office);
}

GtkWidget *whose_box_make_bar(struct window *w)
{
    struct whose_box *b = &w->whose_box;
    GtkWidget *column = kit_column(2);
    b->bar = g_object_new(GTK_TYPE_BOX, "orientation", GTK_ORIENTATION_HORIZONTAL, "spacing", 14,
                          "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP, NULL);
    /* A screen reader says by itself what changes on it. */
    b->words = g_object_new(GTK_TYPE_LABEL, "wrap", TRUE, "xalign", 0.0, "accessible-role",
                            GTK_ACCESSIBLE_ROLE_STATUS, NULL);
    b->waits = kit_label("Meanwhile something has come for one of your own clients.", "who");
    b->back = kit_button("Back to my clients", NULL, G_CALLBACK(on_back), w);
    kit_name(b->bar, "A colleague's clients");
    gtk_widget_add_css_class(b->bar, "theirs");
    gtk_widget_set_hexpand(column, TRUE);
    gtk_widget_set_valign(column, GTK_ALIGN_CENTER);
    kit_add(column, b->words);
    kit_add(column, b->waits);
    kit_add(b->bar, column);
    kit_add(b->bar, b->back);
    gtk_widget_set_visible(b->bar, FALSE);
    return b->bar;
}

/* --- the chooser --- */

static void on_shown(GtkWidget *popover, gpointer data)
{
    struct window *w = data;
    (void)popover;
    office_read_rights(&w->office);
}

GtkWidget *whose_box_make_chooser(struct window *w)
{
    struct whose_box *b = &w->whose_box;
    GtkWidget *popover = gtk_popover_new(), *scrolled = gtk_scrolled_window_new();
    GtkWidget *label = gtk_label_new("");
    b->choices = kit_column(4);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER,
                                   GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_propagate_natural_height(GTK_SCROLLED_WINDOW(scrolled), TRUE);
    gtk_scrolled_window_set_max_content_height(GTK_SCROLLED_WINDOW(scrolled), CHOICES_HEIGHT);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), b->choices);
    gtk_popover_set_child(GTK_POPOVER(popover), scrolled);
    kit_name(popover, "Whose clients");
    g_signal_connect(popover, "show", G_CALLBACK(on_shown), w);
    b->chooser = gtk_menu_button_new();
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
    gtk_label_set_max_width_chars(GTK_LABEL(label), WORDS_CHARS);
    gtk_menu_button_set_child(GTK_MENU_BUTTON(b->chooser), label);
    gtk_menu_button_set_always_show_arrow(GTK_MENU_BUTTON(b->chooser), TRUE);
    gtk_menu_button_set_popover(GTK_MENU_BUTTON(b->chooser), popover);
    gtk_widget_set_visible(b->chooser, FALSE);
    return b->chooser;
}
