/* Happy path: the chooser is the desktop's, outside of this process; for as long as it is open the
 * desktop may look at us, which it does by /proc. Failure: whoever closes it has chosen nothing. */
#include "client/therapist/pages/save_as.h"

#include "client/link/harden.h"
#include "client/therapist/pages/window.h"

struct asked {
    struct window *window;
    save_as_cb cb;
    void *data;
};

static void on_chosen(GtkNativeDialog *dialog, int response, gpointer data)
{
    struct asked asked = *(struct asked *)data; /* The chooser's; it goes with it. */
    GFile *file = response == GTK_RESPONSE_ACCEPT
                      ? gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog))
                      : NULL;
    save_as_fini(asked.window);
    asked.cb(file, asked.data);
    g_clear_object(&file);
}

static void ask(struct window *w, const char *title, const char *accept, const char *name,
                const struct asked *asked)
{
    struct asked *kept = g_memdup2(asked, sizeof *asked);
    save_as_fini(w);
    w->chooser = gtk_file_chooser_native_new(title, GTK_WINDOW(w->self),
                                             GTK_FILE_CHOOSER_ACTION_SAVE, accept, "Cancel");
    gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(w->chooser), name);
    g_object_set_data_full(G_OBJECT(w->chooser), "asked", kept, g_free);
    g_signal_connect(w->chooser, "response", G_CALLBACK(on_chosen), kept);
    harden_pause();
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(w->chooser));
}

void save_as(struct window *w, const char *title, const char *accept, const char *name,
             save_as_cb cb, void *data)
{
    const struct asked asked = {w, cb, data};
    char *plain = g_strdelimit(g_strdup(name), "/\\:", '_');
    if (w->options->export_folder != NULL) {
        GFile *folder = g_file_new_for_path(w->options->export_folder);
        GFile *file = g_file_get_child(folder, plain);
        cb(file, data);
        g_object_unref(file);
        g_object_unref(folder);
    } else {
        ask(w, title, accept, plain, &asked);
    }
    g_free(plain);
}

void save_as_fini(struct window *w)
{
    g_clear_object(&w->chooser);
    harden_process();
}
