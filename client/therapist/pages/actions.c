/* Happy path: an action of the window, by its key, its button or the menu. Failure: what cannot be
 * done now is greyed out; a room that is taken is said to be. */
#include "client/therapist/pages/actions.h"

#include <string.h>

#include "client/therapist/pages/export.h"
#include "client/therapist/pages/glass_dialog.h"
#include "client/therapist/pages/kit.h"
#include "client/therapist/pages/prefs.h"
#include "client/therapist/pages/window.h"

/* --- opening a session --- */

/* What is asked before a session is opened; the popover's, freed with it. */
struct opening {
    GtkWidget *first_time, *child, *list;
    char *shown; /* What the list was made from: whoever is about to press finds it in its place. */
};

static void opening_free(gpointer data)
{
    struct opening *p = data;
    g_free(p->shown);
    g_free(p);
}

static struct opening *opening_of(struct window *w)
{
    return g_object_get_data(G_OBJECT(w->open_button), "attune-opening");
}

static void on_room(GtkButton *button, gpointer data)
{
    struct window *w = data;
    struct opening *p = opening_of(w);
    uint8_t first[LIMIT_ID_SIZE];
    const uint8_t *together = g_object_get_data(G_OBJECT(button), "attune-together");
    char *room = g_strdup(g_object_get_data(G_OBJECT(button), "attune-room"));
    if (together != NULL) {
        memcpy(first, together, sizeof first);
    }
    const struct office_opening opening = {
        .client_ref = w->office.client,
        .room = room,
        .take_over = g_object_get_data(G_OBJECT(button), "attune-taken") != NULL,
        .first_time = gtk_check_button_get_active(GTK_CHECK_BUTTON(p->first_time)),
        .child = gtk_check_button_get_active(GTK_CHECK_BUTTON(p->child)),
        .together_with = together != NULL ? first : NULL,
    };
    gtk_menu_button_popdown(GTK_MENU_BUTTON(w->open_button));
    gtk_check_button_set_active(GTK_CHECK_BUTTON(p->first_time), FALSE);
    gtk_check_button_set_active(GTK_CHECK_BUTTON(p->child), FALSE);
    if (w->office.client != NULL) {
        office_open_session(&w->office, &opening);
    }
    g_free(room);
}

static GtkWidget *room_button(struct window *w, const char *text, const char *room)
{
    GtkWidget *button = kit_button(text, "flat", G_CALLBACK(on_room), w);
    g_object_set_data_full(G_OBJECT(button), "attune-room", g_strdup(room), g_free);
    gtk_label_set_xalign(GTK_LABEL(gtk_button_get_child(GTK_BUTTON(button))), 0);
    gtk_widget_set_valign(button, GTK_ALIGN_FILL);
    return button;
}

/* A session of one's own that another client of this moment may have come to as well. */
static bool may_come_to(const struct window *w, const Attune__Session *s)
{
    return g_strcmp0(w->office.client, s->client_ref) != 0 &&
           together_may_join(w->office.together, s->session_id.data);
}

static char *opening_made_from(const struct window *w)
{
    GString *text = g_string_new(w->office.client != NULL ? w->office.client : "");
    for (guint at = 0; at < w->office.live->len; at++) {
        const Attune__Session *s = g_ptr_array_index(w->office.live, at);
        g_string_append_printf(text, "\n%s %s %d", s->client_ref, s->room, may_come_to(w, s));
    }
    for (guint at = 0; at < w->office.rooms->len; at++) {
        const Attune__RoomItem *room = g_ptr_array_index(w->office.rooms, at);
        g_string_append_printf(text, "\n%s %d", room->name, room->taken);
    }
    return g_string_free(text, FALSE);
}

static void add_together(struct window *w, GtkWidget *list)
{
    for (guint at = 0; at < w->office.live->len; at++) {
        const Attune__Session *s = g_ptr_array_index(w->office.live, at);
        if (may_come_to(w, s)) {
            char *text = g_strdup_printf("Together with %s in %s", s->client_ref, s->room);
            GtkWidget *button = room_button(w, text, s->room);
            g_object_set_data_full(G_OBJECT(button), "attune-together",
                                   g_memdup2(s->session_id.data, LIMIT_ID_SIZE), g_free);
            kit_add(list, button);
            g_free(text);
        }
    }
}

void actions_update_rooms(struct window *w)
{
    struct opening *p = opening_of(w);
    char *now = opening_made_from(w);
    if (g_strcmp0(now, p->shown) == 0) {
        g_free(now);
        return;
    }
    g_free(p->shown);
    p->shown = now;
    kit_clear(p->list);
    add_together(w, p->list);
    for (guint at = 0; at < w->office.rooms->len; at++) {
        const Attune__RoomItem *room = g_ptr_array_index(w->office.rooms, at);
        char *text = g_strdup_printf(room->taken ? "%s: take it over from another session" : "%s",
                                     room->name);
        GtkWidget *button = room_button(w, text, room->name);
        g_object_set_data(G_OBJECT(button), "attune-taken", room->taken ? button : NULL);
        kit_add(p->list, button);
        g_free(text);
    }
    if (w->office.rooms->len == 0) {
        kit_add(p->list, kit_label("The practice has no rooms yet.", "quiet"));
    }
}

