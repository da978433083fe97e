/* Happy path: widgets are made, named, and given to whoever asked. Failure: none. */
#include "client/therapist/pages/kit.h"

#include "staff.pb-c.h"

GtkWidget *kit_column(int spacing)
{
    return gtk_box_new(GTK_ORIENTATION_VERTICAL, spacing);
}

GtkWidget *kit_row(int spacing)
{
    return gtk_box_new(GTK_ORIENTATION_HORIZONTAL, spacing);
}

void kit_add(GtkWidget *box, GtkWidget *child)
{
    gtk_box_append(GTK_BOX(box), child);
}

void kit_clear(GtkWidget *box)
{
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(box)) != NULL) {
        gtk_box_remove(GTK_BOX(box), child);
    }
}

GtkWidget *kit_label(const char *text, const char *css)
{
    GtkWidget *label = gtk_label_new(text);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    if (css != NULL) {
        gtk_widget_add_css_class(label, css);
    }
    return label;
}

GtkWidget *kit_heading(const char *text)
{
    GtkWidget *label = g_object_new(GTK_TYPE_LABEL, "label", text, "xalign", 0.0, "accessible-role",
                                    GTK_ACCESSIBLE_ROLE_HEADING, NULL);
    gtk_accessible_update_property(GTK_ACCESSIBLE(label), GTK_ACCESSIBLE_PROPERTY_LEVEL, 2, -1);
    gtk_widget_add_css_class(label, "heading");
    return label;
}

GtkWidget *kit_button(const char *text, const char *css, GCallback clicked, gpointer data)
{
    GtkWidget *button = gtk_button_new_with_label(text);
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    if (css != NULL) {
        gtk_widget_add_css_class(button, css);
    }
    if (clicked != NULL) {
        g_signal_connect(button, "clicked", clicked, data);
    }
    return button;
}

void kit_name(GtkWidget *widget, const char *name)
{
    gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

GtkWidget *kit_card(void)
{
    GtkWidget *card = kit_column(8);
    gtk_widget_add_css_class(card, "card");
    gtk_widget_add_css_class(card, "padded");
    return card;
}

GtkWidget *kit_scrolled(GtkWidget *child, int width)
{
    GtkWidget *clamp = adw_clamp_new();
    GtkWidget *scrolled = gtk_scrolled_window_new();
    adw_clamp_set_maximum_size(ADW_CLAMP(clamp), width);
    adw_clamp_set_tightening_threshold(ADW_CLAMP(clamp), width);
    adw_clamp_set_child(ADW_CLAMP(clamp), child);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER,
                                   GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), clamp);
    gtk_widget_set_vexpand(scrolled, TRUE);
    return scrolled;
}

void kit_show_page(GtkWidget *stack, const char *name)
{
    GtkWidget *page = gtk_stack_get_child_by_name(GTK_STACK(stack), name);
    gtk_widget_set_visible(page, TRUE);
    gtk_stack_set_visible_child(GTK_STACK(stack), page);
    for (GtkWidget *at = gtk_widget_get_first_child(stack); at != NULL;
         at = gtk_widget_get_next_sibling(at)) {
        gtk_widget_set_visible(at, at == page);
    }
}

char *kit_tenths(int tenths)
{
    return tenths < 0 ? g_strdup("–") : g_strdup_printf("%d.%d", tenths / 10, tenths % 10);
}

static char *format(int64_t ms, const char *this_year, const char *today)
{
    GDateTime *at = g_date_time_new_from_unix_local(ms / 1000), *now = g_date_time_new_now_local();
    bool same_year = g_date_time_get_year(at) == g_date_time_get_year(now);
    bool same_day =
        same_year && g_date_time_get_day_of_year(at) == g_date_time_get_day_of_year(now);
    char *text = g_date_time_format(at, same_day && today != NULL ? today
                                        : same_year               ? this_year
                                                                  : "%-e %B %Y");
    g_date_time_unref(at);
    g_date_time_unref(now);
    return text;
}

char *kit_day(int64_t ms)
{
    return format(ms, "%-e %B", NULL);
}

char *kit_moment(int64_t ms)
{
    return format(ms, "%-e %B", "today %H:%M");
}

char *kit_until(int64_t ms)
{
    GDateTime *at = g_date_time_new_from_unix_local(ms / 1000);
    bool midnight = g_date_time_get_hour(at) == 0 && g_date_time_get_minute(at) == 0;
    g_date_time_unref(at);
    if (midnight) { /* A day is meant, up to its end. */
        return format(ms - 1, "%-e %b", NULL);
    }
    return format(ms, "%-e %b %H:%M", "%H:%M");
}

const char *kit_area(int area)
{
    static const char *const names[] = {"Understanding", "Relevance", "Safety", "Fit"};
    return area >= 0 && area < (int)G_N_ELEMENTS(names) ? names[area] : "";
}

const char *kit_talk(int talk)
{
    switch (talk) {
    case ATTUNE__TALK__TALK_NOW:
        return "They would like to talk about it now.";
    case ATTUNE__TALK__TALK_NEXT:
        return "They would like to talk about it next time.";
    case ATTUNE__TALK__TALK_RATHER_NOT:
        return "They would rather not talk about it.";
    default:
        return "They did not say when to talk about it.";
    }
}
