/* lock_page.h - nothing of anybody, until somebody unlocks.
 *
 * Where the practice asks for log-on, the password unlocks (and the code, a new password where a
 * one-time one must be changed, and a second factor where one must be set up); else a button does.
 * What waits is said as a fact, without content. */
#pragma once

#include <adwaita.h>

struct window;

struct lock_page {
    GtkWidget *self, *unlock, *said, *waits, *clock;
    GtkWidget *picture, *secret;                       /* A new second factor's. */
    GtkWidget *name, *password, *code, *fresh, *again; /* GtkEntry, each in a labelled box. */
};

GtkWidget *lock_page_make(struct window *w);
/* What is asked for, what was said, whether something waits. */
void lock_page_update(struct window *w);
/* Where a person begins. */
void lock_page_focus(struct window *w);
/* Nothing typed stays. */
void lock_page_clear(struct window *w);