static GtkWidget *make_rooms(struct window *w)
{
    struct opening *p = g_new0(struct opening, 1);
    GtkWidget *popover = gtk_popover_new(), *column = kit_column(4),
              *scrolled = gtk_scrolled_window_new();
    p->list = kit_column(4);
    p->first_time = gtk_check_button_new_with_label("First time: the kiosk says why we ask");
    p->child = gtk_check_button_new_with_label("Drawn form, for a child");
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER,
                                   GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_propagate_natural_height(GTK_SCROLLED_WINDOW(scrolled), TRUE);
    gtk_scrolled_window_set_max_content_height(GTK_SCROLLED_WINDOW(scrolled), 420);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), p->list);
    kit_add(column, p->first_time);
    kit_add(column, p->child);
    kit_add(column, gtk_separator_new(GTK_ORIENTATION_HORIZONTAL));
    kit_add(column, scrolled);
    gtk_popover_set_child(GTK_POPOVER(popover), column);
    kit_name(popover, "Rooms");
    w->open_button = gtk_menu_button_new();
    g_object_set_data_full(G_OBJECT(w->open_button), "attune-opening", p, opening_free);
    gtk_menu_button_set_label(GTK_MENU_BUTTON(w->open_button), "Open session");
    kit_name(w->open_button, "Open session");
    gtk_menu_button_set_popover(GTK_MENU_BUTTON(w->open_button), popover);
    return w->open_button;
}

/* --- actions --- */

static void act_search(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    struct window *w = data;
    (void)action;
    (void)parameter;
    gtk_widget_grab_focus(w->sidebar.search);
}

static void act_open(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    struct window *w = data;
    (void)action;
    (void)parameter;
    office_read_rooms(&w->office);
    gtk_menu_button_popup(GTK_MENU_BUTTON(w->open_button));
}

/* The newest session under way, for keys. */
static const uint8_t *newest(struct window *w)
{
    const Attune__Session *s =
        w->office.live->len > 0 ? g_ptr_array_index(w->office.live, 0) : NULL;
    return s != NULL ? s->session_id.data : NULL;
}

static void act_invite(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    struct window *w = data;
    (void)action;
    (void)parameter;
    office_invite(&w->office, newest(w));
}

static void act_end(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    struct window *w = data;
    (void)action;
    (void)parameter;
    office_close_session(&w->office, newest(w));
}

static void act_review(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    window_review(data, true);
}

static void act_desk(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    struct window *w = data;
    (void)action;
    (void)parameter;
    if (strcmp(gtk_stack_get_visible_child_name(GTK_STACK(w->top)), "review") == 0) {
        window_review(w, false);
    }
}

static void act_goal(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    struct window *w = data;
    (void)action;
    (void)parameter;
    gtk_widget_grab_focus(w->client_page.words);
}

static void act_practice(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    window_show_practice(data);
}

static void act_glass(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    glass_dialog_open(data);
}

static void act_lock(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    window_lock(data);
}

static void act_export(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    export_shown(data, g_variant_get_string(parameter, NULL));
}

static void act_close(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    struct window *w = data;
    (void)action;
    (void)parameter;
    gtk_window_close(GTK_WINDOW(w->self));
}

static void act_mode(GSimpleAction *action, GVariant *state, gpointer data)
{
    struct window *w = data;
    enum notice_mode mode;
    if (prefs_mode_of(g_variant_get_string(state, NULL), &mode)) {
        office_set_mode(&w->office, mode);
        prefs_write(mode);
        g_simple_action_set_state(action, state);
    }
}

void actions_update(struct window *w)
{
    const Attune__Session *live =
        w->office.live->len > 0 ? g_ptr_array_index(w->office.live, 0) : NULL;
    bool client = w->office.client != NULL && !w->idle.locked;
    bool own = whose_is_own(w->office.whose), acts = whose_may_act(w->office.whose);
    const struct {
        const char *name;
        bool can;
    } able[] = {{"open", client && acts},
                {"review", client},
                {"export", own && (client || (window_shows_practice(w) && !w->idle.locked))},
                {"goal", client && acts},
                {"invite", acts && live != NULL && !w->idle.locked &&
                               live->state == ATTUNE__SESSION_STATE__SESSION_OPEN},
                {"end", acts && live != NULL && !w->idle.locked},
                {"practice", own && !w->idle.locked},
                {"glass", !office_is_administrator(&w->office) && !w->idle.locked},
                {"search", !w->idle.locked}};
    for (size_t at = 0; at < G_N_ELEMENTS(able); at++) {
        GAction *action = g_action_map_lookup_action(G_ACTION_MAP(w->self), able[at].name);
        if (action != NULL) {
            g_simple_action_set_enabled(G_SIMPLE_ACTION(action), able[at].can);
        }
    }
}

