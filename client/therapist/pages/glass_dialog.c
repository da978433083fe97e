/* Happy path: the client and a reason are typed, "Look for an hour" opens the client's page.
 * Failure: without a client and a reason there is nothing to press; what the server refuses is said
 * at the foot of the window. */
#include "client/therapist/pages/glass_dialog.h"

#include <string.h>

#include "client/therapist/pages/dialog.h"
#include "client/therapist/pages/kit.h"
#include "client/therapist/pages/window.h"

/* The dialog's, freed with it. */
struct glass {
    struct window *window;
    GtkWidget *client, *therapist, *reason, *look;
};

/* As the server wants it; `room` has `size` bytes. */
static bool take(GtkWidget *entry, char *room, size_t size)
{
    char *text = g_utf8_normalize(gtk_editable_get_text(GTK_EDITABLE(entry)), -1, G_NORMALIZE_NFC);
    text = text != NULL ? g_strstrip(text) : g_strdup("");
    bool fits = strlen(text) < size;
    g_strlcpy(room, fits ? text : "", size);
    g_free(text);
    return fits;
}

/* What would be asked for. False: not yet. */
static bool wanted(const struct glass *g, struct whose_rows *ret_rows)
{
    memset(ret_rows, 0, sizeof *ret_rows);
    ret_rows->kind = ATTUNE__ACT_KIND__ACT_BREAK_GLASS;
    bool fits = take(g->client, ret_rows->client_ref, sizeof ret_rows->client_ref);
    fits = take(g->therapist, ret_rows->therapist, sizeof ret_rows->therapist) && fits;
    fits = take(g->reason, ret_rows->reason, sizeof ret_rows->reason) && fits;
    return fits && ret_rows->client_ref[0] != '\0' && ret_rows->reason[0] != '\0';
}

static void on_typed(GtkEditable *entry, gpointer data)
{
    struct glass *g = data;
    struct whose_rows rows;
    (void)entry;
    gtk_widget_set_sensitive(g->look, wanted(g, &rows));
}

static void on_look(GtkWidget *widget, gpointer data)
{
    struct glass *g = data;
    struct window *w = g->window;
    struct whose_rows rows;
    (void)widget;
    if (wanted(g, &rows)) {
        dialog_close(w); /* With it goes `g`. */
        office_choose(&w->office, &rows);
    }
}

static void on_cancel(GtkButton *button, gpointer data)
{
    (void)button;
    dialog_close(data);
}

static void on_gone(gpointer data, GObject *was)
{
    (void)was;
    g_free(data);
}

static GtkWidget *add_field(struct glass *g, GtkWidget *box, const char *words, int length)
{
    GtkWidget *field = kit_column(4), *entry = gtk_entry_new();
    gtk_entry_set_max_length(GTK_ENTRY(entry), length);
    kit_name(entry, words);
    g_signal_connect(entry, "changed", G_CALLBACK(on_typed), g);
    g_signal_connect(entry, "activate", G_CALLBACK(on_look), g);
    kit_add(field, kit_label(words, NULL));
    kit_add(field, entry);
    kit_add(box, field);
    return entry;
}

void glass_dialog_open(struct window *w)
{
    struct glass *g = g_new0(struct glass, 1);
    GtkWidget *form = kit_column(12), *buttons = kit_row(10);
    g->window = w;
    g->look = kit_button("Look for one hour", "suggested-action", G_CALLBACK(on_look), g);
    gtk_widget_set_sensitive(g->look, FALSE);
    g->client = add_field(g, form, "Client", LIMIT_NAME_BYTES);
    g->therapist = add_field(g, form, "The colleague’s code; may be left empty", LIMIT_NAME_BYTES);
    g->reason = add_field(g, form, "Why, in your own words", LIMIT_REASON_BYTES);
    kit_add(buttons, kit_button("Cancel", NULL, G_CALLBACK(on_cancel), w));
    kit_add(buttons, g->look);
    GtkWidget *self = dialog_new(
        w, "Look at a colleague’s client",
        "For when somebody must know now and the colleague cannot be asked. The colleague is told "
        "that you looked and reads your reason. You can read, and not change, for one hour.",
        form, buttons);
    g_object_weak_ref(G_OBJECT(self), on_gone, g);
    dialog_close_by_escape(self);
    dialog_open(w, self);
    gtk_widget_grab_focus(g->client);
}
