/* Happy path: locked, a person unlocks, the window is as it was. Failure: a sentence under the
 * fields, which a screen reader says by itself; the password is to be typed again. */
#include "client/therapist/pages/lock_page.h"

#include <string.h>

#include <openssl/crypto.h>

#include "client/therapist/pages/code_picture.h"
#include "client/therapist/pages/kit.h"
#include "client/therapist/pages/window.h"
#include "proto/wire/limits.h"

enum { FIELD_WIDTH = 320, CLOCK_WIDTH = 420 };

static const char *text_of(GtkWidget *entry)
{
    return gtk_editable_get_text(GTK_EDITABLE(entry));
}

void lock_page_clear(struct window *w)
{
    struct lock_page *p = &w->lock_page;
    GtkWidget *entries[] = {p->password, p->code, p->fresh, p->again};
    for (size_t at = 0; at < G_N_ELEMENTS(entries); at++) {
        gtk_editable_set_text(GTK_EDITABLE(entries[at]), "");
    }
}

/* What can be seen to be wrong here is not sent. */
static void try_new(struct window *w)
{
    struct lock_page *p = &w->lock_page;
    struct office_lock *l = &w->office.lock;
    if (strlen(text_of(p->fresh)) < LIMIT_PASSWORD_BYTES_MIN) {
        g_strlcpy(l->said, "The new password needs 12 characters or more.", sizeof l->said);
    } else if (strcmp(text_of(p->fresh), text_of(p->again)) != 0) {
        g_strlcpy(l->said, "The two new passwords differ.", sizeof l->said);
    } else {
        office_new_password(&w->office, text_of(p->password), text_of(p->fresh));
        return;
    }
    lock_page_update(w);
}

/* The password is the one in force: the new one, if it was changed a moment ago. */
static void try_factor(struct window *w)
{
    struct lock_page *p = &w->lock_page;
    if (w->office.lock.uri[0] == '\0') {
        const char *fresh = text_of(p->fresh);
        office_begin_factor(&w->office, fresh[0] != '\0' ? fresh : text_of(p->password));
    } else {
        office_confirm_factor(&w->office, text_of(p->code));
    }
}

static void lock_page_try(struct window *w)
{
    struct lock_page *p = &w->lock_page;
    if (!office_locked(&w->office)) {
        window_unlock(w);
    } else if (w->office.lock.wants == OFFICE_WANTS_NEW) {
        try_new(w);
    } else if (w->office.lock.wants == OFFICE_WANTS_FACTOR) {
        try_factor(w);
    } else {
        office_log_on(&w->office, text_of(p->name), text_of(p->password), text_of(p->code));
    }
}

static void on_unlock(GtkButton *button, gpointer data)
{
    (void)button;
    lock_page_try(data);
}

static void on_enter(GtkEntry *entry, gpointer data)
{
    (void)entry;
    lock_page_try(data);
}

static void show_text(GtkWidget *label, const char *text)
{
    gtk_label_set_text(GTK_LABEL(label), text);
    gtk_widget_set_visible(label, text[0] != '\0');
}

static void show_field(GtkWidget *entry, bool shown)
{
    gtk_widget_set_visible(gtk_widget_get_parent(entry), shown);
}

/* What an authenticator would read, also in letters, in fours, for one that has no camera. */
static void show_factor(struct lock_page *p, const char *uri)
{
    GString *words = g_string_new(NULL);
    const char *secret = strstr(uri, "secret=");
    if (secret != NULL) {
        g_string_append(words, "Or type this into it:");
        secret += strlen("secret=");
        for (size_t at = 0; secret[at] != '\0' && secret[at] != '&'; at++) {
            g_string_append_printf(words, "%s%c", at % 4 == 0 ? " " : "", secret[at]);
        }
    }
    code_picture_show(p->picture, uri);
    show_text(p->secret, words->str);
    OPENSSL_cleanse(words->str, words->len);
    g_string_free(words, TRUE);
}

static const char *what_it_does(const struct office *o)
{
    if (!office_locked(o)) {
        return "Unlock";
    }
    switch (o->lock.wants) {
    case OFFICE_WANTS_NEW:
        return "Set password";
    case OFFICE_WANTS_FACTOR:
        return o->lock.uri[0] == '\0' ? "Set up a second factor" : "Confirm";
    default:
        return "Log on";
    }
}

void lock_page_focus(struct window *w)
{
    struct lock_page *p = &w->lock_page;
    const struct office_lock *l = &w->office.lock;
    GtkWidget *first = !office_locked(&w->office)        ? p->unlock
                       : l->wants == OFFICE_WANTS_NEW    ? p->fresh
                       : l->wants == OFFICE_WANTS_CODE   ? p->code
                       : l->wants == OFFICE_WANTS_FACTOR ? (l->uri[0] != '\0' ? p->code : p->unlock)
                       : office_is_administrator(&w->office) && text_of(p->name)[0] == '\0'
                           ? p->name
                           : p->password;
    gtk_widget_grab_focus(first);
}

