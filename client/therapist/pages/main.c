/* attune-therapist: the therapist's desk.
 *
 * Happy path: read the options and the identity, open the window, run until it is closed; what was
 * chosen and not yet sent is sent then. Failure: options or an identity that make no sense end it
 * with one sentence before there is a window; the exit codes are those of `attune`. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <adwaita.h>
#include <openssl/crypto.h>
#include <protobuf-c/protobuf-c.h>

#include "client/link/harden.h"
#include "client/link/identity_files.h"
#include "client/therapist/pages/prefs.h"
#include "client/therapist/pages/setup_page.h"
#include "client/therapist/pages/window.h"
#include "proto/wire/exits.h"

struct program {
    char *identity, *server, *alerts, *style, *export_folder;
    int idle_seconds;
    gboolean version;
    struct identity loaded;
    struct window_options options;
    struct window window;
    bool open;
    int status;
    char why[IDENTITY_WHY];
};

static int failed(enum exits how, const char *why)
{
    fprintf(stderr, "attune-therapist: %s\n", why);
    return (int)how;
}

static void print_version(void)
{
    printf("attune-therapist %s\nGTK %u.%u.%u\nlibadwaita %u.%u.%u\nGLib %u.%u.%u\n%s\n"
           "protobuf-c %s\n",
           ATTUNE_VERSION, gtk_get_major_version(), gtk_get_minor_version(),
           gtk_get_micro_version(), adw_get_major_version(), adw_get_minor_version(),
           adw_get_micro_version(), glib_major_version, glib_minor_version, glib_micro_version,
           OpenSSL_version(OPENSSL_VERSION), protobuf_c_version());
}

static bool read_options(struct program *p, int *argc, char ***argv)
{
    const GOptionEntry entries[] = {
        {"identity", 0, 0, G_OPTION_ARG_FILENAME, &p->identity, "this device's folder", "DIR"},
        {"server", 0, 0, G_OPTION_ARG_STRING, &p->server, "the server's address", "HOST:PORT"},
        {"alerts", 0, 0, G_OPTION_ARG_STRING, &p->alerts, "popup, badge or after (the session)",
         "HOW"},
        {"idle-seconds", 0, 0, G_OPTION_ARG_INT, &p->idle_seconds, "lock after so long (600)", "N"},
        {"style", 0, 0, G_OPTION_ARG_STRING, &p->style, "light or dark; else the desktop's",
         "STYLE"},
        {"export-to", 0, 0, G_OPTION_ARG_FILENAME, &p->export_folder,
         "save files there without asking", "DIR"},
        {"version", 0, 0, G_OPTION_ARG_NONE, &p->version, "this and the libraries' versions", NULL},
        {0}};
    GError *error = NULL;
    GOptionContext *context = g_option_context_new("- the therapist's desk");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_description(
        context, "Exit codes: 0 done, 1 failed, 2 usage, 78 configuration.\n"
                 "Attune is a communication aid; not validated; not for emergencies.");
    bool good = g_option_context_parse(context, argc, argv, &error);
    if (!good) {
        fprintf(stderr, "attune-therapist: %s; see attune-therapist --help\n", error->message);
        g_error_free(error);
    }
    g_option_context_free(context);
    return good;
}

/* What the person chose the last time, unless the command line says otherwise. */
static bool take_mode(struct program *p)
{
    p->options.mode = NOTICE_POPUP;
    if (p->alerts == NULL) {
        prefs_read(&p->options.mode);
        return true;
    }
    return prefs_mode_of(p->alerts, &p->options.mode);
}

/* 0, or the exit. */
static int take_options(struct program *p, int rest)
{
    if (rest > 1) {
        return failed(EXITS_USAGE, "there are only options; see attune-therapist --help");
    }
    if (!take_mode(p)) {
        return failed(EXITS_USAGE, "--alerts is popup, badge or after");
    }
    if (p->style != NULL && strcmp(p->style, "light") != 0 && strcmp(p->style, "dark") != 0) {
        return failed(EXITS_USAGE, "--style is light or dark");
    }
    if (p->idle_seconds < 1 || p->idle_seconds > IDLE_SECONDS_MAX) {
        return failed(EXITS_USAGE, "--idle-seconds is 1 to 43200");
    }
    const char *folder = p->identity != NULL ? p->identity : g_getenv("ATTUNE_IDENTITY");
    if (folder == NULL) {
        return failed(EXITS_CONFIGURATION,
                      "which device is this? Give --identity DIR or set ATTUNE_IDENTITY");
    }
    if (identity_files_missing(folder) && !setup_page_run(folder, p->server, p->style)) {
        return (int)EXITS_CONFIGURATION;
    }
    if (identity_load(&p->loaded, folder, p->why, sizeof p->why) != 0) {
        return failed(EXITS_CONFIGURATION, p->why);
    }
    p->options.identity = &p->loaded;
    p->options.address = p->server != NULL ? p->server : p->loaded.address;
    p->options.idle_seconds = (uint32_t)p->idle_seconds;
    p->options.style = p->style;
    p->options.export_folder = p->export_folder;
    return p->options.address != NULL
               ? 0
               : failed(EXITS_CONFIGURATION,
                        "where is the server? Give --server HOST:PORT or set [server] address= in "
                        "the identity's attune.conf");
}

static void on_activate(GApplication *application, gpointer data)
{
    struct program *p = data;
    if (p->open) {
        gtk_window_present(GTK_WINDOW(p->window.self));
        return;
    }
    if (window_open(&p->window, ADW_APPLICATION(application), &p->options, p->why, sizeof p->why) !=
        0) {
        p->status = failed(EXITS_CONFIGURATION, p->why);
        return;
    }
    p->open = true;
}

static int run(struct program *p)
{
    char *name[] = {(char[]){"attune-therapist"}, NULL};
    AdwApplication *application =
        adw_application_new("org.attune.Therapist", G_APPLICATION_NON_UNIQUE);
    g_signal_connect(application, "activate", G_CALLBACK(on_activate), p);
    int status = g_application_run(G_APPLICATION(application), 1, name);
    if (p->open) {
        window_close_all(&p->window);
    }
    g_object_unref(application);
    return p->status != 0 ? p->status : status;
}

int main(int argc, char **argv)
{
    harden_process();
    /* Plain pages: without GL neither Mesa nor LLVM is loaded, 130 MB less. The last is the name
     * from GTK 4.16 on. */
    g_setenv("GSK_RENDERER", "cairo", FALSE);
    g_setenv("GDK_DEBUG", "gl-disable", FALSE);
    g_setenv("GDK_DISABLE", "gl", FALSE);
    (void)setlocale(LC_ALL, "");
    struct program *p = g_new0(struct program, 1);
    p->idle_seconds = IDLE_SECONDS;
    int status = EXITS_USAGE;
    if (read_options(p, &argc, &argv)) {
        if (p->version) {
            print_version();
            status = EXITS_OK;
        } else {
            status = take_options(p, argc);
            status = status == 0 ? run(p) : status;
            identity_fini(&p->loaded);
        }
    }
    g_free(p->identity);
    g_free(p->server);
    g_free(p->alerts);
    g_free(p->style);
    g_free(p->export_folder);
    g_free(p);
    return status;
}
