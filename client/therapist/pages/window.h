/* window.h - the one window: who is in it, and which of its pages is before one's eyes.
 *
 * Every page is a struct of widgets with a `make` and an `update`. Pages read the office and call
 * what the person does; nothing of a page is known to another one. */
#pragma once

#include <adwaita.h>

#include "client/therapist/idle.h"
#include "client/therapist/office.h"
#include "client/therapist/pages/client_page.h"
#include "client/therapist/pages/copy_dialog.h"
#include "client/therapist/pages/live_bar.h"
#include "client/therapist/pages/lock_page.h"
#include "client/therapist/pages/look_box.h"
#include "client/therapist/pages/notice_box.h"
#include "client/therapist/pages/practice_page.h"
#include "client/therapist/pages/review_page.h"
#include "client/therapist/pages/sidebar.h"
#include "client/therapist/pages/whose_box.h"

struct window_options {
    const char *address;
    struct identity *identity;
    enum notice_mode mode;
    uint32_t idle_seconds;
    const char *style;         /* "light", "dark"; NULL: the desktop's. */
    const char *export_folder; /* Where a saved file goes; NULL: a person is asked. */
};

struct window {
    AdwApplication *application;
    const struct window_options *options;
    struct office office;
    struct idle idle;
    guint idle_timer, report_timer;

    GtkWidget *self;
    GtkWidget *top;
    GtkWidget *whole, *shut_out;
    /* `top`, or the page of who may no longer. */ /* GtkStack: desk, lock, review. */
    GtkWidget *pages;                              /* GtkStack: none, client, practice. */
    GtkWidget *toasts, *title, *open_button, *client_tools;
    struct sidebar sidebar;
    struct live_bar live_bar;
    struct notice_box notice_box;
    struct look_box look_box;
    struct client_page client_page;
    struct practice_page practice_page;
    struct review_page review_page;
    struct lock_page lock_page;
    struct whose_box whose_box;
    struct copy_dialog copy_dialog;
    GtkFileChooserNative *chooser; /* While a person is asked where; of save_as. */
    guint epoch;                   /* Of the office's rows, as shown. */
    GQueue unsaid;                 /* char *: what is to be said once somebody is here. */
    GtkWidget *dialog;             /* Over the window; NULL: none. dialog.h. */
};

/* Make it and show it. The office is the window's; window_close_all ends both. */
int window_open(struct window *w, AdwApplication *application, const struct window_options *options,
                char *why, size_t why_size);
void window_close_all(struct window *w);
/* The figures' page, not a client's. */
bool window_shows_practice(const struct window *w);

/* What sidebar, bars and pages ask for. */
void window_show_client(struct window *w, const char *client_ref);
void window_show_practice(struct window *w);
void window_review(struct window *w, bool on);
void window_lock(struct window *w);
void window_unlock(struct window *w);
/* Somebody is there also while they use this. */
void window_watch_hands(struct window *w, GtkWidget *self);
/* At the foot, for a few seconds: plain text, of a locked desk once it is unlocked. Of a window
 * that was closed: to nobody. */
void window_say(struct window *w, const char *text);
