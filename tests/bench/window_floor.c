/* attune-window-floor: the least window that GTK 4 can show, for the benchmarks to stand beside.
 *
 * A label on a page, with the same renderer as the kiosk and the desk; ends with TERM. */
#include <gtk/gtk.h>

static void on_activate(GtkApplication *application, gpointer data)
{
    (void)data;
    GtkWidget *window = gtk_application_window_new(application);
    gtk_window_set_default_size(GTK_WINDOW(window), 1280, 800);
    gtk_window_set_child(GTK_WINDOW(window), gtk_label_new("floor"));
    gtk_window_present(GTK_WINDOW(window));
}

int main(int argc, char **argv)
{
    g_setenv("GSK_RENDERER", "cairo", FALSE);
    g_setenv("GDK_DEBUG", "gl-disable", FALSE);
    g_setenv("GDK_DISABLE", "gl", FALSE);
    GtkApplication *application = gtk_application_new(NULL, G_APPLICATION_NON_UNIQUE);
    g_signal_connect(application, "activate", G_CALLBACK(on_activate), NULL);
    int status = g_application_run(G_APPLICATION(application), argc, argv);
    g_object_unref(application);
    return status;
}
