/* attune client erase: a client becomes nobody.
 *
 * Happy path: the server says how many sessions would go, and a word; the same again with the word
 * does it, and the certificate is printed: what, how much, when, and nobody's name. Failure: the
 * server's sentence; nothing has changed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/cli/command.h"
#include "client/cli/hex.h"
#include "client/cli/show.h"
#include "client/cli/talk.h"
#include "client/cli/when.h"
#include "proto/wire/err.h"

enum { OPT_NUMBERS, OPT_WORD, OPT_YES, OPTIONS };
enum { KINDS = 7, HASH = 32 };

static const char *const kinds[KINDS] = {"sessions", "ratings", "alerts",        "ruptures",
                                         "goals",    "texts",   "unused_tickets"};

static int numbers_of(const char *word, Attune__Numbers *ret_numbers)
{
    *ret_numbers = word != NULL && strcmp(word, "destroy") == 0 ? ATTUNE__NUMBERS__NUMBERS_DESTROY
                                                                : ATTUNE__NUMBERS__NUMBERS_KEEP;
    return word == NULL || strcmp(word, "keep") == 0 || strcmp(word, "destroy") == 0 ? 0
                                                                                     : ERR_FIELD;
}

static int ask(struct talk *t, const char *client, Attune__Numbers numbers, const char *word,
               Attune__Response **ret_answer)
{
    Attune__Request request;
    Attune__EraseClient body;
    attune__request__init(&request);
    attune__erase_client__init(&body);
    char *name = g_strdup(client), *said = g_strdup(word);
    body.client_ref = name;
    body.numbers = numbers;
    body.word = said;
    request.body_case = ATTUNE__REQUEST__BODY_ERASE_CLIENT;
    request.erase_client = &body;
    int rc = talk_ask(t, &request, ret_answer);
    g_free(name);
    g_free(said);
    bool good = rc != 0 || ((*ret_answer)->body_case == ATTUNE__RESPONSE__BODY_ERASURE &&
                            (*ret_answer)->erasure->token_sha256.len == HASH);
    return good ? rc : ERR_MESSAGE;
}

static json_t *certificate(const Attune__Erasure *e)
{
    char hash[2 * HASH + 1];
    hex_print(hash, e->token_sha256.data, HASH);
    json_t *counts = json_object();
    for (size_t i = 0; i < KINDS && i < e->n_counts; i++) {
        json_object_set_new(counts, kinds[i], json_integer(e->counts[i]));
    }
    bool keep = e->numbers == ATTUNE__NUMBERS__NUMBERS_KEEP;
    return json_pack("{s:s, s:b, s:o, s:s, s:o, s:s, s:s, s:s, s:s}", "certificate",
                     "attune erasure 1", "done", e->done ? 1 : 0, "at", show_time_json(e->at_ms),
                     "numbers", keep ? "keep" : "destroy", "counts", counts, "token_sha256", hash,
                     "word", e->word, "certificate_sha256", e->certificate_sha256, "signer",
                     e->signer);
}

static void add_counts(GString *text, const Attune__Erasure *e)
{
    for (size_t i = 0; i < KINDS && i < e->n_counts; i++) {
        g_string_append_printf(text, "  %-15s %" PRIu32 "\n", kinds[i], e->counts[i]);
    }
}

static int show(const struct talk *t, const Attune__Erasure *e)
{
    char hash[2 * HASH + 1], when[WHEN_TEXT];
    if (t->json) {
        return show_json(certificate(e));
    }
    bool keep = e->numbers == ATTUNE__NUMBERS__NUMBERS_KEEP;
    GString *text = g_string_new(e->done ? "Certificate of an erasure\n"
                                         : "Would be nobody's, with all that is of them:\n");
    if (e->done) {
        when_local(when, e->at_ms);
        hex_print(hash, e->token_sha256.data, HASH);
        g_string_append_printf(text, "at        %s\nclient    SHA-256 of the token: %s\n", when,
                               hash);
        g_string_append_printf(text, "kept as   SHA-256 %s\nsigned    %s\n", e->certificate_sha256,
                               e->signer[0] == '\0' ? "no" : e->signer);
    }
    add_counts(text, e);
    g_string_append(
        text, keep ? "Pseudonym, key and texts are destroyed; the numbers stay, and are nobody's.\n"
                   : "Pseudonym, key, texts and numbers are destroyed; reports and counts stay.\n");
    if (!e->done) {
        g_string_append_printf(text,
                               "It cannot be undone. It goes with\n"
                               "  attune client erase CLIENT --numbers %s --word %s\n",
                               keep ? "keep" : "destroy", e->word);
    }
    int rc = show_text(text->str);
    (void)g_string_free(text, TRUE);
    return rc;
}

/* Looks, and if it is to be done at once goes on with the word that came. */
static int look_or_do(struct talk *t, const struct arguments *a, Attune__Numbers numbers,
                      Attune__Response **ret_answer)
{
    const char *word = a->own[OPT_WORD] != NULL ? a->own[OPT_WORD] : "";
    int rc = ask(t, a->words[0], numbers, word, ret_answer);
    if (rc != 0 || a->own[OPT_YES] == NULL || (*ret_answer)->erasure->done) {
        return rc;
    }
    char *shown = g_strdup((*ret_answer)->erasure->word);
    attune__response__free_unpacked(*ret_answer, NULL);
    *ret_answer = NULL;
    rc = ask(t, a->words[0], numbers, shown, ret_answer);
    g_free(shown);
    return rc;
}

static enum exits run(const struct arguments *a)
{
    Attune__Numbers numbers;
    if (numbers_of(a->own[OPT_NUMBERS], &numbers) != 0) {
        return command_misused(&command_client_erase, "--numbers is keep or destroy");
    }
    struct talk *t = g_new0(struct talk, 1);
    Attune__Response *answer = NULL;
    t->software = "attune-cli";
    enum exits how = talk_begin(t, a);
    if (how == EXITS_OK) {
        (void)talk_connect(t); /* talk_ask waits for it. */
        how = talk_explain(t, look_or_do(t, a, numbers, &answer));
    }
    if (how == EXITS_OK) {
        how = show(t, answer->erasure) == 0 ? EXITS_OK : EXITS_FAILED;
    }
    attune__response__free_unpacked(answer, NULL);
    talk_end(t);
    g_free(t);
    return how;
}

static const struct arguments_option options[OPTIONS + 1] = {
    [OPT_NUMBERS] = {"numbers", "WHAT", "keep (they are nobody's) or destroy; keep if not said"},
    [OPT_WORD] = {"word", "WORD", "of what was shown: it is done"},
    [OPT_YES] = {"yes", NULL, "look, and do it at once"},
    [OPTIONS] = {NULL, NULL, NULL},
};

const struct command command_client_erase = {
    .name = "client erase",
    .words = "CLIENT",
    .summary = "Destroy a client's pseudonym and key: what is left is nobody's, in backups too.",
    .table = {options, 1, 1},
    .notes = "Without --word or --yes it only says how many sessions would go, which is noted.",
    .run = run,
};
