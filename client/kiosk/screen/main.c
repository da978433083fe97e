/* attune-kiosk: the room's kiosk.
 *
 * Happy path: options, configuration, identity and spool, then GTK, the window and the link, until
 * TERM. Failure: whatever is wrong at the start is said in one line; exit 2 usage, 78
 * configuration, 1 display or disk. Once it is up it stays up: what goes wrong then is in the staff
 * corner. */
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gtk/gtk.h>
#include <openssl/crypto.h>

#include "client/link/harden.h"
#include "client/kiosk/screen/room.h"
#include "client/kiosk/screen/setup.h"
#include "client/link/identity_files.h"
#include "proto/wire/err.h"
#include "proto/wire/exits.h"

static void print_help(void)
{
    printf("attune-kiosk --config FILE: the room's kiosk, full screen\n\n"
           "  --config FILE     its configuration\n"
           "  --check-config    read the configuration and identity, say what is wrong, end\n"
           "  --print-config    every key with its default and meaning, as a file\n"
           "  --help, --version\n\n"
           "Exit codes: 0 ended, 1 no display or no spool, 2 usage, 78 configuration.\n"
           "Attune is a communication aid; not validated; not for emergencies.\n");
}

static void print_version(void)
{
    printf("attune-kiosk %s\nGTK %u.%u.%u\nGLib %u.%u.%u\n%s\n", ATTUNE_VERSION,
           gtk_get_major_version(), gtk_get_minor_version(), gtk_get_micro_version(),
           glib_major_version, glib_minor_version, glib_micro_version,
           OpenSSL_version(OPENSSL_VERSION));
}

/* Plain pages need no GL: without it 29 MB instead of 161, and half the time to the first picture.
 */
static bool prepare_toolkit(void)
{
    return setenv("GSK_RENDERER", "cairo", 0) == 0 && setenv("GDK_DEBUG", "gl-disable", 0) == 0 &&
           setenv("GDK_DISABLE", "gl", 0) == 0 && setlocale(LC_ALL, "C.UTF-8") != NULL;
}

static int no_display(void)
{
    fprintf(stderr, "attune-kiosk: no display: is WAYLAND_DISPLAY or DISPLAY set?\n");
    return EXIT_FAILURE;
}

static int fail(const struct room *r, int rc)
{
    fprintf(stderr, "attune-kiosk: %s\n", r->why[0] != '\0' ? r->why : err_text(rc));
    return rc == ERR_DISK ? EXIT_FAILURE : EXITS_CONFIGURATION;
}

/* From the first page, where it is needed, to the end. */
static int begin(const struct settings *settings)
{
    gtk_disable_setlocale();
    g_set_prgname("attune-kiosk"); /* By which a screen reader knows it. */
    g_set_application_name("attune-kiosk");
    bool wanted = identity_files_missing(settings->identity);
    if (wanted && !gtk_init_check()) {
        return no_display();
    }
    if (wanted && !setup_run(settings, ATTUNE_LOCALE_DIR)) {
        return EXIT_SUCCESS; /* Told to end. */
    }
    struct room *r = g_new0(struct room, 1);
    harden_memory(r, sizeof *r); /* The answers as they are given, and the chain's key. */
    int code = EXIT_SUCCESS, rc = room_open(r, settings, ATTUNE_LOCALE_DIR);
    if (rc != 0) {
        code = fail(r, rc);
    } else if (!gtk_init_check()) {
        code = no_display();
    } else {
        room_run(r);
    }
    room_close(r);
    g_free(r);
    return code;
}

/* --check-config: is the identity good? One that is still to be made is no fault. */
static int check(const struct settings *settings)
{
    if (identity_files_missing(settings->identity)) {
        printf("%s: no identity yet, the first page will ask for a code\n", settings->identity);
        return EXIT_SUCCESS;
    }
    struct room *r = g_new0(struct room, 1);
    int rc = identity_load(&r->identity, settings->identity, r->why, sizeof r->why);
    int code = rc != 0 ? fail(r, rc) : EXIT_SUCCESS;
    identity_fini(&r->identity);
    g_free(r);
    return code;
}

static const struct option longs[] = {
    {"config", required_argument, NULL, 'c'}, {"check-config", no_argument, NULL, 'k'},
    {"print-config", no_argument, NULL, 'p'}, {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},      {NULL, 0, NULL, 0},
};

static int start(const char *path, bool only_check)
{
    static struct settings settings;
    struct config_fault fault;
    if (path == NULL) {
        fprintf(stderr, "attune-kiosk: give --config FILE; see --help\n");
        return EXITS_USAGE;
    }
    if (settings_load(path, &settings, &fault) != 0) {
        if (fault.line > 0) {
            fprintf(stderr, "attune-kiosk: %s:%u: %s\n", path, fault.line, fault.text);
        } else {
            fprintf(stderr, "attune-kiosk: %s: %s\n", path, fault.text);
        }
        return EXITS_CONFIGURATION;
    }
    return only_check ? check(&settings) : begin(&settings);
}

int main(int argc, char **argv)
{
    const char *path = NULL;
    bool only_check = false;
    harden_process(); /* What a client says leaves by the rating alone. */
    for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        switch (c) {
        case 'c':
            path = optarg;
            break;
        case 'k':
            only_check = true;
            break;
        case 'p':
            config_print(settings_table());
            return EXIT_SUCCESS;
        case 'h':
            print_help();
            return EXIT_SUCCESS;
        case 'v':
            print_version();
            return EXIT_SUCCESS;
        default:
            return EXITS_USAGE;
        }
    }
    if (optind < argc || !prepare_toolkit()) {
        fprintf(stderr, "attune-kiosk: no arguments beside options; see --help\n");
        return EXITS_USAGE;
    }
    return start(path, only_check);
}
