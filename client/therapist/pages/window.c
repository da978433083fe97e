/* Happy path: the office tells what has changed, the page concerned is updated. Locked, there is
 * nothing to be seen and nothing counts as shown. Failure: a refusal is said at the foot for a few
 * seconds; a lost connection stays said until it is back. */
#include "client/therapist/pages/window.h"

#include <string.h>

#include "client/therapist/pages/actions.h"
#include "client/therapist/pages/dialog.h"
#include "client/therapist/pages/kit.h"
#include "client/therapist/pages/save_as.h"
#include "client/therapist/pages/style.h"

#define PAGE_SHARE 0.8 /* Of a page, by Page Down. */

enum {
    WIDTH = 1280,
    HEIGHT = 860,
    REPORT_S = 20,
    LEAVE_MS = 3000,
    TOAST_S = 8,
    IDLE_LOOK_MS = 250
};

/* --- idle --- */

static gboolean on_idle_look(gpointer data);

static void arm_idle(struct window *w)
{
    int64_t wake = idle_wake_ms(&w->idle);
    g_clear_handle_id(&w->idle_timer, g_source_remove);
    if (wake != INT64_MAX) {
        int64_t wait = MAX(wake - link_now_ms(), IDLE_LOOK_MS);
        w->idle_timer = g_timeout_add((guint)MIN(wait, G_MAXINT32), on_idle_look, w);
    }
}

static gboolean on_idle_look(gpointer data)
{
    struct window *w = data;
    w->idle_timer = 0;
    if (idle_tick(&w->idle, link_now_ms())) {
        window_lock(w);
    }
    arm_idle(w);
    return G_SOURCE_REMOVE;
}

static gboolean on_event(GtkEventControllerLegacy *controller, GdkEvent *event, gpointer data)
{
    struct window *w = data;
    (void)controller;
    switch (gdk_event_get_event_type(event)) {
    case GDK_MOTION_NOTIFY:
    case GDK_BUTTON_PRESS:
    case GDK_KEY_PRESS:
    case GDK_SCROLL:
    case GDK_TOUCH_BEGIN:
        idle_touched(&w->idle, link_now_ms());
        break;
    default:
        break;
    }
    return GDK_EVENT_PROPAGATE;
}

/* Every key, movement and touch comes by here before it goes anywhere. */
void window_watch_hands(struct window *w, GtkWidget *self)
{
    GtkEventController *events = gtk_event_controller_legacy_new();
    gtk_event_controller_set_propagation_phase(events, GTK_PHASE_CAPTURE);
    g_signal_connect(events, "event", G_CALLBACK(on_event), w);
    gtk_widget_add_controller(self, events);
}

/* A page scrolls by keys also where nothing on it has the focus. */
static gboolean on_scroll_key(GtkEventControllerKey *controller, guint key, guint code,
                              GdkModifierType modifiers, gpointer data)
{
    struct window *w = data;
    GtkWidget *page = gtk_stack_get_visible_child(GTK_STACK(w->pages));
    bool up = key == GDK_KEY_Page_Up, down = key == GDK_KEY_Page_Down;
    (void)controller;
    (void)code;
    if (!GTK_IS_SCROLLED_WINDOW(page) || (!up && !down) || (modifiers & GDK_ALT_MASK) != 0) {
        return GDK_EVENT_PROPAGATE;
    }
    GtkAdjustment *at = gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(page));
    double step = gtk_adjustment_get_page_size(at) * PAGE_SHARE;
    gtk_adjustment_set_value(at, gtk_adjustment_get_value(at) + (down ? step : -step));
    return GDK_EVENT_STOP;
}

/* --- what is before one's eyes --- */

bool window_shows_practice(const struct window *w)
{
    return strcmp(gtk_stack_get_visible_child_name(GTK_STACK(w->pages)), "practice") == 0;
}

static void update_title(struct window *w)
{
    bool practice = window_shows_practice(w);
    bool client = !practice && w->office.client != NULL;
    bool administrator = office_is_administrator(&w->office);
    char room[WHOSE_WORDS];
    char *under = g_strdup("");
    if (client && w->office.client_known && w->office.course.count > 0) {
        char *since = kit_day(w->office.course.sessions[w->office.course.count - 1].start_ms);
        g_free(under);
        under = g_strdup_printf("%zu session%s%s since %s", w->office.course.count,
                                w->office.course.count == 1 ? "" : "s",
                                whose_client(w->office.whose, room), since);
        g_free(since);
    }
    adw_window_title_set_title(ADW_WINDOW_TITLE(w->title),
                               practice ? (administrator ? "The practice" : "My figures")
                               : client ? w->office.client
                                        : "");
    adw_window_title_set_subtitle(ADW_WINDOW_TITLE(w->title), under);
    gtk_widget_set_visible(w->client_tools, client);
    gtk_widget_set_visible(w->open_button, client && whose_may_act(w->office.whose));
    actions_update(w);
    g_free(under);
}

