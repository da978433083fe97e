/* Happy path: one sheet that never changes, one that is written anew for each layout. Failure: a
 * sheet that GTK cannot read is a fault of ours: it warns, and the tests are fatal about warnings.
 */
#include "client/kiosk/screen/look.h"

void look_start(GtkCssProvider **ret_look, GtkCssProvider **ret_sizes)
{
    GdkDisplay *display = gdk_display_get_default();
    GtkSettings *settings = gtk_settings_get_default();
    g_object_set(settings, "gtk-enable-animations", FALSE, "gtk-theme-name", "Default",
                 "gtk-application-prefer-dark-theme", FALSE, NULL);
    *ret_look = gtk_css_provider_new();
    *ret_sizes = gtk_css_provider_new();
    gtk_css_provider_load_from_data(*ret_look, look_css, -1);
    gtk_style_context_add_provider_for_display(display, GTK_STYLE_PROVIDER(*ret_look),
                                               GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    gtk_style_context_add_provider_for_display(display, GTK_STYLE_PROVIDER(*ret_sizes),
                                               GTK_STYLE_PROVIDER_PRIORITY_APPLICATION + 1);
}

static void drop(GtkCssProvider **provider)
{
    gtk_style_context_remove_provider_for_display(gdk_display_get_default(),
                                                  GTK_STYLE_PROVIDER(*provider));
    g_clear_object(provider);
}

void look_stop(GtkCssProvider **look, GtkCssProvider **sizes)
{
    drop(look);
    drop(sizes);
}

void look_size(GtkCssProvider *sizes, const struct layout *l)
{
    unsigned target = l->target_px, knob = target * 4 / 5;
    /* A button's minimum is of its content: padding and border are added, so it is never less. The
     * handle is 8 px of border wider than `knob`, and reaches out by half of itself at each end. */
    char *css = g_strdup_printf("window.kiosk { font-size: %upx; }\n"
                                ".kiosk button { min-height: %upx; min-width: %upx; }\n"
                                ".kiosk .line, .kiosk .line > trough { min-height: %upx; }\n"
                                ".kiosk .line > trough > slider { min-width: %upx; min-height: "
                                "%upx; margin: %dpx -%upx; }\n",
                                l->font_px, target, target, target, knob, knob,
                                ((int)target - (int)knob - 8) / 2, knob / 2 + 4);
    gtk_css_provider_load_from_data(sizes, css, -1);
    g_free(css);
}
