/* Happy path: the chooser is the desktop's, outside of this process; for as long as it is open the
 * desktop may look at us, which it does by /proc. Failure: whoever closes it has chosen nothing, as
 * have they whose desk locks, or who ask for something else meanwhile. */
#include "client/therapist/pages/save_as.h"

#include "client/link/harden.h"
#include "client/therapist/pages/window.h"

static const char ASKED[] = "attune-asked";

struct asked {
    save_as_cb cb;
    void *data;
};

/* The chooser goes, and whoever asked hears what came of it: once, since nothing of it is left. A
 * chooser of the desktop's holds itself for as long as it is open. */
static void answer(struct window *w, GFile *file)
{
    GtkFileChooserNative *chooser = g_steal_pointer(&w->chooser);
    struct asked *asked = g_object_steal_data(G_OBJECT(chooser), ASKED);
    g_signal_handlers_disconnect_by_data(chooser, w);
    gtk_native_dialog_hide(GTK_NATIVE_DIALOG(chooser));
    g_object_unref(chooser);
    harden_process();
    asked->cb(file, asked->data);
    g_free(asked);
}

static void on_chosen(GtkNativeDialog *dialog, int response, gpointer data)
{
    GFile *file = response == GTK_RESPONSE_ACCEPT
                      ? gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog))
                      : NULL;
    answer(data, file);
    g_clear_object(&file);
}

static void ask(struct window *w, const char *title, const char *accept, const char *name,
                const struct asked *asked)
{
    save_as_end(w);
    w->chooser = gtk_file_chooser_native_new(title, GTK_WINDOW(w->self),
                                             GTK_FILE_CHOOSER_ACTION_SAVE, accept, "Cancel");
    gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(w->chooser), name);
    g_object_set_data_full(G_OBJECT(w->chooser), ASKED, g_memdup2(asked, sizeof *asked), g_free);
    g_signal_connect(w->chooser, "response", G_CALLBACK(on_chosen), w);
    harden_pause();
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(w->chooser));
}

void save_as(struct window *w, const char *title, const char *accept, const char *name,
             save_as_cb cb, void *data)
{
    const struct asked asked = {cb, data};
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

void save_as_end(struct window *w)
{
    if (w->chooser != NULL) {
        answer(w, NULL);
    }
}
