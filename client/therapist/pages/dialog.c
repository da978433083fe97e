/* Happy path: shown, answered, gone. Failure: nobody is here any more, and it goes unanswered. (An
 * AdwMessageDialog of 1.2 tells a screen reader the name of each button twice.) */
#include "client/therapist/pages/dialog.h"

#include "client/therapist/pages/kit.h"
#include "client/therapist/pages/style.h"
#include "client/therapist/pages/window.h"

enum { WIDTH = 480 };

static void add_key(GtkWidget *dialog, GtkShortcutTrigger *key, GtkShortcutAction *action)
{
    GtkEventController *keys = gtk_shortcut_controller_new();
    gtk_shortcut_controller_add_shortcut(GTK_SHORTCUT_CONTROLLER(keys),
                                         gtk_shortcut_new(key, action));
    gtk_widget_add_controller(dialog, keys);
}

/* The window's own keys do not come by here. */
static gboolean on_lock_key(GtkWidget *dialog, GVariant *arguments, gpointer data)
{
    (void)dialog;
    (void)arguments;
    window_lock(data);
    return TRUE;
}

GtkWidget *dialog_new(struct window *w, const char *heading, const char *words, GtkWidget *child,
                      GtkWidget *buttons)
{
    GtkWidget *self = adw_window_new(), *column = kit_column(14), *handle = gtk_window_handle_new();
    gtk_window_set_title(GTK_WINDOW(self), heading);
    gtk_window_set_transient_for(GTK_WINDOW(self), GTK_WINDOW(w->self));
    gtk_window_set_modal(GTK_WINDOW(self), TRUE);
    gtk_window_set_resizable(GTK_WINDOW(self), FALSE);
    gtk_window_set_default_size(GTK_WINDOW(self), WIDTH, -1);
    gtk_widget_add_css_class(column, "dialog");
    gtk_widget_set_halign(buttons, GTK_ALIGN_END);
    kit_add(column, kit_heading(heading));
    kit_add(column, kit_label(words, NULL));
    kit_add(column, child);
    kit_add(column, buttons);
    gtk_window_handle_set_child(GTK_WINDOW_HANDLE(handle), column);
    adw_window_set_content(ADW_WINDOW(self), handle);
    style_join(self);
    window_watch_hands(w, self);
    add_key(self, gtk_keyval_trigger_new(GDK_KEY_l, GDK_CONTROL_MASK),
            gtk_callback_action_new(on_lock_key, w, NULL));
    return self;
}

void dialog_close_by_escape(GtkWidget *dialog)
{
    add_key(dialog, gtk_keyval_trigger_new(GDK_KEY_Escape, 0),
            gtk_named_action_new("window.close"));
}

void dialog_close(struct window *w)
{
    if (w->dialog != NULL) {
        gtk_window_destroy(GTK_WINDOW(w->dialog));
    }
}

void dialog_open(struct window *w, GtkWidget *dialog)
{
    dialog_close(w);
    w->dialog = dialog;
    g_object_add_weak_pointer(G_OBJECT(dialog), (gpointer *)&w->dialog);
    gtk_window_present(GTK_WINDOW(dialog));
}
