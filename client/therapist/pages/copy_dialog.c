/* Happy path: a person says where, the office reads, the file is made and locked in memory and
 * written, the passphrase is shown; closed, it is nowhere any more. Failure: a sentence, and no
 * passphrase of a file that is not there. */
#include "client/therapist/pages/copy_dialog.h"

#include <string.h>

#include <openssl/rand.h>

#include "client/therapist/copy/copy_file.h"
#include "client/therapist/pages/code_picture.h"
#include "client/therapist/pages/dialog.h"
#include "client/therapist/pages/kit.h"
#include "client/therapist/pages/save_as.h"
#include "client/therapist/pages/window.h"
#include "proto/wire/must.h"

/* Nothing of it is left here. */
static void end(struct window *w)
{
    struct copy_dialog *d = &w->copy_dialog;
    office_copy_end(&w->office);
    explicit_bzero(d->phrase, sizeof d->phrase);
    g_clear_object(&d->file);
    g_clear_pointer(&d->client, g_free);
    gtk_widget_set_sensitive(d->button, TRUE);
}

static void fail(struct window *w, const char *why)
{
    char *said = g_strdup_printf("No copy was made: %s.", why);
    end(w);
    window_say(w, said);
    g_free(said);
}

/* --- the passphrase --- */

static void on_done(GtkButton *button, gpointer data)
{
    (void)button;
    dialog_close(data);
}

static void show_phrase(struct window *w)
{
    struct copy_dialog *d = &w->copy_dialog;
    GtkWidget *column = kit_column(12), *buttons = kit_row(10), *phrase = gtk_label_new(d->phrase);
    GtkWidget *code = code_picture_new("The passphrase as a QR code");
    GtkWidget *done = kit_button("They have it", "suggested-action", G_CALLBACK(on_done), w);
    char *name = g_file_get_basename(d->file);
    char *words =
        g_strdup_printf("It is in %s, and opens with this passphrase alone. Let %s take a "
                        "picture of it or write it down, apart from the file. It is shown "
                        "this once and kept nowhere.",
                        name, d->client);
    code_picture_show(code, d->phrase);
    kit_add(column, code);
    gtk_widget_add_css_class(phrase, "phrase");
    kit_add(column, phrase);
    kit_add(buttons, done);
    GtkWidget *self = dialog_new(w, "The copy is made", words, column, buttons);
    dialog_open(w, self);
    gtk_widget_set_focusable(code, TRUE);
    gtk_widget_grab_focus(code); /* Not the button: it comes while somebody types, perhaps. */
    g_free(words);
    g_free(name);
}

/* --- the file --- */

static void on_written(GObject *file, GAsyncResult *result, gpointer data)
{
    struct window *w = data;
    GError *error = NULL;
    bool good = g_file_replace_contents_finish(G_FILE(file), result, NULL, &error);
    if (w->office.changed == NULL) { /* The window is gone, and with it the passphrase. */
        g_clear_error(&error);
        if (good) {
            (void)g_file_delete(G_FILE(file), NULL, NULL); /* At once: the process ends. */
        }
    } else if (!good) {
        fail(w, error->message);
        g_error_free(error);
    } else if (w->idle.locked) {
        g_file_delete_async(G_FILE(file), G_PRIORITY_DEFAULT, NULL, NULL, NULL); /* Never opened. */
        fail(w, "the desk was locked meanwhile, so that nobody could be shown its passphrase");
    } else {
        show_phrase(w);
        end(w);
    }
}

static void free_bytes(gpointer bytes)
{
    plot_bytes_fini(bytes);
    g_free(bytes);
}

static void make(struct window *w)
{
    struct copy_dialog *d = &w->copy_dialog;
    uint8_t random[PASSPHRASE_SIGNS];
    struct plot_bytes *locked = g_new0(struct plot_bytes, 1);
    must(RAND_priv_bytes(random, sizeof random) == 1);
    passphrase_text(random, d->phrase);
    explicit_bzero(random, sizeof random);
    int rc = copy_file(&w->office.copy.read->copy, d->phrase, locked);
    GBytes *bytes = g_bytes_new_with_free_func(locked->at, locked->count, free_bytes, locked);
    office_copy_end(&w->office);
    if (rc != 0) {
        fail(w, "it could not be locked");
    } else {
        g_file_replace_contents_bytes_async(d->file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE,
                                            NULL, on_written, w);
    }
    g_bytes_unref(bytes);
}

void copy_dialog_update(struct window *w)
{
    struct office_copy *copy = &w->office.copy;
    if (copy->whole) {
        make(w);
    } else if (copy->said[0] != '\0') {
        char why[OFFICE_COPY_SAID];
        g_strlcpy(why, copy->said, sizeof why);
        fail(w, why);
    }
}

/* --- where --- */

static void begin(struct window *w, GFile *file)
{
    struct copy_dialog *d = &w->copy_dialog;
    d->file = g_object_ref(file);
    gtk_widget_set_sensitive(d->button, FALSE);
    if (!office_copy_begin(&w->office, d->client)) {
        fail(w, "there is no connection");
    }
}

static void on_where(GFile *file, void *data)
{
    struct window *w = data;
    if (file == NULL || w->idle.locked) {
        end(w);
    } else {
        begin(w, file);
    }
}

static void on_button(GtkButton *button, gpointer data)
{
    struct window *w = data;
    struct copy_dialog *d = &w->copy_dialog;
    (void)button;
    if (w->office.client == NULL || d->client != NULL) {
        return;
    }
    d->client = g_strdup(w->office.client);
    char *name = g_strdup_printf("%s-copy.pdf", d->client);
    save_as(w, "Where the copy goes", "Make it", name, on_where, w);
    g_free(name);
}

GtkWidget *copy_dialog_make(struct window *w)
{
    struct copy_dialog *d = &w->copy_dialog;
    GtkWidget *row = kit_row(10);
    GtkWidget *words = kit_label("All that is kept about them here, as one locked PDF. Its "
                                 "passphrase is shown once, for them.",
                                 "quiet");
    d->self = kit_card();
    d->button = kit_button("A copy for the client …", NULL, G_CALLBACK(on_button), w);
    gtk_widget_set_hexpand(words, TRUE);
    gtk_widget_set_valign(words, GTK_ALIGN_CENTER);
    kit_add(row, words);
    kit_add(row, d->button);
    kit_add(d->self, kit_heading("The client’s own copy"));
    kit_add(d->self, row);
    return d->self;
}

void copy_dialog_fini(struct window *w)
{
    struct copy_dialog *d = &w->copy_dialog;
    explicit_bzero(d->phrase, sizeof d->phrase);
    g_clear_object(&d->file);
    g_clear_pointer(&d->client, g_free);
}
