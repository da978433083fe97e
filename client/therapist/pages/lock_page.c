/* Happy path: locked, a person unlocks, the window is as it was. Failure: none yet; where the
 * practice asks for a password, lock_page_try asks for it first and unlocks when it is right. */
#include "client/therapist/pages/lock_page.h"

#include "client/therapist/pages/kit.h"
#include "client/therapist/pages/window.h"

void lock_page_try(struct window *w)
{
    window_unlock(w);
}

static void on_unlock(GtkButton *button, gpointer data)
{
    (void)button;
    lock_page_try(data);
}

GtkWidget *lock_page_make(struct window *w)
{
    struct lock_page *p = &w->lock_page;
    GtkWidget *bar = adw_header_bar_new(), *status = adw_status_page_new();
    p->self = kit_column(0);
    p->unlock = kit_button("Unlock", "suggested-action", G_CALLBACK(on_unlock), w);
    gtk_widget_set_halign(p->unlock, GTK_ALIGN_CENTER);
    adw_header_bar_set_title_widget(ADW_HEADER_BAR(bar), adw_window_title_new("Attune", ""));
    adw_status_page_set_icon_name(ADW_STATUS_PAGE(status), "system-lock-screen-symbolic");
    adw_status_page_set_title(ADW_STATUS_PAGE(status), "Locked");
    adw_status_page_set_description(ADW_STATUS_PAGE(status),
                                    "Nothing is shown while nobody is here. Ratings and alerts are "
                                    "kept for you.");
    adw_status_page_set_child(ADW_STATUS_PAGE(status), p->unlock);
    gtk_widget_set_vexpand(status, TRUE);
    kit_add(p->self, bar);
    kit_add(p->self, status);
    return p->self;
}
