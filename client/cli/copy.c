/* attune client copy REF --out FILE: all that is kept about a client, for the client.
 *
 * Happy path: the server notes it, then page after page comes; the pages become a PDF with the same
 * attached for programs, locked with a passphrase that is made here, shown once and kept nowhere.
 * Failure: the server's sentence, and no file; more than the limits, or a rating that came while it
 * was read: try again. */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include <openssl/rand.h>

#include "client/cli/command.h"
#include "client/cli/pages.h"
#include "client/cli/qr.h"
#include "client/cli/show.h"
#include "client/therapist/copy/copy.h"
#include "client/therapist/copy/copy_paper.h"
#include "client/therapist/copy/fhir.h"
#include "client/therapist/copy/locked.h"
#include "client/therapist/copy/passphrase.h"
#include "client/therapist/plots/export.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"

enum part { PART_SESSIONS, PART_RATINGS, PART_GOALS, PART_ALERTS, PARTS };

struct copying {
    struct pages pages;
    enum part part;
    char *client;
    struct copy copy;
    Attune__ListSessions sessions;
    Attune__ListRatings ratings;
    Attune__ListGoals goals;
    Attune__ListAlerts alerts;
};

/* --- what is asked --- */

static void ask(struct pages *p, Attune__Request *request)
{
    struct copying *c = container_of(p, struct copying, pages);
    attune__list_sessions__init(&c->sessions);
    attune__list_ratings__init(&c->ratings);
    attune__list_goals__init(&c->goals);
    attune__list_alerts__init(&c->alerts);
    c->sessions.client_ref = c->ratings.client_ref = c->goals.client_ref = c->alerts.client_ref =
        c->client;
    c->sessions.after_id = c->ratings.after_id = c->goals.after_id = c->alerts.after_id =
        pages_after(p);
    switch (c->part) {
    case PART_SESSIONS:
        request->body_case = ATTUNE__REQUEST__BODY_LIST_SESSIONS;
        request->list_sessions = &c->sessions;
        break;
    case PART_RATINGS:
        request->body_case = ATTUNE__REQUEST__BODY_LIST_RATINGS;
        request->list_ratings = &c->ratings;
        break;
    case PART_GOALS:
        request->body_case = ATTUNE__REQUEST__BODY_LIST_GOALS;
        request->list_goals = &c->goals;
        break;
    default:
        request->body_case = ATTUNE__REQUEST__BODY_LIST_ALERTS;
        request->list_alerts = &c->alerts;
        break;
    }
}

/* The last id of a page, and whether there is more. */
static int turned(struct pages *p, size_t count, bool more, const ProtobufCBinaryData *last)
{
    p->more = more;
    if (count > 0) {
        pages_last(p, *last);
    }
    return (int)count;
}

static int take(struct pages *p, const Attune__Response *a)
{
    struct copying *c = container_of(p, struct copying, pages);
    size_t n;
    if (a->body_case == ATTUNE__RESPONSE__BODY_SESSION_LIST && c->part == PART_SESSIONS) {
        n = a->session_list->n_sessions;
        copy_take_sessions(&c->copy, a->session_list);
        return turned(p, n, a->session_list->more,
                      n > 0 ? &a->session_list->sessions[n - 1]->session_id : NULL);
    }
    if (a->body_case == ATTUNE__RESPONSE__BODY_RATING_LIST && c->part == PART_RATINGS) {
        n = a->rating_list->n_ratings;
        copy_take_ratings(&c->copy, a->rating_list);
        return turned(p, n, a->rating_list->more,
                      n > 0 ? &a->rating_list->ratings[n - 1]->rating_id : NULL);
    }
    if (a->body_case == ATTUNE__RESPONSE__BODY_GOAL_LIST && c->part == PART_GOALS) {
        n = a->goal_list->n_goals;
        copy_take_goals(&c->copy, a->goal_list);
        return turned(p, n, a->goal_list->more,
                      n > 0 ? &a->goal_list->goals[n - 1]->goal_id : NULL);
    }
    if (a->body_case == ATTUNE__RESPONSE__BODY_ALERT_LIST && c->part == PART_ALERTS) {
        n = a->alert_list->n_alerts;
        copy_take_alerts(&c->copy, a->alert_list);
        return turned(p, n, a->alert_list->more,
                      n > 0 ? &a->alert_list->alerts[n - 1]->alert_id : NULL);
    }
    return -1;
}

