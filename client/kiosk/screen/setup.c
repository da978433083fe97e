/* Happy path: keys fill one of two fields, Connect enrols, the page ends. Failure: what is wrong is
 * said in one line, in the kiosk's language, and the page stays as it was. */
#include "client/kiosk/screen/setup.h"

#include <stdio.h>
#include <string.h>

#include <glib-unix.h>
#include <gtk/gtk.h>

#include "client/kiosk/layout.h"
#include "client/kiosk/screen/look.h"
#include "client/kiosk/texts.h"
#include "client/link/enrol.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"

enum { COLUMNS = 8, TYPED = 256, TALL_PX = 600 };
enum field { FIELD_CODE, FIELD_SERVER, FIELDS };

static const char *const keys[FIELDS] = {"0123456789ABCDEFGHJKMNPQRSTVWXYZ",
                                         "1234567890abcdefghijklmnopqrstuvwxyz.-:"};

struct setup {
    const struct settings *settings;
    struct catalogs catalogs;
    const struct texts *texts;
    GMainLoop *loop;
    GtkWidget *window, *shown, *said, *connect, *pads[FIELDS], *choices[FIELDS], *stack;
    GtkCssProvider *look, *sizes;
    struct layout layout;
    enum field field;
    char typed[FIELDS][TYPED];
    struct enrol enrol;
    guint ended; /* Source; 0: none. */
    bool enrolling, enrolled;
};

/* ---- what is shown --------------------------------------------------------------------------- */

static void say(struct setup *s, const char *words)
{
    gtk_label_set_text(GTK_LABEL(s->said), words);
}

/* A code in groups of four; what a scanner has typed as it is. */
static void show(struct setup *s)
{
    const char *typed = s->typed[s->field];
    char room[2 * TYPED];
    size_t len = 0, count = 0;
    bool group = s->field == FIELD_CODE && strchr(typed, ':') == NULL;
    for (; *typed != '\0'; typed++) {
        if (group && count > 0 && count % ENROL_GROUP == 0) {
            room[len++] = ' ';
        }
        room[len++] = *typed;
        count++;
    }
    room[len] = '\0';
    gtk_label_set_text(GTK_LABEL(s->shown), len > 0 ? room : "–");
}

static void mark(GtkWidget *button, bool chosen)
{
    if (chosen) {
        gtk_widget_add_css_class(button, "chosen");
    } else {
        gtk_widget_remove_css_class(button, "chosen");
    }
    gtk_accessible_update_state(
        GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_STATE_PRESSED,
        chosen ? GTK_ACCESSIBLE_TRISTATE_TRUE : GTK_ACCESSIBLE_TRISTATE_FALSE, -1);
}

static void choose(struct setup *s, enum field field)
{
    s->field = field;
    gtk_stack_set_visible_child(GTK_STACK(s->stack), s->pads[field]);
    for (size_t i = 0; i < FIELDS; i++) {
        mark(s->choices[i], i == field);
    }
    show(s);
}

static void append(struct setup *s, char c)
{
    char *typed = s->typed[s->field];
    size_t len = strlen(typed);
    if (len + 1 < TYPED && !s->enrolling) {
        typed[len] = c;
        typed[len + 1] = '\0';
        say(s, "");
        show(s);
    }
}

static void erase(struct setup *s)
{
    char *typed = s->typed[s->field];
    if (typed[0] != '\0' && !s->enrolling) {
        typed[strlen(typed) - 1] = '\0';
        show(s);
    }
}

/* ---- enrolling ------------------------------------------------------------------------------- */

static const char *words_for(const struct setup *s, int rc)
{
    switch (rc) {
    case ERR_CODE_REFUSED:
        return s->texts->at[TEXT_SETUP_REFUSED];
    case ERR_CODE_ROLE:
        return s->texts->at[TEXT_SETUP_OTHER_DEVICE];
    case ERR_ENROL_LATER:
        return s->texts->at[TEXT_SETUP_LATER];
    case ERR_AUTHORITY:
        return s->texts->at[TEXT_SETUP_OTHER_SERVER];
    case ERR_UNREACHABLE:
    case ERR_TIMEOUT:
    case ERR_CLOSED:
    case ERR_TLS:
        return s->texts->at[TEXT_SETUP_AWAY];
    default:
        return s->enrol.why;
    }
}