void actions_add(struct window *w)
{
    char *mode = g_strdup_printf("'%s'", prefs_mode_word((int)w->options->mode));
    const GActionEntry entries[] = {
        {.name = "search", .activate = act_search},
        {.name = "open", .activate = act_open},
        {.name = "invite", .activate = act_invite},
        {.name = "end", .activate = act_end},
        {.name = "review", .activate = act_review},
        {.name = "goal", .activate = act_goal},
        {.name = "desk", .activate = act_desk},
        {.name = "practice", .activate = act_practice},
        {.name = "glass", .activate = act_glass},
        {.name = "lock", .activate = act_lock},
        {.name = "close", .activate = act_close},
        {.name = "export", .activate = act_export, .parameter_type = "s"},
        {.name = "mode", .parameter_type = "s", .state = mode, .change_state = act_mode},
    };
    const struct {
        const char *action, *key;
    } keys[] = {{"win.search", "<Control>f"},   {"win.open", "<Control>o"},
                {"win.invite", "<Control>i"},   {"win.end", "<Control>e"},
                {"win.review", "<Control>r"},   {"win.desk", "Escape"},
                {"win.practice", "<Control>p"}, {"win.lock", "<Control>l"},
                {"win.close", "<Control>q"},    {"win.export::pdf", "<Control>s"},
                {"win.goal", "<Control>g"}};
    g_action_map_add_action_entries(G_ACTION_MAP(w->self), entries, G_N_ELEMENTS(entries), w);
    for (size_t at = 0; at < G_N_ELEMENTS(keys); at++) {
        const char *const accels[] = {keys[at].key, NULL};
        gtk_application_set_accels_for_action(GTK_APPLICATION(w->application), keys[at].action,
                                              accels);
    }
    g_free(mode);
}

/* --- the bar at the top --- */

static GMenu *make_menu(void)
{
    GMenu *menu = g_menu_new(), *save = g_menu_new(), *mode = g_menu_new(), *rest = g_menu_new();
    g_menu_append(save, "Save as PDF (Ctrl+S)", "win.export::pdf");
    g_menu_append(save, "Save as PNG", "win.export::png");
    g_menu_append(save, "Save as SVG", "win.export::svg");
    g_menu_append(save, "Save as CSV", "win.export::csv");
    g_menu_append(mode, "At once", "win.mode::popup");
    g_menu_append(mode, "As a number beside the name", "win.mode::badge");
    g_menu_append(mode, "After the session", "win.mode::after");
    g_menu_append(rest, "Figures (Ctrl+P)", "win.practice");
    g_menu_append(rest, "Look at a colleague’s client …", "win.glass");
    g_menu_append(rest, "Lock (Ctrl+L)", "win.lock");
    g_menu_append_section(menu, "This page", G_MENU_MODEL(save));
    g_menu_append_section(menu, "Alerts appear", G_MENU_MODEL(mode));
    g_menu_append_section(menu, NULL, G_MENU_MODEL(rest));
    g_object_unref(save);
    g_object_unref(mode);
    g_object_unref(rest);
    return menu;
}

GtkWidget *actions_make_header(struct window *w)
{
    GtkWidget *bar = adw_header_bar_new(), *menu = gtk_menu_button_new();
    GMenu *model = make_menu();
    w->title = adw_window_title_new("", "");
    adw_header_bar_set_show_start_title_buttons(ADW_HEADER_BAR(bar), FALSE);
    adw_header_bar_set_title_widget(ADW_HEADER_BAR(bar), w->title);
    gtk_menu_button_set_icon_name(GTK_MENU_BUTTON(menu), "open-menu-symbolic");
    gtk_menu_button_set_menu_model(GTK_MENU_BUTTON(menu), G_MENU_MODEL(model));
    gtk_menu_button_set_primary(GTK_MENU_BUTTON(menu), TRUE);
    kit_name(menu, "Menu");
    w->client_tools = gtk_button_new_with_label("Review together");
    gtk_actionable_set_action_name(GTK_ACTIONABLE(w->client_tools), "win.review");
    gtk_widget_set_tooltip_text(w->client_tools, "Full screen, with nothing else on it (Ctrl+R)");
    adw_header_bar_pack_start(ADW_HEADER_BAR(bar), make_rooms(w));
    adw_header_bar_pack_start(ADW_HEADER_BAR(bar), w->client_tools);
    adw_header_bar_pack_end(ADW_HEADER_BAR(bar), menu);
    g_object_unref(model);
    return bar;
}