void window_show_client(struct window *w, const char *client_ref)
{
    char *ref = g_strdup(client_ref);
    kit_show_page(w->pages, "client");
    office_open_client(&w->office, ref);
    sidebar_select(w, ref);
    update_title(w);
    g_free(ref);
}

void window_show_practice(struct window *w)
{
    kit_show_page(w->pages, "practice");
    sidebar_select(w, NULL);
    office_open_client(&w->office, NULL);
    office_read_report(&w->office);
    update_title(w);
}

void window_review(struct window *w, bool on)
{
    if (w->idle.locked || (on && w->office.client == NULL)) {
        return;
    }
    review_page_update(w);
    kit_show_page(w->top, on ? "review" : "desk");
    whose_box_update(w);
    if (on) {
        gtk_window_fullscreen(GTK_WINDOW(w->self));
        gtk_widget_grab_focus(w->review_page.back);
    } else {
        gtk_window_unfullscreen(GTK_WINDOW(w->self));
    }
    /* Nothing else is on it: an alert that comes now is not before the therapist's eyes. */
    office_hide(&w->office, on);
}

void window_lock(struct window *w)
{
    idle_lock(&w->idle);
    dialog_close(w);
    save_as_end(w);
    gtk_window_unfullscreen(GTK_WINDOW(w->self));
    office_hide(&w->office, true);
    office_log_off(&w->office);
    lock_page_clear(w);
    lock_page_update(w);
    kit_show_page(w->top, "lock");
    whose_box_update(w);
    lock_page_focus(w);
    actions_update(w);
    arm_idle(w);
}

static void show_toast(struct window *w, const char *text)
{
    char *markup = g_markup_escape_text(text, -1);
    AdwToast *toast = adw_toast_new(markup);
    adw_toast_set_timeout(toast, TOAST_S);
    adw_toast_overlay_add_toast(ADW_TOAST_OVERLAY(w->toasts), toast);
    g_free(markup);
}

/* What is behind the lock nobody reads: it waits, each sentence once. */
void window_say(struct window *w, const char *text)
{
    if (w->office.changed == NULL) { /* The widgets are gone; the office takes its leave. */
        return;
    }
    if (!w->idle.locked && !office_locked(&w->office)) {
        show_toast(w, text);
    } else if (g_queue_find_custom(&w->unsaid, text, (GCompareFunc)g_strcmp0) == NULL) {
        g_queue_push_tail(&w->unsaid, g_strdup(text));
    }
}

void window_unlock(struct window *w)
{
    char *text = NULL;
    idle_unlock(&w->idle, link_now_ms());
    kit_show_page(w->top, "desk");
    whose_box_update(w);
    office_hide(&w->office, false);
    actions_update(w);
    arm_idle(w);
    while ((text = g_queue_pop_head(&w->unsaid)) != NULL) {
        show_toast(w, text);
        g_free(text);
    }
}

/* The server's word: nobody has logged on, or somebody has. */
static void on_lock(struct window *w)
{
    if (office_locked(&w->office) && !w->idle.locked) {
        window_lock(w);
    } else if (w->office.lock.required && w->office.lock.on && w->idle.locked) {
        lock_page_clear(w);
        lock_page_update(w); /* A new second factor is confirmed: its secret goes. */
        window_unlock(w);
    } else if (w->idle.locked) {
        lock_page_update(w);
        if (!w->office.lock.asking && w->office.lock.said[0] != '\0') {
            lock_page_focus(w);
        }
    }
}

/* Outside the window there is no content: not who, not what. */
static void call_from_outside(struct window *w)
{
    bool waits = false;
    for (int at = 0; at < (int)w->office.notices->count; at++) {
        const struct notice *n = &w->office.notices->all[at];
        waits = waits || (!n->shown && n->tier == ATTUNE__TIER__TIER_RED &&
                          n->state == NOTICE_OPEN && notices_may_show(w->office.notices, at));
    }
    bool locked = office_locked(&w->office);
    waits = locked ? w->office.lock.waiting > 0 : waits;
    bool here = gtk_window_is_active(GTK_WINDOW(w->self)) && !w->idle.locked;
    if (waits && !here && w->office.notices->mode == NOTICE_POPUP) {
        GNotification *note = g_notification_new(locked ? "Attune has something for you"
                                                        : "A session needs your attention");
        g_application_send_notification(G_APPLICATION(w->application), "attention", note);
        g_object_unref(note);
    } else if (!waits) {
        g_application_withdraw_notification(G_APPLICATION(w->application), "attention");
    }
}

