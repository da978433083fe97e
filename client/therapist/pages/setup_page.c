/* Happy path: code and server are typed or pasted, Connect enrols, the window closes and the desk
 * opens. Failure: one sentence under the fields, which stay as they are. */
#include "client/therapist/pages/setup_page.h"

#include <stdio.h>

#include <adwaita.h>

#include "client/link/enrol.h"
#include "client/therapist/pages/style.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"

enum { WIDTH = 560, MARGIN = 24, GAP = 12, SAID = 512 };

struct setup_page {
    const char *folder;
    GMainLoop *loop;
    GtkWidget *window, *code, *server, *said, *connect;
    struct enrol enrol;
    guint ended; /* Source; 0: none. */
    bool enrolling, enrolled;
};

static void say(struct setup_page *p, const char *words)
{
    gtk_label_set_text(GTK_LABEL(p->said), words);
    gtk_widget_set_visible(p->said, words[0] != '\0');
}

/* What the wire's words say in small letters, as a sentence. */
static void say_why(struct setup_page *p, const char *why)
{
    char said[SAID];
    g_snprintf(said, sizeof said, "%s.", why);
    said[0] = g_ascii_toupper(said[0]);
    say(p, said);
}

/* The address may be typed wrong, or the cable is out: who sits here can look after both. */
static bool nobody_answers(int rc)
{
    return rc == ERR_UNREACHABLE || rc == ERR_TIMEOUT || rc == ERR_CLOSED;
}

static gboolean on_ended(gpointer data)
{
    struct setup_page *p = data;
    p->ended = 0;
    g_main_loop_quit(p->loop);
    return G_SOURCE_REMOVE;
}

static void end_try(struct setup_page *p, int rc)
{
    p->enrolling = false;
    gtk_widget_set_sensitive(p->connect, TRUE);
    if (rc == 0) {
        p->enrolled = true;
        p->ended = g_idle_add(on_ended, p);
    } else if (nobody_answers(rc)) {
        say(p, "The server cannot be reached: is this computer on the network, and is the address "
               "right?");
    } else {
        say_why(p, p->enrol.why[0] != '\0' ? p->enrol.why : err_text(rc));
    }
    enrol_fini(&p->enrol);
}

static void on_enrolled(struct enrol *e, int rc)
{
    end_try(container_of(e, struct setup_page, enrol), rc);
}

static void on_connect(GtkWidget *widget, gpointer data)
{
    (void)widget;
    struct setup_page *p = data;
    char scanned[ENROL_ADDRESS] = "";
    const char *typed = gtk_editable_get_text(GTK_EDITABLE(p->code));
    struct enrol_wish wish = {.folder = p->folder, .role = ATTUNE__ROLE__ROLE_THERAPIST};
    if (p->enrolling || p->enrolled) {
        return;
    }
    if (enrol_uri_read(typed, scanned, &wish.code) != 0) {
        const char *slash = strchr(typed, '/');
        const char *why =
            enrol_code_says(enrol_code_judge(slash != NULL ? slash + 1 : typed, &wish.code));
        say_why(p, why != NULL ? why : err_text(ERR_CODE_TYPED));
        gtk_widget_grab_focus(p->code);
        return;
    }
    if (scanned[0] != '\0') {
        gtk_editable_set_text(GTK_EDITABLE(p->server), scanned);
    }
    wish.address = gtk_editable_get_text(GTK_EDITABLE(p->server));
    say(p, "Connecting …");
    gtk_widget_set_sensitive(p->connect, FALSE);
    p->enrolling = true;
    int rc = enrol_start(&p->enrol, &wish, on_enrolled);
    explicit_bzero(&wish.code, sizeof wish.code);
    if (rc != 0) {
        end_try(p, rc);
    }
}

static gboolean on_close(GtkWindow *window, gpointer data)
{
    (void)window;
    struct setup_page *p = data;
    g_main_loop_quit(p->loop);
    return TRUE; /* It is taken away when the loop has ended. */
}

static GtkWidget *entry(struct setup_page *p, GtkWidget *list, const char *title)
{
    GtkWidget *row = adw_entry_row_new();
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), title);
    g_signal_connect(row, "entry-activated", G_CALLBACK(on_connect), p);
    gtk_list_box_append(GTK_LIST_BOX(list), row);
    return row;
}

static GtkWidget *build(struct setup_page *p, const char *address)
{
    GtkWidget *page = gtk_box_new(GTK_ORIENTATION_VERTICAL, GAP), *list = gtk_list_box_new();
    GtkWidget *how =
        gtk_label_new("Ask the practice’s administrator for a code, and type it, paste "
                      "it, or let a scanner type it.");
    gtk_label_set_wrap(GTK_LABEL(how), TRUE);
    gtk_label_set_xalign(GTK_LABEL(how), 0);
    gtk_list_box_set_selection_mode(GTK_LIST_BOX(list), GTK_SELECTION_NONE);
    gtk_widget_add_css_class(list, "boxed-list");
    p->code = entry(p, list, "Code");
    p->server = entry(p, list, "Server, as attune.example.org:7443");
    gtk_editable_set_text(GTK_EDITABLE(p->server), address != NULL ? address : "");
    /* A screen reader says by itself what changes on it. */
    p->said = g_object_new(GTK_TYPE_LABEL, "wrap", TRUE, "xalign", 0.0, "visible", FALSE,
                           "accessible-role", GTK_ACCESSIBLE_ROLE_ALERT, NULL);
    p->connect = gtk_button_new_with_label("Connect");
    gtk_widget_add_css_class(p->connect, "suggested-action");
    gtk_widget_set_halign(p->connect, GTK_ALIGN_END);
    g_signal_connect(p->connect, "clicked", G_CALLBACK(on_connect), p);
    gtk_widget_set_margin_start(page, MARGIN);
    gtk_widget_set_margin_end(page, MARGIN);
    gtk_widget_set_margin_top(page, MARGIN);
    gtk_widget_set_margin_bottom(page, MARGIN);
    gtk_box_append(GTK_BOX(page), how);
    gtk_box_append(GTK_BOX(page), list);
    gtk_box_append(GTK_BOX(page), p->said);
    gtk_box_append(GTK_BOX(page), p->connect);
    return page;
}

bool setup_page_run(const char *folder, const char *address, const char *style)
{
    if (!gtk_init_check()) {
        fprintf(stderr,
                "attune-therapist: %s has no identity yet: attune enrol CODE makes one, or "
                "this window where there is a display\n",
                folder);
        return false;
    }
    adw_init();
    struct setup_page *p = g_new0(struct setup_page, 1);
    p->folder = folder;
    p->loop = g_main_loop_new(NULL, FALSE);
    p->window = gtk_window_new();
    gtk_window_set_title(GTK_WINDOW(p->window), "Set up this desk");
    gtk_window_set_default_size(GTK_WINDOW(p->window), WIDTH, -1);
    style_take(p->window, style);
    gtk_window_set_child(GTK_WINDOW(p->window), build(p, address));
    g_signal_connect(p->window, "close-request", G_CALLBACK(on_close), p);
    gtk_window_present(GTK_WINDOW(p->window));
    gtk_widget_grab_focus(p->code);
    g_main_loop_run(p->loop);
    while (p->enrolling) {
        enrol_cancel(&p->enrol);
        (void)g_main_context_iteration(NULL, TRUE);
    }
    if (p->ended != 0) {
        g_source_remove(p->ended);
    }
    gtk_window_destroy(GTK_WINDOW(p->window));
    g_main_loop_unref(p->loop);
    bool enrolled = p->enrolled;
    g_free(p);
    return enrolled;
}
