/* attune practice rules | set-rules FILE: the practice's own lines for its rules, as its
 * administrator.
 *
 * Happy path: the rules in force as a file; the file edited and sent back. Failure: the server
 * names the line and what is near; the rules in force stay. */
#include "client/cli/command.h"
#include "client/cli/show.h"
#include "client/cli/talk.h"
#include "proto/wire/err.h"

static int tell_rules(struct talk *t, const Attune__Response *answer)
{
    if (answer->body_case != ATTUNE__RESPONSE__BODY_RULES) {
        return ERR_MESSAGE;
    }
    const Attune__Rules *rules = answer->rules;
    if (t->json) {
        return show_json(json_pack("{s:i, s:s}", "version", rules->version, "file", rules->file)) ==
                       0
                   ? 0
                   : ERR_DISK;
    }
    char *text = g_strdup_printf("# Version %d%s\n%s", rules->version,
                                 rules->version == 0 ? ": the defaults" : "", rules->file);
    int rc = show_text(text);
    g_free(text);
    return rc == 0 ? 0 : ERR_DISK;
}

static enum exits run_show(const struct arguments *a)
{
    Attune__GetRules body;
    Attune__Request request;
    attune__get_rules__init(&body);
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_GET_RULES;
    request.get_rules = &body;
    return talk_once(a, &request, tell_rules);
}

static enum exits run_set(const struct arguments *a)
{
    char *file = NULL;
    enum exits failed = talk_read_file(a->words[0], LIMIT_RULES_BYTES, &file);
    if (failed != EXITS_OK) {
        return failed;
    }
    Attune__PutRules body;
    Attune__Request request;
    attune__put_rules__init(&body);
    body.file = file;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_PUT_RULES;
    request.put_rules = &body;
    enum exits how = talk_once(a, &request, talk_tell_done);
    g_free(file);
    return how;
}

static const struct arguments_option none[] = {{NULL, NULL, NULL}};

const struct command command_practice_rules = {
    .name = "practice rules",
    .words = "",
    .summary = "The practice's lines for its rules, as a file that set-rules takes.",
    .table = {none, 0, 0},
    .notes = NULL,
    .run = run_show,
};
const struct command command_practice_set_rules = {
    .name = "practice set-rules",
    .words = "FILE",
    .summary = "Put other lines in force, for every rating from then on.",
    .table = {none, 1, 1},
    .notes =
        "What the file leaves out has its default. Alerts keep the version they were made with.",
    .run = run_set,
};
