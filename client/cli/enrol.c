/* attune enrol CODE: this machine becomes the device that a code was made for.
 *
 * Happy path: the code is read, the server proves itself against it, the identity's folder is
 * filled. Failure: a typing error is told before anything is sent; whatever else is wrong leaves
 * the folder as it was. */
#include <stdio.h>
#include <string.h>

#include "client/cli/command.h"
#include "client/cli/show.h"
#include "client/cli/talk.h"
#include "client/link/enrol.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"

enum { LINE = 512 };

struct enrolling {
    struct enrol enrol;
    GMainLoop *loop;
    int rc;
};

static void on_done(struct enrol *e, int rc)
{
    struct enrolling *self = container_of(e, struct enrolling, enrol);
    self->rc = rc;
    g_main_loop_quit(self->loop);
}

/* "-": the code is a line of standard input, so that no list of processes and no history has it. */
static int read_code(const char *word, char address[ENROL_ADDRESS], struct enrol_code *code)
{
    char line[LINE] = "";
    if (strcmp(word, "-") == 0) {
        word = fgets(line, sizeof line, stdin) != NULL ? line : "";
    }
    int rc = enrol_uri_read(word, address, code);
    if (rc != 0) {
        const char *slash = strchr(word, '/');
        enum enrol_typed typed = enrol_code_judge(slash != NULL ? slash + 1 : word, code);
        (void)talk_fail(rc, typed != ENROL_GOOD ? enrol_code_says(typed) : err_text(rc));
    }
    explicit_bzero(line, sizeof line);
    return rc;
}

static int tell(const struct arguments *a, const Attune__Enrolled *e, const char *folder)
{
    if (a->common[ARGUMENTS_JSON] != NULL) {
        return show_json(json_pack("{s:s, s:s, s:s}", "practice", e->practice, "label", e->label,
                                   "place", e->place));
    }
    printf("%s: this is %s%s%s now; its identity is in %s\n", e->practice, e->label,
           e->place[0] != '\0' ? ", " : "", e->place, folder);
    return fflush(stdout) == 0 ? 0 : -1;
}

static enum exits run_with(const struct arguments *a, const struct enrol_wish *wish)
{
    struct enrolling *self = g_new0(struct enrolling, 1);
    enum exits how = EXITS_OK;
    self->loop = g_main_loop_new(NULL, FALSE);
    self->rc = enrol_start(&self->enrol, wish, on_done);
    if (self->rc == 0) {
        g_main_loop_run(self->loop);
    }
    if (self->rc != 0) {
        how = talk_fail(self->rc, self->enrol.why);
    } else if (tell(a, self->enrol.enrolled, wish->folder) != 0) {
        how = EXITS_FAILED;
    }
    enrol_fini(&self->enrol);
    g_main_loop_unref(self->loop);
    g_free(self);
    return how;
}

static enum exits run(const struct arguments *a)
{
    char scanned[ENROL_ADDRESS] = "";
    struct enrol_code code;
    const char *folder = a->common[ARGUMENTS_IDENTITY];
    const char *address = a->common[ARGUMENTS_SERVER];
    folder = folder != NULL ? folder : g_getenv("ATTUNE_IDENTITY");
    if (folder == NULL) {
        return talk_fail(ERR_CONFIG, "where is the identity to lie? Give --identity DIR");
    }
    if (read_code(a->words[0], scanned, &code) != 0) {
        return EXITS_USAGE;
    }
    address = address != NULL ? address : scanned;
    if (address[0] == '\0') {
        return talk_fail(ERR_CONFIG, "where is the server? Give --server HOST:PORT");
    }
    const struct enrol_wish wish = {.folder = folder, .address = address, .code = code};
    enum exits how = run_with(a, &wish);
    explicit_bzero(&code, sizeof code);
    return how;
}

const struct command command_enrol = {
    .name = "enrol",
    .words = "CODE",
    .summary = "Make this machine the device that a code was made for (attune device add).",
    .table = {NULL, 1, 1},
    .notes =
        "CODE is what was printed, with or without hyphens, or what the QR code holds; -: read\n"
        "from standard input. The key is made here and stays in --identity DIR.",
    .run = run,
};
