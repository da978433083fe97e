/* Happy path: a press or a drag gives a place, the owner is told, and shows what it made of it.
 * Failure: none; what lies outside the line is its nearest end. */
#include "client/kiosk/screen/line.h"

/* Where keys begin, with nobody seeing it. Not quite 5, so that 5 from a screen reader is a change.
 */
static const double beginning = 5.00001;

struct _AttuneLine {
    GtkScale parent;
    attune_line_cb cb;
    double pressed_x;
    bool showing; /* A value is being shown, not given. */
};

G_DEFINE_FINAL_TYPE(AttuneLine, attune_line, GTK_TYPE_SCALE)

static void tell(AttuneLine *line, double place)
{
    line->cb(line, CLAMP(place, 0.0, 1.0));
}

/* From the end at which the line begins: in a right-to-left language that is the right one. */
static double place_at(AttuneLine *line, double x)
{
    GtkWidget *w = GTK_WIDGET(line);
    double place = x / MAX(1, gtk_widget_get_width(w));
    return gtk_widget_get_direction(w) == GTK_TEXT_DIR_RTL ? 1.0 - place : place;
}

static void on_begin(GtkGestureDrag *drag, double x, double y, gpointer data)
{
    (void)y;
    AttuneLine *line = data;
    gtk_gesture_set_state(GTK_GESTURE(drag), GTK_EVENT_SEQUENCE_CLAIMED);
    line->pressed_x = x;
    (void)gtk_widget_grab_focus(GTK_WIDGET(line)); /* Without it keys go elsewhere, no more. */
    tell(line, place_at(line, x));
}

static void on_drag(GtkGestureDrag *drag, double by_x, double by_y, gpointer data)
{
    (void)drag;
    (void)by_y;
    AttuneLine *line = data;
    tell(line, place_at(line, line->pressed_x + by_x));
}

static void on_value(GtkRange *range, gpointer data)
{
    (void)data;
    AttuneLine *line = ATTUNE_LINE(range);
    if (!line->showing) {
        tell(line, gtk_range_get_value(range) / 10);
    }
}

static gboolean on_key(GtkEventControllerKey *keys, guint key, guint code, GdkModifierType with,
                       gpointer data)
{
    (void)keys;
    (void)code;
    (void)with;
    AttuneLine *line = data;
    if (key >= GDK_KEY_0 && key <= GDK_KEY_9) {
        tell(line, (key - GDK_KEY_0) / 10.0);
        return TRUE;
    }
    return FALSE;
}

/* Made deaf, not removed: GtkRange asks its own gestures when a key is pressed. */
static void take_gestures_away(GtkWidget *widget)
{
    GListModel *list = gtk_widget_observe_controllers(widget);
    for (guint i = 0; i < g_list_model_get_n_items(list); i++) {
        GtkEventController *one = g_list_model_get_item(list, i);
        if (GTK_IS_GESTURE(one) || GTK_IS_EVENT_CONTROLLER_SCROLL(one)) {
            gtk_event_controller_set_propagation_phase(one, GTK_PHASE_NONE);
        }
        g_object_unref(one);
    }
    g_object_unref(list);
}

static void attune_line_class_init(AttuneLineClass *class)
{
    (void)class;
}

static void attune_line_init(AttuneLine *line)
{
    GtkWidget *w = GTK_WIDGET(line);
    take_gestures_away(w);
    gtk_widget_add_css_class(w, "line");
    gtk_widget_add_css_class(w, "open");
    GtkGesture *drag = gtk_gesture_drag_new();
    g_signal_connect(drag, "drag-begin", G_CALLBACK(on_begin), line);
    g_signal_connect(drag, "drag-update", G_CALLBACK(on_drag), line);
    gtk_widget_add_controller(w, GTK_EVENT_CONTROLLER(drag));
    GtkEventController *keys = gtk_event_controller_key_new();
    g_signal_connect(keys, "key-pressed", G_CALLBACK(on_key), line);
    gtk_widget_add_controller(w, keys);
}

GtkWidget *attune_line_new(const char *name, unsigned steps, attune_line_cb cb)
{
    AttuneLine *line = g_object_new(attune_line_get_type(), NULL);
    GtkRange *range = GTK_RANGE(line);
    double step = 10.0 / steps;
    line->cb = cb;
    gtk_range_set_range(range, 0, 10);
    gtk_range_set_increments(range, step, MAX(step, 1.0));
    gtk_range_set_value(range, beginning);
    gtk_scale_set_draw_value(GTK_SCALE(line), FALSE);
    gtk_scale_set_has_origin(GTK_SCALE(line), FALSE);
    gtk_accessible_update_property(GTK_ACCESSIBLE(line), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    g_signal_connect(line, "value-changed", G_CALLBACK(on_value), NULL);
    return GTK_WIDGET(line);
}

void attune_line_show(AttuneLine *line, bool answered, double place, const char *said)
{
    line->showing = true;
    gtk_range_set_value(GTK_RANGE(line), answered ? place * 10 : beginning);
    line->showing = false;
    if (answered) {
        gtk_widget_remove_css_class(GTK_WIDGET(line), "open");
    } else {
        gtk_widget_add_css_class(GTK_WIDGET(line), "open");
    }
    /* 4.8 hands no value text on: the description says it. */
    gtk_accessible_update_property(GTK_ACCESSIBLE(line), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, said,
                                   GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, said, -1);
}
