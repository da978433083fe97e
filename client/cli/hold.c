/* attune practice hold | release | holds: clients of whom nothing may go.
 *
 * Happy path: one request, answered Done; sent twice it changes nothing. Failure: the server's
 * sentence. */
#include "client/cli/command.h"
#include "client/cli/practice.h"
#include "client/cli/talk.h"

enum { OPT_UNTIL, OPT_OPEN, OPT_BECAUSE, OPTIONS };

static enum exits put(const struct arguments *a, bool release)
{
    char *client = g_strdup(a->words[0]);
    char *until = g_strdup(release || a->own[OPT_UNTIL] == NULL ? "" : a->own[OPT_UNTIL]);
    char *because = g_strdup(release ? "" : a->own[OPT_BECAUSE]);
    Attune__PutHold body;
    Attune__Request request;
    attune__put_hold__init(&body);
    body.client_ref = client;
    body.release = release;
    body.until = until;
    body.because = because;
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_PUT_HOLD;
    request.put_hold = &body;
    enum exits how = talk_once(a, &request, talk_tell_done);
    g_free(client);
    g_free(until);
    g_free(because);
    return how;
}

static enum exits run_hold(const struct arguments *a)
{
    if ((a->own[OPT_UNTIL] == NULL) == (a->own[OPT_OPEN] == NULL)) {
        return command_misused(&command_practice_hold, "either --until DATE or --open is needed");
    }
    if (a->own[OPT_BECAUSE] == NULL) {
        return command_misused(&command_practice_hold, "--because is needed");
    }
    return put(a, false);
}

static enum exits run_release(const struct arguments *a)
{
    return put(a, true);
}

static enum exits run_holds(const struct arguments *a)
{
    return practice_list(a, ATTUNE__PRACTICE_KIND__PRACTICE_HOLDS);
}

static const struct arguments_option hold_options[OPTIONS + 1] = {
    [OPT_UNTIL] = {"until", "DATE", "the last day of it: 2027-12-31"},
    [OPT_OPEN] = {"open", NULL, "until it is released"},
    [OPT_BECAUSE] = {"because", "TEXT", "why: a file's number rather than a story"},
    [OPTIONS] = {NULL, NULL, NULL},
};

const struct command command_practice_hold = {
    .name = "practice hold",
    .words = "CLIENT",
    .summary = "Keep all of a client's, whatever its age and whoever asks for its erasure.",
    .table = {hold_options, 1, 1},
    .notes = "A second hold of the same client replaces the first.",
    .run = run_hold,
};
const struct command command_practice_release = {
    .name = "practice release",
    .words = "CLIENT",
    .summary = "End a client's hold.",
    .table = {NULL, 1, 1},
    .run = run_release,
};
const struct command command_practice_holds = {
    .name = "practice holds",
    .words = "",
    .summary = "The clients on hold.",
    .table = {NULL, 0, 0},
    .run = run_holds,
};
