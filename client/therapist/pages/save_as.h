/* save_as.h - where a person puts a file: the desktop's own chooser, or the folder that was given
 * at the start. */
#pragma once

#include <adwaita.h>

struct window;

/* `file` is borrowed for the call; NULL: they would rather not. */
typedef void (*save_as_cb)(GFile *file, void *data);

/* Ask. `name` is what is proposed, any text. `cb` comes once, at once where a folder was given: at
 * the latest when the desk locks, the window is closed, or another file is asked for. */
void save_as(struct window *w, const char *title, const char *accept, const char *name,
             save_as_cb cb, void *data);
/* Ask no more: they would rather not. */
void save_as_end(struct window *w);
