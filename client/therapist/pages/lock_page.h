/* lock_page.h - nothing of anybody, until somebody unlocks.
 *
 * Who may unlock is one function, lock_page_try: the log-on by password takes its place there. */
#pragma once

#include <adwaita.h>

struct window;

struct lock_page {
    GtkWidget *self, *unlock;
};

GtkWidget *lock_page_make(struct window *w);
void lock_page_try(struct window *w);
