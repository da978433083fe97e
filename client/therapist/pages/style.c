/* Text stands out 7 to 1, lines and borders 3 to 1, in light and in dark: tests/tidy/contrast.py
 * reckons it from this sheet. */
#include "client/therapist/pages/style.h"

#include <string.h>

static const char style_sheet[] =
    ".attune button, .attune entry, .attune dropdown > button, .attune menubutton > button {"
    " min-height: 34px; padding-top: 5px; padding-bottom: 5px; }"
    ".attune headerbar button, .attune headerbar menubutton > button { min-width: 34px; }"
    ".attune headerbar { min-height: 64px; }"
    ".attune windowcontrols button, .attune windowcontrols button > image { min-width: 34px;"
    " min-height: 34px; }"
    ".attune popover button { min-height: 34px; }"
    ".attune checkbutton { min-height: 44px; }"
    ".attune check { border: 2px solid #6b6b6b; }"
    ".attune.dark check { border-color: #a8a8a8; }"
    ".attune check:checked { background-color: #17505a; color: white; }"
    ".attune button.text-button:not(.flat):not(.suggested-action), .attune dropdown > button,"
    " .attune entry { box-shadow: inset 0 0 0 1px #757575; }"
    ".attune.dark button.text-button:not(.flat):not(.suggested-action),"
    " .attune.dark dropdown > button, .attune.dark entry {"
    " box-shadow: inset 0 0 0 1px #a0a0a0; }"
    ".attune button:focus-visible, .attune row:focus-visible, .attune entry:focus-within,"
    " .attune checkbutton:focus-visible { outline-color: #17505a; outline-width: 2px; "
    "outline-style: solid; }"
    ".attune.dark button:focus-visible, .attune.dark row:focus-visible,"
    " .attune.dark entry:focus-within, .attune.dark checkbutton:focus-visible {"
    " outline-color: #9fd8e0; }"
    /* It lies within the button: in the colour of the button it would not be there. */
    ".attune button.suggested-action:focus-visible,"
    " .attune.dark button.suggested-action:focus-visible {"
    " outline-color: white; outline-offset: -4px; }"
    ".attune .padded { padding: 14px 16px; }"
    ".attune .page { margin: 4px 24px 24px 24px; }"
    ".attune .bars { margin: 14px 24px 10px 24px; }"
    ".attune .who { font-weight: 700; }"
    ".attune .heading { font-size: 1.1em; }"
    ".attune .quiet { color: #454545; font-size: 0.95em; }"
    ".attune .foot { padding: 10px 16px 12px 16px; }"
    ".attune .beside { padding: 10px 16px; }"
    ".attune .search { margin: 8px 10px; }"
    ".attune .lost { color: #8a3308; font-weight: 700; }"
    ".attune .navigation-sidebar row { min-height: 50px; padding: 4px 10px; }"
    ".attune .badge { background: #8a3308; color: white; border-radius: 99px; padding: 1px 9px;"
    " font-weight: 700; }"
    ".attune button.suggested-action { background: #17505a; color: white; }"
    ".attune button.suggested-action:hover { background: #0f3e46; }"
    ".attune .live { background: alpha(#17505a, .10); border: 1px solid #5d8a92;"
    " border-radius: 12px; padding: 10px 16px; }"
    ".attune .score { font-weight: 700; font-size: 1.35em; font-feature-settings: \"tnum\"; }"
    ".attune .notice { background: alpha(#b34d14, .08); border: 1px solid #b0714f;"
    " border-radius: 12px; padding: 14px 16px; }"
    ".attune .notice image { color: #8a3308; }"
    ".attune .notice .part { font-weight: 700; color: #454545; }"
    ".attune .notice.done { background: alpha(currentColor, .05); border-color: "
    "alpha(currentColor, .6); }"
    ".attune .notice.done image { color: inherit; }"
    ".attune .notice.good { background: alpha(#1a6b3c, .08); border-color: #5b9474; }"
    ".attune .notice.good image { color: #14532d; }"
    ".attune row.entry label { opacity: 1; }"
    ".attune .dialog { padding: 24px; }"
    ".attune .phrase { font-family: \"DejaVu Sans Mono\", monospace; font-weight: 700; font-size: "
    "1.2em; }"
    ".attune .theirs { background: #3d2f6b; color: white; padding: 8px 24px; }"
    ".attune .theirs button.text-button:not(.flat):not(.suggested-action) {"
    " color: white; box-shadow: inset 0 0 0 1px white; }"
    ".attune .theirs button:focus-visible { outline-color: white; outline-offset: -4px; }"
    ".attune .review { padding: 32px 48px; }"
    ".attune placeholder { color: #454545; opacity: 1; }"
    ".attune windowtitle .subtitle { opacity: 1; color: #454545; }"
    ".attune statuspage .description { opacity: 1; }"
    ".attune.dark .quiet, .attune.dark .notice .part,"
    " .attune.dark windowtitle .subtitle { color: #cfcfcf; }"
    ".attune.dark placeholder { color: #eaeaea; }"
    ".attune.dark .theirs { background: #cfc4f2; color: #1c1433; }"
    ".attune.dark .theirs button.text-button:not(.flat):not(.suggested-action) {"
    " color: #1c1433; box-shadow: inset 0 0 0 1px #1c1433; }"
    ".attune.dark .theirs button:focus-visible { outline-color: #1c1433; }"
    ".attune.dark .lost { color: #ffb877; }"
    ".attune.dark .badge { background: #ffb877; color: #2a1a0a; }"
    ".attune.dark .notice { background: alpha(#ffb877, .10); border-color: #a9764a; }"
    ".attune.dark .notice image { color: #ffb877; }"
    ".attune.dark .notice.done image { color: inherit; }"
    ".attune.dark .notice.good { background: alpha(#7fd6a2, .10); border-color: #5b9474; }"
    ".attune.dark .notice.good image { color: #8fe0b0; }"
    ".attune.dark .live { background: alpha(#7cc7d1, .12); border-color: #5d8a92; }";

static void on_dark(AdwStyleManager *manager, GParamSpec *spec, gpointer data)
{
    (void)spec;
    if (adw_style_manager_get_dark(manager)) {
        gtk_widget_add_css_class(data, "dark");
    } else {
        gtk_widget_remove_css_class(data, "dark");
    }
}

void style_join(GtkWidget *window)
{
    AdwStyleManager *manager = adw_style_manager_get_default();
    gtk_widget_add_css_class(window, "attune");
    on_dark(manager, NULL, window);
    g_signal_connect_object(manager, "notify::dark", G_CALLBACK(on_dark), window, 0);
}

void style_take(GtkWidget *window, const char *style)
{
    AdwStyleManager *manager = adw_style_manager_get_default();
    GtkCssProvider *provider = gtk_css_provider_new();
    gtk_css_provider_load_from_data(provider, style_sheet, -1);
    gtk_style_context_add_provider_for_display(gdk_display_get_default(),
                                               GTK_STYLE_PROVIDER(provider),
                                               GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    g_object_unref(provider);
    if (style != NULL) {
        bool dark = strcmp(style, "dark") == 0;
        adw_style_manager_set_color_scheme(manager, dark ? ADW_COLOR_SCHEME_FORCE_DARK
                                                         : ADW_COLOR_SCHEME_FORCE_LIGHT);
    }
    style_join(window);
}