/* Noted before anything is read. */
static int note(struct copying *c, struct talk *t)
{
    Attune__CopyClient body;
    Attune__Request request;
    Attune__Response *answer = NULL;
    attune__copy_client__init(&body);
    body.client_ref = c->client;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_COPY_CLIENT;
    request.copy_client = &body;
    int rc = talk_ask(t, &request, &answer);
    attune__response__free_unpacked(answer, NULL);
    return rc;
}

static int read_all(struct copying *c, struct talk *t)
{
    uint8_t copy_id[LIMIT_ID_SIZE];
    int rc = note(c, t);
    if (rc != 0) {
        return rc;
    }
    talk_random_id(copy_id);
    copy_init(&c->copy, c->client, t->link.welcome->practice, t->link.welcome->place, copy_id,
              g_get_real_time() / 1000);
    for (int part = 0; rc == 0 && part < PARTS; part++) {
        c->part = (enum part)part;
        c->pages = (struct pages){.ask = ask, .take = take, .limit = UINT32_MAX};
        do {
            rc = pages_next(&c->pages, t);
        } while (rc == 0 && c->pages.more && !c->copy.full);
    }
    return rc;
}

/* --- what is made --- */

static void fini_bytes(struct plot_bytes *b)
{
    if (b->at != NULL) {
        explicit_bzero(b->at, b->count);
    }
    plot_bytes_fini(b);
}

static int lock(const struct copy *c, const char *passphrase, struct plot_bytes *ret_bytes)
{
    struct plot_bytes pdf = {0};
    char *fhir = fhir_bundle(c);
    copy_paper(c, &pdf);
    copy_paper_let_go();
    const struct locked_attachment attachment = {.name = "ratings.json",
                                                 .description = "The same as FHIR R4",
                                                 .type = "application/fhir+json",
                                                 .bytes = fhir,
                                                 .size = strlen(fhir)};
    int rc = locked_pdf(&pdf, &attachment, passphrase, ret_bytes);
    explicit_bzero(fhir, strlen(fhir));
    free(fhir); /* jansson's. */
    fini_bytes(&pdf);
    return rc;
}

static int write_out(const char *path, const struct plot_bytes *bytes)
{
    if (strcmp(path, "-") != 0) {
        return plot_export_bytes(path, bytes);
    }
    bool good = fwrite(bytes->at, 1, bytes->count, stdout) == bytes->count && fflush(stdout) == 0;
    return good ? 0 : ERR_DISK;
}

/* Beside a file on standard output it goes to the other one. */
static int show(const struct copying *c, const struct talk *t, const char *path, const char *phrase)
{
    FILE *to = strcmp(path, "-") == 0 ? stderr : stdout;
    if (t->json) {
        json_t *object = json_pack("{s:s, s:s, s:I}", "file", path, "passphrase", phrase, "ratings",
                                   (json_int_t)c->copy.ratings);
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

static enum exits make(struct copying *c, struct talk *t, const char *path)
{
    uint8_t random[PASSPHRASE_SIGNS];
    char phrase[PASSPHRASE_TEXT + 1];
    struct plot_bytes locked = {0};
    if (copy_end(&c->copy) != 0) {
        return talk_fail(ERR_BUSY, c->copy.full
                                       ? "more is kept than a copy can hold: ask in writing"
                                       : "something came in while it was read: try again");
    }
    must(RAND_priv_bytes(random, sizeof random) == 1);
    passphrase_text(random, phrase);
    int rc = lock(&c->copy, phrase, &locked);
    rc = rc == 0 ? write_out(path, &locked) : rc;
    enum exits how = rc == 0 ? EXITS_OK : talk_fail(rc, "");
    if (rc == 0) {
        how = show(c, t, path, phrase) == 0 ? EXITS_OK : EXITS_FAILED;
    }
    explicit_bzero(random, sizeof random);
    explicit_bzero(phrase, sizeof phrase);
    plot_bytes_fini(&locked);
    return how;
}

static enum exits run(const struct arguments *a)
{
    struct copying c = {.client = NULL};
    if (a->own[0] == NULL) {
        return command_misused(&command_client_copy, "--out is needed");
    }
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0,
                0); /* No core file of it; where there is none, so much the better. */
    struct talk *t = g_new0(struct talk, 1);
    c.client = g_strdup(a->words[0]);
    t->software = "attune-cli";
    enum exits how = talk_begin(t, a);
    if (how == EXITS_OK) {
        (void)talk_connect(t);
        how = talk_explain(t, read_all(&c, t));
    }
    if (how == EXITS_OK) {
        how = make(&c, t, a->own[0]);
    }
    copy_fini(&c.copy);
    g_free(c.client);
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