static gboolean on_ended(gpointer data)
{
    struct setup *s = data;
    s->ended = 0;
    g_main_loop_quit(s->loop);
    return G_SOURCE_REMOVE;
}

static void end_try(struct setup *s, int rc)
{
    s->enrolling = false;
    gtk_widget_set_sensitive(s->connect, TRUE);
    if (rc == 0) {
        s->enrolled = true;
        s->ended = g_idle_add(on_ended, s);
    } else {
        fprintf(stderr, "attune-kiosk: not enrolled: %s\n", s->enrol.why);
        say(s, words_for(s, rc));
    }
    enrol_fini(&s->enrol);
}

static void on_enrolled(struct enrol *e, int rc)
{
    end_try(container_of(e, struct setup, enrol), rc);
}

static void say_typed(struct setup *s, const char *code)
{
    struct enrol_code ignored;
    char have[16], most[16], room[TEXTS_ROOM];
    size_t count = 0;
    for (const char *c = code; *c != '\0'; c++) {
        count += enrol_code_symbol(*c) != '\0';
    }
    (void)snprintf(have, sizeof have, "%zu", count);
    (void)snprintf(most, sizeof most, "%d", ENROL_SYMBOLS);
    say(s, enrol_code_judge(code, &ignored) == ENROL_SHORT
               ? texts_fill(room, s->texts->at[TEXT_SETUP_SHORT], have, most)
               : s->texts->at[TEXT_SETUP_TYPED]);
}