static void on_link(struct window *w)
{
    sidebar_update_link(w);
    bool out = link_shut_out(&w->office.link);
    if (out && w->office.link.state != LINK_CONNECTING) {
        char *words = g_strdup_printf("The server says: %s.", w->office.link.why);
        adw_status_page_set_description(ADW_STATUS_PAGE(w->shut_out), words);
        g_free(words);
    }
    kit_show_page(w->whole, out ? "shut out" : "top");
    if (office_is_administrator(&w->office) && w->office.link.state == LINK_UP) {
        gtk_widget_set_visible(w->sidebar.list, FALSE);
        window_show_practice(w);
    }
    update_title(w);
}

/* They are others' from now on: whatever was shown is forgotten by then, also what was looked for.
 */
static void begin_anew(struct window *w)
{
    w->epoch = w->office.epoch;
    if (strcmp(gtk_stack_get_visible_child_name(GTK_STACK(w->top)), "review") == 0) {
        window_review(w, false);
    }
    kit_show_page(w->pages, "none");
    gtk_editable_set_text(GTK_EDITABLE(w->sidebar.search), "");
    sidebar_select(w, NULL);
}

static void on_whose(struct window *w)
{
    if (w->epoch != w->office.epoch) {
        begin_anew(w);
    }
    whose_box_update(w);
    sidebar_update(w);
    sidebar_update_link(w);
    client_page_update(w);
    update_title(w);
}

static void on_changed(struct office *o, enum office_change what)
{
    struct window *w = o->owner;
    switch (what) {
    case OFFICE_LINK:
        on_link(w);
        break;
    case OFFICE_CASELOAD:
        sidebar_update(w);
        break;
    case OFFICE_ROOMS:
        actions_update_rooms(w);
        break;
    case OFFICE_LIVE:
        live_bar_update(w);
        actions_update_rooms(w);
        update_title(w);
        break;
    case OFFICE_NOTICES:
        notice_box_update(w);
        sidebar_update(w);
        call_from_outside(w);
        break;
    case OFFICE_CLIENT:
        client_page_update(w);
        review_page_update(w);
        actions_update_rooms(w);
        update_title(w);
        break;
    case OFFICE_WHOSE:
        on_whose(w);
        break;
    case OFFICE_COPY:
        copy_dialog_update(w);
        break;
    case OFFICE_LOOKED:
        window_show_client(w, w->office.whose->now.client_ref);
        break;
    case OFFICE_LOOKS:
        look_box_update(w);
        break;
    case OFFICE_REPORT:
        practice_page_update(w);
        break;
    case OFFICE_LOCK:
        on_lock(w);
        call_from_outside(w);
        break;
    case OFFICE_SAID_SOMETHING:
        window_say(w, w->office.said);
        break;
    }
}

static gboolean on_report_time(gpointer data)
{
    struct window *w = data;
    if (window_shows_practice(w)) {
        office_read_report(&w->office);
    }
    sidebar_update_link(w);
    whose_box_update(w); /* A right begins or ends by the time alone. */
    return G_SOURCE_CONTINUE;
}

/* From here on there are no widgets to be told anything. */
static gboolean on_close(GtkWindow *self, gpointer data)
{
    struct window *w = data;
    (void)self;
    w->office.changed = NULL;
    dialog_close(w);
    save_as_end(w);
    g_clear_handle_id(&w->idle_timer, g_source_remove);
    g_clear_handle_id(&w->report_timer, g_source_remove);
    return GDK_EVENT_PROPAGATE;
}

/* --- how it is made --- */

static GtkWidget *make_nobody(void)
{
    GtkWidget *status = adw_status_page_new();
    adw_status_page_set_title(ADW_STATUS_PAGE(status), "Choose a client");
    adw_status_page_set_description(ADW_STATUS_PAGE(status),
                                    "Attune is a communication aid; not validated; not for "
                                    "emergencies.");
    return status;
}

