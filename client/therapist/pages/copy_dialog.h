/* copy_dialog.h - a client's own copy: the button, the file, and the passphrase that is shown once.
 */
#pragma once

#include <adwaita.h>

#include "client/therapist/copy/passphrase.h"

struct window;

struct copy_dialog {
    GtkWidget *self, *button; /* A card on the client's page. */
    GFile *file;              /* Where it goes; NULL: none is being made. */
    char *client;
    char phrase[PASSPHRASE_TEXT + 1]; /* From its making to its being shown. */
};

GtkWidget *copy_dialog_make(struct window *w);
/* What was read is whole, or will not be. */
void copy_dialog_update(struct window *w);
void copy_dialog_fini(struct window *w);