static void try_it(struct setup *s)
{
    char scanned[ENROL_ADDRESS] = "";
    struct enrol_wish wish = {.folder = s->settings->identity,
                              .address = s->typed[FIELD_SERVER],
                              .role = ATTUNE__ROLE__ROLE_KIOSK};
    if (s->enrolling || s->enrolled) {
        return;
    }
    if (enrol_uri_read(s->typed[FIELD_CODE], scanned, &wish.code) != 0) {
        const char *slash = strchr(s->typed[FIELD_CODE], '/');
        say_typed(s, slash != NULL ? slash + 1 : s->typed[FIELD_CODE]);
        return;
    }
    if (scanned[0] != '\0') {
        g_strlcpy(s->typed[FIELD_SERVER], scanned, TYPED);
    }
    if (s->typed[FIELD_SERVER][0] == '\0') {
        choose(s, FIELD_SERVER);
        say(s, s->texts->at[TEXT_SETUP_AWAY]);
        return;
    }
    say(s, s->texts->at[TEXT_SETUP_CONNECTING]);
    gtk_widget_set_sensitive(s->connect, FALSE);
    s->enrolling = true;
    int rc = enrol_start(&s->enrol, &wish, on_enrolled);
    explicit_bzero(&wish.code, sizeof wish.code);
    if (rc != 0) {
        end_try(s, rc);
    }
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void on_letter(GtkButton *button, gpointer data)
{
    append(data, gtk_button_get_label(button)[0]);
}

static void on_erase(GtkButton *button, gpointer data)
{
    (void)button;
    erase(data);
}

static void on_connect(GtkButton *button, gpointer data)
{
    (void)button;
    try_it(data);
}

static void on_choice(GtkButton *button, gpointer data)
{
    struct setup *s = data;
    choose(s, GTK_WIDGET(button) == s->choices[FIELD_CODE] ? FIELD_CODE : FIELD_SERVER);
}

/* Keys of the machine, and a scanner's. A letter is no button's business here. */
static gboolean on_key(GtkEventControllerKey *controller, guint key, guint code,
                       GdkModifierType with, gpointer data)
{
    (void)controller;
    (void)code;
    (void)with;
    struct setup *s = data;
    guint32 c = gdk_keyval_to_unicode(key);
    if (key == GDK_KEY_Return || key == GDK_KEY_KP_Enter) {
        try_it(s);
    } else if (key == GDK_KEY_BackSpace) {
        erase(s);
    } else if (c > ' ' && c < 0x7f) {
        append(s, (char)c);
    } else {
        return FALSE;
    }
    return TRUE;
}

/* ---- the page -------------------------------------------------------------------------------- */

static GtkWidget *label(const char *words, const char *style)
{
    GtkWidget *l = gtk_label_new(words);
    gtk_widget_add_css_class(l, style);
    gtk_label_set_wrap(GTK_LABEL(l), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(l), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_xalign(GTK_LABEL(l), 0);
    return l;
}

static GtkWidget *button(struct setup *s, const char *words, const char *style, GCallback pressed)
{
    GtkWidget *b = gtk_button_new_with_label(words);
    gtk_widget_add_css_class(b, style);
    gtk_accessible_update_property(GTK_ACCESSIBLE(b), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
    gtk_widget_set_focusable(b, strcmp(style, "key") != 0);
    g_signal_connect(b, "clicked", pressed, s);
    return b;
}

static GtkWidget *pad(struct setup *s, const char *letters)
{
    GtkWidget *grid = gtk_grid_new();
    int gap = (int)s->layout.gap_px / 2;
    gtk_grid_set_column_spacing(GTK_GRID(grid), (guint)gap);
    gtk_grid_set_row_spacing(GTK_GRID(grid), (guint)gap);
    gtk_grid_set_column_homogeneous(GTK_GRID(grid), TRUE);
    gtk_widget_set_direction(grid, GTK_TEXT_DIR_LTR); /* A keypad is a keypad. */
    for (int i = 0; letters[i] != '\0'; i++) {
        char words[2] = {letters[i], '\0'};
        gtk_grid_attach(GTK_GRID(grid), button(s, words, "key", G_CALLBACK(on_letter)), i % COLUMNS,
                        i / COLUMNS, 1, 1);
    }
    return grid;
}

static GtkWidget *row(struct setup *s, GtkWidget *const *children, size_t count)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, (int)s->layout.gap_px);
    for (size_t i = 0; i < count; i++) {
        gtk_box_append(GTK_BOX(box), children[i]);
    }
    return box;
}

static GtkWidget *fields(struct setup *s)
{
    s->choices[FIELD_CODE] =
        button(s, s->texts->at[TEXT_SETUP_CODE], "tool", G_CALLBACK(on_choice));
    s->choices[FIELD_SERVER] =
        button(s, s->texts->at[TEXT_SETUP_SERVER], "tool", G_CALLBACK(on_choice));
    return row(s, s->choices, FIELDS);
}

static GtkWidget *footer(struct setup *s)
{
    s->said = label("", "hint");
    gtk_widget_set_hexpand(s->said, TRUE);
    s->connect = button(s, s->texts->at[TEXT_SETUP_CONNECT], "main", G_CALLBACK(on_connect));
    gtk_widget_add_css_class(s->connect, "ready");
    GtkWidget *const all[] = {
        s->said, button(s, s->texts->at[TEXT_ERASE], "main", G_CALLBACK(on_erase)), s->connect};
    return row(s, all, G_N_ELEMENTS(all));
}

static GtkWidget *build(struct setup *s, unsigned height_px)
{
    GtkWidget *page = gtk_box_new(GTK_ORIENTATION_VERTICAL, (int)s->layout.gap_px / 2);
    int margin = (int)s->layout.gap_px;
    gtk_widget_set_margin_start(page, margin);
    gtk_widget_set_margin_end(page, margin);
    gtk_widget_set_margin_top(page, margin / 2);
    gtk_widget_set_margin_bottom(page, margin / 2);
    gtk_box_append(GTK_BOX(page), label(s->texts->at[TEXT_SETUP_TITLE], "title"));
    if (height_px >= TALL_PX) {
        gtk_box_append(GTK_BOX(page), label(s->texts->at[TEXT_SETUP_HOW], "subtitle"));
    }
    gtk_box_append(GTK_BOX(page), fields(s));
    s->shown = label("", "large");
    gtk_widget_set_direction(s->shown, GTK_TEXT_DIR_LTR); /* As it was printed. */
    gtk_widget_set_vexpand(s->shown, TRUE);
    gtk_box_append(GTK_BOX(page), s->shown);
    s->stack = gtk_stack_new();
    gtk_stack_set_vhomogeneous(GTK_STACK(s->stack), FALSE);
    for (size_t i = 0; i < FIELDS; i++) {
        s->pads[i] = pad(s, keys[i]);
        gtk_stack_add_child(GTK_STACK(s->stack), s->pads[i]);
    }
    gtk_box_append(GTK_BOX(page), s->stack);
    gtk_box_append(GTK_BOX(page), footer(s));
    return page;
}

static gboolean on_signal(gpointer data)
{
    struct setup *s = data;
    g_main_loop_quit(s->loop);
    return G_SOURCE_CONTINUE;
}

static GdkRectangle screen_size(const struct setup *s)
{
    GdkMonitor *monitor =
        g_list_model_get_item(gdk_display_get_monitors(gdk_display_get_default()), 0);
    GdkRectangle where = {0, 0, 1280, 800};
    if (monitor != NULL) {
        gdk_monitor_get_geometry(monitor, &where);
        g_object_unref(monitor);
    }
    return s->settings->windowed != 0 ? (GdkRectangle){0, 0, 1024, 640} : where;
}

static void open_window(struct setup *s)
{
    GdkRectangle where = screen_size(s);
    const struct layout_screen how = {.width_px = (unsigned)where.width,
                                      .height_px = (unsigned)where.height,
                                      .panel_mm = s->settings->panel_mm};
    s->layout = layout_of(&how);
    look_start(&s->look, &s->sizes);
    look_size(s->sizes, &s->layout);
    bool rtl = strcmp(s->texts->language, "ar") == 0;
    gtk_widget_set_default_direction(rtl ? GTK_TEXT_DIR_RTL : GTK_TEXT_DIR_LTR);
    s->window = gtk_window_new();
    GtkWindow *w = GTK_WINDOW(s->window);
    gtk_widget_add_css_class(s->window, "kiosk");
    gtk_window_set_title(w, "Attune");
    gtk_window_set_decorated(w, s->settings->windowed != 0);
    gtk_window_set_default_size(w, where.width, where.height);
    gtk_window_set_child(w, build(s, (unsigned)where.height));
    GtkEventController *controller = gtk_event_controller_key_new();
    gtk_event_controller_set_propagation_phase(controller, GTK_PHASE_CAPTURE);
    g_signal_connect(controller, "key-pressed", G_CALLBACK(on_key), s);
    gtk_widget_add_controller(s->window, controller);
    choose(s, FIELD_CODE);
    if (s->settings->windowed == 0) {
        gtk_window_fullscreen(w);
    }
    gtk_window_present(w);
    fprintf(stderr, "attune-kiosk: no identity in %s: set-up\n", s->settings->identity);
}

bool setup_run(const struct settings *settings, const char *locale_dir)
{
    struct setup *s = g_new0(struct setup, 1);
    s->settings = settings;
    catalogs_load(locale_dir, &s->catalogs);
    s->texts = catalogs_find(&s->catalogs, settings->language);
    g_strlcpy(s->typed[FIELD_SERVER], settings->server, TYPED);
    s->loop = g_main_loop_new(NULL, FALSE);
    guint term = g_unix_signal_add(SIGTERM, on_signal, s);
    guint interrupt = g_unix_signal_add(SIGINT, on_signal, s);
    open_window(s);
    g_main_loop_run(s->loop);
    while (s->enrolling) {
        enrol_cancel(&s->enrol);
        (void)g_main_context_iteration(NULL, TRUE);
    }
    if (s->ended != 0) {
        g_source_remove(s->ended);
    }
    gtk_window_destroy(GTK_WINDOW(s->window));
    look_stop(&s->look, &s->sizes);
    g_source_remove(term);
    g_source_remove(interrupt);
    g_main_loop_unref(s->loop);
    bool enrolled = s->enrolled;
    explicit_bzero(s->typed, sizeof s->typed);
    g_free(s);
    return enrolled;
}
