/* Happy path: the flow moved on, so an idle source builds the page and puts it in the old one's
 * place. A page that four questions do not fit on is built again with one at a time. Failure: what
 * does not fit even so is said in `clipped`: GTK clips in silence. */
#include "client/kiosk/screen/screen.h"

#include <stdio.h>
#include <string.h>

#include "client/kiosk/screen/look.h"
#include "client/kiosk/screen/pages.h"
#include "client/kiosk/screen/parts.h"

enum { CORNER_MS = 3000 };

/* ---- a page ---------------------------------------------------------------------------------- */

static void forget_page(struct screen *s)
{
    memset(s->inputs, 0, sizeof s->inputs);
    s->send = s->hint = s->digits = NULL;
}

static void set_class(GtkWidget *w, const char *name, bool on)
{
    if (on) {
        gtk_widget_add_css_class(w, name);
    } else {
        gtk_widget_remove_css_class(w, name);
    }
}

static void set_look(struct screen *s)
{
    const struct flow_person *p = &s->flow->person;
    set_class(s->window, "contrast", p->contrast);
    set_class(s->window, "compact", s->layout.kind == LAYOUT_COMPACT);
    set_class(s->window, "one", s->layout.kind == LAYOUT_ONE);
    set_class(s->window, "night", s->flow->page == FLOW_BLANK && !s->shut_out);
    look_size(s->sizes, &s->layout);
    bool rtl = strcmp(parts_texts(s)->language, "ar") == 0;
    gtk_widget_set_default_direction(rtl ? GTK_TEXT_DIR_RTL : GTK_TEXT_DIR_LTR);
}

static void place(struct screen *s)
{
    GtkWidget *page = pages_build(s);
    gtk_window_set_child(GTK_WINDOW(s->window), page);
    s->page = page;
    pages_update(s);
}

/* The page that is up, as GTK measures it. */
static bool fits(struct screen *s, int *ret_width, int *ret_height)
{
    int width = 0, height = 0;
    gtk_widget_measure(s->page, GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL, NULL);
    gtk_widget_measure(s->page, GTK_ORIENTATION_VERTICAL, MAX(width, (int)s->width_px), &height,
                       NULL, NULL, NULL);
    *ret_width = width;
    *ret_height = height;
    return width <= (int)s->width_px && height <= (int)s->height_px;
}

static void lay_out(struct screen *s)
{
    const struct instrument *i = flow_instrument(s->flow);
    const struct layout_screen how = {
        .width_px = s->width_px,
        .height_px = s->height_px,
        .panel_mm = s->panel_mm,
        .larger = s->flow->person.larger,
        .drawn = i != NULL && i->audience == AUDIENCE_CHILD,
        .form = s->flow->page == FLOW_RATE,
        .tried = s->layout.tried,
    };
    s->layout = layout_of(&how);
    s->flow->one_at_a_time = s->layout.kind == LAYOUT_ONE;
}

/* Smaller and smaller, until it fits. */
static bool draw(struct screen *s, int *ret_width, int *ret_height)
{
    bool good;
    s->layout.tried = 0;
    do {
        forget_page(s);
        lay_out(s);
        set_look(s);
        place(s);
        good = fits(s, ret_width, ret_height);
    } while (!good && !s->layout.last);
    s->drawn = s->flow->drawn;
    return good;
}

static gboolean on_redraw(gpointer data)
{
    struct screen *s = data;
    int width, height;
    s->redraw = 0;
    (void)draw(s, &width, &height); /* screen_check has said what does not fit. */
    gtk_window_set_focus(GTK_WINDOW(s->window), NULL);
    return G_SOURCE_REMOVE;
}

void screen_refresh(struct screen *s)
{
    if (s->drawn == s->flow->drawn) {
        pages_update(s);
    } else if (s->redraw == 0) {
        s->redraw = g_idle_add_full(G_PRIORITY_HIGH, on_redraw, s, NULL);
    }
}

void screen_shut_out(struct screen *s, bool on)
{
    s->shut_out = on;
    s->drawn = s->flow->drawn - 1;
    screen_refresh(s);
}

/* ---- touches --------------------------------------------------------------------------------- */

static void on_press(GtkGestureClick *click, int presses, double x, double y, gpointer data)
{
    (void)click;
    (void)presses;
    (void)x;
    (void)y;
    struct screen *s = data;
    s->event_cb(s, FLOW_TOUCH, 0, 0);
}

static gboolean on_key(GtkEventControllerKey *keys, guint key, guint code, GdkModifierType with,
                       gpointer data)
{
    (void)keys;
    (void)key;
    (void)code;
    (void)with;
    struct screen *s = data;
    s->event_cb(s, FLOW_TOUCH, 0, 0);
    return FALSE;
}

static void on_long_press(GtkGestureLongPress *press, double x, double y, gpointer data)
{
    struct screen *s = data;
    double corner = 2.0 * s->layout.target_px;
    if (x >= s->width_px - corner && y <= corner) {
        gtk_gesture_set_state(GTK_GESTURE(press), GTK_EVENT_SEQUENCE_CLAIMED);
        s->event_cb(s, FLOW_CORNER, 0, 0);
    }
}

static void add(struct screen *s, GtkEventController *controller)
{
    gtk_event_controller_set_propagation_phase(controller, GTK_PHASE_CAPTURE);
    gtk_widget_add_controller(s->window, controller);
}

