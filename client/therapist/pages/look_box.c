/* Happy path: the first one that is not known yet stands there, calmly; "I know" lets go of it and
 * the next one comes. Failure: none: what cannot be said now is said when the connection is back.
 */
#include "client/therapist/pages/look_box.h"

#include "client/therapist/pages/kit.h"
#include "client/therapist/pages/window.h"

static void on_known(GtkButton *button, gpointer data)
{
    struct window *w = data;
    (void)button;
    office_look_known(&w->office);
}

void look_box_update(struct window *w)
{
    struct look_box *b = &w->look_box;
    const Attune__Look *look = office_look(&w->office);
    gtk_widget_set_visible(b->self, look != NULL);
    if (look == NULL) {
        return;
    }
    char *when = kit_moment(look->at_ms);
    char *words =
        look->client_ref[0] != '\0'
            ? g_strdup_printf("%s looked at your client %s, %s.", look->by, look->client_ref, when)
            : g_strdup_printf("%s looked at a client who was yours, %s.", look->by, when);
    char *reason = g_strdup_printf("Their reason: %s", look->reason);
    gtk_label_set_text(GTK_LABEL(b->words), words);
    gtk_label_set_text(GTK_LABEL(b->reason), reason);
    g_free(when);
    g_free(words);
    g_free(reason);
}

GtkWidget *look_box_make(struct window *w)
{
    struct look_box *b = &w->look_box;
    b->self = g_object_new(GTK_TYPE_BOX, "orientation", GTK_ORIENTATION_HORIZONTAL, "spacing", 12,
                           "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP, NULL);
    kit_name(b->self, "Somebody looked at your client");
    GtkWidget *column = kit_column(2);
    b->words = kit_label("", NULL);
    b->reason = kit_label("", NULL);
    gtk_widget_set_hexpand(column, TRUE);
    kit_add(column, b->words);
    kit_add(column, b->reason);
    kit_add(b->self, column);
    kit_add(b->self, kit_button("I know", NULL, G_CALLBACK(on_known), w));
    gtk_widget_set_visible(b->self, FALSE);
    return b->self;
}