void lock_page_update(struct window *w)
{
    struct lock_page *p = &w->lock_page;
    const struct office_lock *l = &w->office.lock;
    char clock[CLOCK_SAYS];
    bool asks = office_locked(&w->office);
    bool fresh = asks && l->wants == OFFICE_WANTS_NEW;
    bool factor = asks && l->wants == OFFICE_WANTS_FACTOR;
    show_field(p->name, asks && !fresh && !factor && office_is_administrator(&w->office));
    show_field(p->password, asks && !fresh && !factor);
    show_field(p->code, asks && (l->wants == OFFICE_WANTS_CODE || (factor && l->uri[0] != '\0')));
    show_factor(p, factor ? l->uri : "");
    show_field(p->fresh, fresh);
    show_field(p->again, fresh);
    gtk_button_set_label(GTK_BUTTON(p->unlock), what_it_does(&w->office));
    gtk_widget_set_sensitive(p->unlock, !l->asking);
    show_text(p->said, asks ? l->said : "");
    show_text(p->clock, asks ? office_clock_words(&w->office, clock) : "");
    show_text(p->waits, asks && l->waiting > 0 ? "Attune has something for you." : "");
}

/* --- how it is made --- */

/* Its words above it, and nothing of a secret in memory that is swapped or kept. */
static GtkWidget *add_field(struct window *w, GtkWidget *box, const char *words, bool secret)
{
    GtkWidget *field = kit_column(4), *label = kit_label(words, NULL);
    GtkEntryBuffer *buffer =
        secret ? gtk_password_entry_buffer_new() : gtk_entry_buffer_new(NULL, -1);
    GtkWidget *entry = gtk_entry_new_with_buffer(buffer);
    g_object_unref(buffer);
    gtk_entry_set_visibility(GTK_ENTRY(entry), !secret);
    gtk_entry_set_input_purpose(GTK_ENTRY(entry),
                                secret ? GTK_INPUT_PURPOSE_PASSWORD : GTK_INPUT_PURPOSE_FREE_FORM);
    gtk_entry_set_max_length(GTK_ENTRY(entry), LIMIT_PASSWORD_BYTES);
    gtk_widget_set_size_request(entry, FIELD_WIDTH, -1);
    kit_name(entry, words);
    g_signal_connect(entry, "activate", G_CALLBACK(on_enter), w);
    kit_add(field, label);
    kit_add(field, entry);
    gtk_widget_set_visible(field, FALSE);
    kit_add(box, field);
    return entry;
}

/* A screen reader says by itself what changes on it. */
static GtkWidget *add_word(GtkWidget *box, GtkAccessibleRole role, const char *css)
{
    GtkWidget *label = g_object_new(GTK_TYPE_LABEL, "wrap", TRUE, "accessible-role", role, NULL);
    if (css != NULL) {
        gtk_widget_add_css_class(label, css);
    }
    gtk_widget_set_visible(label, FALSE);
    kit_add(box, label);
    return label;
}

/* No wider than the fields look well. */
static GtkWidget *add_clock(GtkWidget *form)
{
    GtkWidget *narrow = kit_column(0), *clamp = adw_clamp_new();
    adw_clamp_set_maximum_size(ADW_CLAMP(clamp), CLOCK_WIDTH);
    adw_clamp_set_tightening_threshold(ADW_CLAMP(clamp), CLOCK_WIDTH);
    adw_clamp_set_child(ADW_CLAMP(clamp), narrow);
    kit_add(form, clamp);
    return add_word(narrow, GTK_ACCESSIBLE_ROLE_STATUS, NULL);
}

GtkWidget *lock_page_make(struct window *w)
{
    struct lock_page *p = &w->lock_page;
    GtkWidget *bar = adw_header_bar_new(), *status = adw_status_page_new(), *form = kit_column(12);
    p->self = kit_column(0);
    p->waits = add_word(form, GTK_ACCESSIBLE_ROLE_STATUS, "who");
    p->clock = add_clock(form);
    p->name = add_field(w, form, "Name", false);
    p->password = add_field(w, form, "Password", true);
    p->picture = code_picture_new("QR code for your authenticator");
    kit_add(form, p->picture);
    p->secret = add_word(form, GTK_ACCESSIBLE_ROLE_LABEL, "who");
    p->code = add_field(w, form, "Code of your authenticator", false);
    p->fresh = add_field(w, form, "New password, 12 characters or more", true);
    p->again = add_field(w, form, "The same again", true);
    p->said = add_word(form, GTK_ACCESSIBLE_ROLE_ALERT, "lost");
    p->unlock = kit_button("Unlock", "suggested-action", G_CALLBACK(on_unlock), w);
    gtk_widget_set_halign(p->unlock, GTK_ALIGN_CENTER);
    kit_add(form, p->unlock);
    gtk_widget_set_halign(form, GTK_ALIGN_CENTER);
    adw_header_bar_set_title_widget(ADW_HEADER_BAR(bar), adw_window_title_new("Attune", ""));
    adw_status_page_set_icon_name(ADW_STATUS_PAGE(status), "system-lock-screen-symbolic");
    adw_status_page_set_title(ADW_STATUS_PAGE(status), "Locked");
    adw_status_page_set_description(ADW_STATUS_PAGE(status),
                                    "Nothing is shown while nobody is here. Ratings and alerts are "
                                    "kept for you.");
    adw_status_page_set_child(ADW_STATUS_PAGE(status), form);
    gtk_widget_set_vexpand(status, TRUE);
    kit_add(p->self, bar);
    kit_add(p->self, status);
    return p->self;
}