static GtkWidget *make_content(struct window *w)
{
    GtkWidget *content = kit_column(0), *bars = kit_column(10);
    w->pages = gtk_stack_new();
    gtk_widget_add_css_class(bars, "bars");
    kit_add(bars, live_bar_make(w));
    kit_add(bars, notice_box_make(w));
    kit_add(bars, look_box_make(w));
    gtk_stack_add_named(GTK_STACK(w->pages), make_nobody(), "none");
    gtk_stack_add_named(GTK_STACK(w->pages), client_page_make(w), "client");
    gtk_stack_add_named(GTK_STACK(w->pages), practice_page_make(w), "practice");
    gtk_widget_set_vexpand(w->pages, TRUE);
    w->toasts = adw_toast_overlay_new();
    adw_toast_overlay_set_child(ADW_TOAST_OVERLAY(w->toasts), w->pages);
    kit_add(content, actions_make_header(w));
    kit_add(content, bars);
    kit_add(content, w->toasts);
    gtk_widget_set_hexpand(content, TRUE);
    return content;
}

/* Over everything, locked or not: what was read is not for whoever may no longer. */
static GtkWidget *make_shut_out(struct window *w)
{
    GtkWidget *page = kit_column(0), *bar = adw_header_bar_new();
    w->shut_out = adw_status_page_new();
    adw_header_bar_set_title_widget(ADW_HEADER_BAR(bar), adw_window_title_new("Attune", ""));
    adw_status_page_set_icon_name(ADW_STATUS_PAGE(w->shut_out), "action-unavailable-symbolic");
    adw_status_page_set_title(ADW_STATUS_PAGE(w->shut_out), "Not here any more");
    gtk_widget_set_vexpand(w->shut_out, TRUE);
    kit_add(page, bar);
    kit_add(page, w->shut_out);
    return page;
}

static void make_pages(struct window *w)
{
    GtkWidget *desk = kit_row(0), *under = kit_column(0);
    w->top = gtk_stack_new();
    gtk_widget_set_vexpand(w->top, TRUE);
    kit_add(desk, sidebar_make(w));
    kit_add(desk, gtk_separator_new(GTK_ORIENTATION_VERTICAL));
    kit_add(desk, make_content(w));
    gtk_stack_add_named(GTK_STACK(w->top), desk, "desk");
    gtk_stack_add_named(GTK_STACK(w->top), lock_page_make(w), "lock");
    gtk_stack_add_named(GTK_STACK(w->top), review_page_make(w), "review");
    kit_add(under, whose_box_make_bar(w));
    kit_add(under, w->top);
    w->whole = gtk_stack_new();
    gtk_stack_add_named(GTK_STACK(w->whole), under, "top");
    gtk_stack_add_named(GTK_STACK(w->whole), make_shut_out(w), "shut out");
    adw_application_window_set_content(ADW_APPLICATION_WINDOW(w->self), w->whole);
}

int window_open(struct window *w, AdwApplication *application, const struct window_options *options,
                char *why, size_t why_size)
{
    memset(w, 0, sizeof *w);
    w->application = application;
    w->options = options;
    int rc =
        office_init(&w->office, options->identity, options->address, options->mode, why, why_size);
    if (rc != 0) {
        return rc;
    }
    w->office.owner = w;
    w->office.changed = on_changed;
    idle_init(&w->idle, (int64_t)options->idle_seconds * 1000, link_now_ms());
    w->self = adw_application_window_new(GTK_APPLICATION(application));
    gtk_window_set_title(GTK_WINDOW(w->self), "Attune");
    gtk_window_set_default_size(GTK_WINDOW(w->self), WIDTH, HEIGHT);
    style_take(w->self, options->style);
    make_pages(w);
    kit_show_page(w->top, "desk");
    kit_show_page(w->pages, "none");
    actions_add(w);
    window_watch_hands(w, w->self);
    GtkEventController *keys = gtk_event_controller_key_new();
    g_signal_connect(keys, "key-pressed", G_CALLBACK(on_scroll_key), w);
    gtk_widget_add_controller(w->self, keys);
    g_signal_connect(w->self, "close-request", G_CALLBACK(on_close), w);
    w->report_timer = g_timeout_add_seconds(REPORT_S, on_report_time, w);
    update_title(w);
    arm_idle(w);
    gtk_window_present(GTK_WINDOW(w->self));
    gtk_widget_grab_focus(w->sidebar.search);
    office_start(&w->office);
    return 0;
}

void window_close_all(struct window *w)
{
    copy_dialog_fini(w);
    office_fini(&w->office, LEAVE_MS);
    g_clear_pointer(&w->sidebar.rows, g_hash_table_unref);
    g_queue_clear_full(&w->unsaid, g_free);
    g_free(w->live_bar.shown);
    g_free(w->notice_box.shown);
    g_free(w->client_page.goals_shown);
    g_free(w->practice_page.shown);
    g_free(w->whose_box.shown);
}