static void listen(struct screen *s)
{
    GtkGesture *click = gtk_gesture_click_new(), *hold = gtk_gesture_long_press_new();
    GtkEventController *keys = gtk_event_controller_key_new();
    gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(click), 0);
    g_signal_connect(click, "pressed", G_CALLBACK(on_press), s);
    g_signal_connect(hold, "pressed", G_CALLBACK(on_long_press), s);
    g_signal_connect(keys, "key-pressed", G_CALLBACK(on_key), s);
    g_object_set(gtk_settings_get_default(), "gtk-long-press-time", CORNER_MS, NULL);
    add(s, GTK_EVENT_CONTROLLER(click));
    add(s, GTK_EVENT_CONTROLLER(hold));
    add(s, keys);
}

/* ---- the window ------------------------------------------------------------------------------ */

static void on_size(GdkSurface *surface, int width, int height, gpointer data)
{
    (void)surface;
    struct screen *s = data;
    if (width > 0 && height > 0 &&
        ((unsigned)width != s->width_px || (unsigned)height != s->height_px)) {
        s->width_px = (unsigned)width;
        s->height_px = (unsigned)height;
        s->drawn = s->flow->drawn - 1;
        screen_refresh(s);
    }
}

static gboolean on_close(GtkWindow *window, gpointer data)
{
    (void)window;
    (void)data;
    return TRUE; /* Nobody closes it by a key. */
}

static void find_size(struct screen *s)
{
    GdkMonitor *monitor =
        g_list_model_get_item(gdk_display_get_monitors(gdk_display_get_default()), 0);
    GdkRectangle where = {0, 0, 1280, 800};
    if (monitor != NULL) {
        gdk_monitor_get_geometry(monitor, &where);
        g_object_unref(monitor);
    }
    if (s->windowed) {
        where = (GdkRectangle){0, 0, 1024, 640};
    }
    s->width_px = (unsigned)where.width;
    s->height_px = (unsigned)where.height;
}

void screen_open(struct screen *s)
{
    int width, height;
    find_size(s);
    look_start(&s->look, &s->sizes);
    s->window = gtk_window_new();
    GtkWindow *w = GTK_WINDOW(s->window);
    gtk_widget_add_css_class(s->window, "kiosk");
    gtk_window_set_title(w, "Attune");
    gtk_window_set_decorated(w, s->windowed);
    gtk_window_set_default_size(w, (int)s->width_px, (int)s->height_px);
    gtk_window_set_focus_visible(w, FALSE);
    g_signal_connect(w, "close-request", G_CALLBACK(on_close), NULL);
    listen(s);
    (void)draw(s, &width, &height);
    if (!s->windowed) {
        gtk_window_fullscreen(w);
    }
    gtk_window_present(w);
    g_signal_connect(gtk_native_get_surface(GTK_NATIVE(w)), "layout", G_CALLBACK(on_size), s);
}

const char *screen_system(void)
{
    const char *type = G_OBJECT_TYPE_NAME(gdk_display_get_default());
    return strstr(type, "Wayland") != NULL ? "Wayland" : "X11";
}

void screen_close(struct screen *s)
{
    if (s->redraw != 0) {
        g_source_remove(s->redraw);
    }
    forget_page(s);
    gtk_window_destroy(GTK_WINDOW(s->window));
    look_stop(&s->look, &s->sizes);
}

/* ---- the check ------------------------------------------------------------------------------- */

static unsigned check_page(struct screen *s)
{
    int width, height;
    if (draw(s, &width, &height)) {
        return 0;
    }
    (void)snprintf(s->clipped, sizeof s->clipped,
                   "page %u in %s%s needs %d x %d of %u x %u pixels; is panel_width_mm right?",
                   (unsigned)s->flow->page, parts_texts(s)->language,
                   s->flow->person.larger ? " with larger text" : "", width, height, s->width_px,
                   s->height_px);
    fprintf(stderr, "attune-kiosk: clipped: %s\n", s->clipped);
    return 1;
}

static unsigned check_form(struct screen *s, enum audience audience)
{
    static const enum flow_page pages[] = {
        FLOW_RECOGNISE, FLOW_EXPLAIN, FLOW_RATE,      FLOW_TALK,     FLOW_TENSION,     FLOW_BETTER,
        FLOW_NOT_SAVED, FLOW_THANKS,  FLOW_HAND_OVER, FLOW_NOT_MINE, FLOW_STILL_THERE, FLOW_PIN};
    struct flow_person *p = &s->flow->person;
    unsigned clipped = 0;
    (void)wordings_choose(&p->ticket.wordings, audience, NULL, 0);
    (void)snprintf(p->ticket.therapist, sizeof p->ticket.therapist, "Dr. Wilhelmina Hohenstein");
    (void)snprintf(p->ticket.symbol, sizeof p->ticket.symbol, "leaf");
    for (p->language = 0; p->language < p->ticket.wordings.count; p->language++) {
        for (size_t i = 0; i < 2 * G_N_ELEMENTS(pages); i++) {
            s->flow->page = pages[i / 2];
            p->larger = i % 2 == 1;
            p->hinted = true; /* The longest words of the form. */
            clipped += check_page(s);
        }
    }
    return clipped;
}

unsigned screen_check(struct screen *s)
{
    struct flow *real = s->flow;
    static const struct flow_rules rules = {1, 1, 1, "en", ""};
    s->clipped[0] = '\0';
    s->flow = g_new0(struct flow, 1);
    flow_init(s->flow, &rules);
    unsigned clipped = check_form(s, AUDIENCE_ADULT) + check_form(s, AUDIENCE_CHILD);
    g_free(s->flow);
    s->flow = real;
    s->drawn = real->drawn - 1;
    if (s->redraw == 0) {
        (void)on_redraw(s);
    }
    return clipped;
}
