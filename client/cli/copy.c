/* attune client copy REF --out FILE: all that is kept about a client, for the client.
 *
 * Happy path: the server notes it, then page after page comes; the pages become a PDF with the same
 * attached for programs, locked with a passphrase that is made here, shown once and kept nowhere.
 * Failure: the server's sentence, and no file; more than the limits, or a rating that came while it
 * was read: try again. */
#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "client/cli/command.h"
#include "client/cli/qr.h"
#include "client/cli/show.h"
#include "client/cli/talk.h"
#include "client/therapist/copy/copy_file.h"
#include "client/therapist/copy/copy_read.h"
#include "client/therapist/copy/passphrase.h"
#include "client/therapist/plots/bytes.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "proto/wire/whole_file.h"

static int read_all(struct copy_read *r, struct talk *t)
{
    Attune__Request request;
    int rc = 0;
    while (rc == 0 && copy_read_next(r, &request)) {
        Attune__Response *answer = NULL;
        rc = talk_ask(t, &request, &answer);
        rc = rc == 0 ? copy_read_take(r, answer) : rc;
        attune__response__free_unpacked(answer, NULL);
    }
    return rc;
}

static int write_out(const char *path, const struct plot_bytes *bytes)
{
    if (strcmp(path, "-") != 0) {
        return whole_file_write(path, bytes->at, bytes->count, 0600); /* It is about a client. */
    }
    bool good = fwrite(bytes->at, 1, bytes->count, stdout) == bytes->count && fflush(stdout) == 0;
    return good ? 0 : ERR_DISK;
}

/* Beside a file on standard output it goes to the other one. */
static int show(const struct copy *c, const struct talk *t, const char *path, const char *phrase)
{
    FILE *to = strcmp(path, "-") == 0 ? stderr : stdout;
    if (t->json) {
        json_t *object = json_pack("{s:s, s:s, s:I}", "file", path, "passphrase", phrase, "ratings",
                                   (json_int_t)c->ratings);
        int rc = json_dumpf(object, to, 0);
        json_decref(object);
        return rc == 0 && fputc('\n', to) != EOF ? 0 : -1;
    }
    char *code = qr_text(phrase, false);
    int rc =
        fprintf(to,
                "%sPassphrase: %s\nIt is shown this once and kept nowhere: give it to the client "
                "apart from the file.\n",
                code != NULL ? code : "", phrase);
    if (code != NULL) {
        explicit_bzero(code, strlen(code));
    }
    g_free(code);
    return rc > 0 && fflush(to) == 0 ? 0 : -1;
}

static enum exits make(struct copy_read *r, struct talk *t, const char *path)
{
    uint8_t random[PASSPHRASE_SIGNS], copy_id[LIMIT_ID_SIZE];
    char phrase[PASSPHRASE_TEXT + 1];
    struct plot_bytes locked = {0};
    const Attune__Welcome *welcome = t->link.welcome;
    talk_random_id(copy_id);
    if (copy_read_end(r, welcome->practice, welcome->place, copy_id, g_get_real_time() / 1000) !=
        0) {
        return talk_fail(ERR_BUSY, copy_read_why(r));
    }
    must(RAND_priv_bytes(random, sizeof random) == 1);
    passphrase_text(random, phrase);
    int rc = copy_file(&r->copy, phrase, &locked);
    rc = rc == 0 ? write_out(path, &locked) : rc;
    enum exits how = rc == 0 ? EXITS_OK : talk_fail(rc, "");
    if (rc == 0) {
        how = show(&r->copy, t, path, phrase) == 0 ? EXITS_OK : EXITS_FAILED;
    }
    explicit_bzero(random, sizeof random);
    explicit_bzero(phrase, sizeof phrase);
    plot_bytes_fini(&locked);
    return how;
}

static enum exits run(const struct arguments *a)
{
    struct copy_read r;
    if (a->own[0] == NULL) {
        return command_misused(&command_client_copy, "--out is needed");
    }
    struct talk *t = g_new0(struct talk, 1);
    copy_read_init(&r, a->words[0]);
    t->software = "attune-cli";
    enum exits how = talk_begin(t, a);
    if (how == EXITS_OK) {
        (void)talk_connect(t);
        how = talk_explain(t, read_all(&r, t));
    }
    if (how == EXITS_OK) {
        how = make(&r, t, a->own[0]);
    }
    copy_read_fini(&r);
    talk_end(t);
    g_free(t);
    return how;
}

static const struct arguments_option options[] = {
    {"out", "FILE", "a PDF, locked; -: to standard output, the passphrase to the other one"},
    {NULL, NULL, NULL},
};

const struct command command_client_copy = {
    .name = "client copy",
    .words = "REF",
    .summary = "All that is kept about a client of yours, for the client: one locked PDF.",
    .table = {options, 1, 1},
    .notes = "The passphrase is shown once, as a QR code and to be typed. Attached: ratings.json, "
             "FHIR R4.",
    .run = run,
};
