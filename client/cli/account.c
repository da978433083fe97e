/* attune account add | reset | list, practice log-on: who may log on, as their administrator.
 *
 * Happy path: a one-time password is printed, once, for the administrator to hand over. Failure:
 * the server's sentence. A lost answer is a lost password: reset it. */
#include <stdio.h>
#include <string.h>

#include "client/cli/command.h"
#include "client/cli/named_list.h"
#include "client/cli/show.h"
#include "client/cli/talk.h"
#include "proto/wire/container_of.h"
#include "proto/wire/err.h"

static int tell_password(struct talk *t, const Attune__Response *answer)
{
    if (answer->body_case != ATTUNE__RESPONSE__BODY_ONE_TIME_PASSWORD) {
        return ERR_MESSAGE;
    }
    const char *password = answer->one_time_password->password;
    if (t->json) {
        return show_json(json_pack("{s:s}", "one_time_password", password)) == 0 ? 0 : ERR_DISK;
    }
    return printf("%s\n", password) > 0 && fflush(stdout) == 0 ? 0 : ERR_DISK;
}

static enum exits run_add(const struct arguments *a)
{
    char *name = g_strdup(a->words[0]), *therapist = g_strdup(a->own[0] != NULL ? a->own[0] : "");
    Attune__AddAccount body;
    Attune__Request request;
    attune__add_account__init(&body);
    attune__request__init(&request);
    body.name = name;
    body.therapist = therapist;
    request.body_case = ATTUNE__REQUEST__BODY_ADD_ACCOUNT;
    request.add_account = &body;
    enum exits how = talk_once(a, &request, tell_password);
    g_free(name);
    g_free(therapist);
    return how;
}

static enum exits run_reset(const struct arguments *a)
{
    char *name = g_strdup(a->words[0]);
    Attune__ResetPassword body;
    Attune__Request request;
    attune__reset_password__init(&body);
    attune__request__init(&request);
    body.name = name;
    request.body_case = ATTUNE__REQUEST__BODY_RESET_PASSWORD;
    request.reset_password = &body;
    enum exits how = talk_once(a, &request, tell_password);
    g_free(name);
    return how;
}

static enum exits run_require(const struct arguments *a)
{
    bool required = strcmp(a->words[0], "required") == 0;
    if (!required && strcmp(a->words[0], "off") != 0) {
        return command_misused(&command_practice_log_on, "WHAT is required or off");
    }
    if (!required && a->own[0] != NULL) {
        return command_misused(&command_practice_log_on, "--second-factor goes with required");
    }
    Attune__PutLogOn body;
    Attune__Request request;
    attune__put_log_on__init(&body);
    attune__request__init(&request);
    body.required = required;
    body.second_factor = a->own[0] != NULL;
    request.body_case = ATTUNE__REQUEST__BODY_PUT_LOG_ON;
    request.put_log_on = &body;
    return talk_once(a, &request, talk_tell_done);
}

/* ---- list ------------------------------------------------------------------------------------ */

struct accounts {
    struct named_list named;
    Attune__ListAccounts body;
};

static void ask(struct pages *p, Attune__Request *request)
{
    struct accounts *l = container_of(p, struct accounts, named.pages);
    attune__list_accounts__init(&l->body);
    l->body.after = l->named.after;
    request->body_case = ATTUNE__REQUEST__BODY_LIST_ACCOUNTS;
    request->list_accounts = &l->body;
}

static void add(struct accounts *l, const Attune__Account *row)
{
    const char *of = row->therapist[0] != '\0' ? row->therapist : "administrator";
    const char *cells[] = {row->name, of,
                           row->revoked       ? "revoked"
                           : row->must_change ? "one-time"
                                              : "own",
                           row->second_factor ? "code" : "none"};
    named_list_add(&l->named, row->name, cells, G_N_ELEMENTS(cells),
                   json_pack("{s:s, s:s, s:b, s:b, s:b}", "name", row->name, "therapist",
                             row->therapist, "must_change", row->must_change, "second_factor",
                             row->second_factor, "revoked", row->revoked));
}

static int take(struct pages *p, const Attune__Response *answer)
{
    struct accounts *l = container_of(p, struct accounts, named.pages);
    if (answer->body_case != ATTUNE__RESPONSE__BODY_ACCOUNT_LIST) {
        return -1;
    }
    for (size_t at = 0; at < answer->account_list->n_accounts; at++) {
        add(l, answer->account_list->accounts[at]);
    }
    p->more = answer->account_list->more;
    return (int)answer->account_list->n_accounts;
}

static enum exits run_list(const struct arguments *a)
{
    static const char *const headings[] = {"NAME", "OF", "PASSWORD", "SECOND FACTOR"};
    struct accounts l = {.named.pages = {.ask = ask, .take = take}};
    return named_list_run(&l.named, headings, G_N_ELEMENTS(headings), a);
}

static const struct arguments_option add_options[] = {
    {"therapist", "CODE", "whose account; else an administrator's own"},
    {NULL, NULL, NULL},
};

static const struct arguments_option log_on_options[] = {
    {"second-factor", NULL, "and each with one: who has none sets it up at the next log-on"},
    {NULL, NULL, NULL},
};

const struct command command_account_add = {
    .name = "account add",
    .words = "NAME",
    .summary = "Add an account; its one-time password is printed once.",
    .table = {add_options, 1, 1},
    .run = run_add,
};
const struct command command_account_reset = {
    .name = "account reset",
    .words = "NAME",
    .summary = "A new one-time password; the second factor and every log-on end.",
    .table = {NULL, 1, 1},
    .run = run_reset,
};
const struct command command_account_list = {
    .name = "account list",
    .words = "",
    .summary = "Who may log on, and how.",
    .table = {NULL, 0, 0},
    .run = run_list,
};
const struct command command_practice_log_on = {
    .name = "practice log-on",
    .words = "WHAT",
    .summary =
        "Whether staff log on: required, at once; or off, for connections made from then on.",
    .table = {log_on_options, 1, 1},
    .run = run_require,
};
