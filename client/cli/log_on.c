/* attune log-on, log-off, account password, account second-factor: who is at this device.
 *
 * Happy path: a password is asked for, a code and a new password if the server wants them; the
 * token is kept for the commands that follow. Failure: the server's sentence, and exit 77. */
#include <stdio.h>
#include <string.h>

#include "client/cli/command.h"
#include "client/cli/qr.h"
#include "client/cli/secret.h"
#include "client/cli/show.h"
#include "client/cli/talk.h"
#include "client/cli/token.h"
#include "proto/wire/err.h"

struct log_on {
    struct talk talk;
    char *name;
    char password[SECRET_ROOM], code[SECRET_ROOM], fresh[SECRET_ROOM];
    bool must_change, must_set_factor;
};

/* ---- one request at a time ------------------------------------------------------------------- */

/* The answer's token is kept; a LoggedOn without one wants a new password, or a second factor. */
static int take_logged_on(struct log_on *l, const Attune__Response *answer)
{
    if (answer->body_case != ATTUNE__RESPONSE__BODY_LOGGED_ON) {
        return ERR_MESSAGE;
    }
    l->must_change = answer->logged_on->must_change;
    l->must_set_factor = answer->logged_on->must_set_factor;
    if (l->must_change || l->must_set_factor || answer->logged_on->token.len != LIMIT_TOKEN_SIZE) {
        return 0;
    }
    link_token(&l->talk.link, answer->logged_on->token.data);
    return token_write(l->talk.identity.folder, answer->logged_on->token.data);
}

static int ask(struct log_on *l, Attune__Request *request)
{
    Attune__Response *answer = NULL;
    int rc = talk_ask(&l->talk, request, &answer);
    if (rc == 0) {
        rc = take_logged_on(l, answer);
        attune__response__free_unpacked(answer, NULL);
    }
    return rc;
}

static int ask_log_on(struct log_on *l)
{
    Attune__LogOn body;
    Attune__Request request;
    attune__log_on__init(&body);
    attune__request__init(&request);
    body.name = l->name;
    body.password = l->password;
    body.code = l->code;
    request.body_case = ATTUNE__REQUEST__BODY_LOG_ON;
    request.log_on = &body;
    return ask(l, &request);
}

static int ask_new_password(struct log_on *l)
{
    Attune__SetPassword body;
    Attune__Request request;
    attune__set_password__init(&body);
    attune__request__init(&request);
    body.old = l->password;
    body.fresh = l->fresh;
    request.body_case = ATTUNE__REQUEST__BODY_SET_PASSWORD;
    request.set_password = &body;
    return ask(l, &request);
}

/* ---- the second factor ----------------------------------------------------------------------- */

static int begin_factor(struct log_on *l)
{
    Attune__BeginSecondFactor body;
    Attune__Request request;
    Attune__Response *answer = NULL;
    attune__begin_second_factor__init(&body);
    attune__request__init(&request);
    body.password = l->password;
    request.body_case = ATTUNE__REQUEST__BODY_BEGIN_SECOND_FACTOR;
    request.begin_second_factor = &body;
    int rc = talk_ask(&l->talk, &request, &answer);
    if (rc != 0) {
        return rc;
    }
    rc = ERR_MESSAGE;
    if (answer->body_case == ATTUNE__RESPONSE__BODY_SECOND_FACTOR) {
        char *picture = qr_for_output(answer->second_factor->uri);
        printf("%s\n%s", answer->second_factor->uri, picture != NULL ? picture : "");
        rc = fflush(stdout) == 0 ? 0 : ERR_DISK;
        g_free(picture);
    }
    attune__response__free_unpacked(answer, NULL);
    return rc;
}

static int confirm_factor(struct log_on *l)
{
    Attune__ConfirmSecondFactor body;
    Attune__Request request;
    Attune__Response *answer = NULL;
    attune__confirm_second_factor__init(&body);
    attune__request__init(&request);
    body.code = l->code;
    request.body_case = ATTUNE__REQUEST__BODY_CONFIRM_SECOND_FACTOR;
    request.confirm_second_factor = &body;
    int rc = talk_ask(&l->talk, &request, &answer);
    if (rc == 0 && answer->body_case != ATTUNE__RESPONSE__BODY_DONE) {
        rc = take_logged_on(l, answer); /* It was the last step of a log-on. */
    }
    if (answer != NULL) {
        attune__response__free_unpacked(answer, NULL);
    }
    return rc;
}

/* The secret is shown, and a code made from it comes back; one that was mistyped again. */
static int set_factor(struct log_on *l)
{
    int rc = begin_factor(l);
    bool asks = rc == 0;
    while (asks) {
        if (!secret_read("Code that the authenticator shows", true, l->code)) {
            return ERR_LOG_ON_CODE;
        }
        rc = confirm_factor(l);
        asks = rc == ERR_LOG_ON_WRONG || rc == ERR_LOG_ON_WAIT;
        fputs(rc == ERR_LOG_ON_WRONG  ? "attune: that code is wrong\n"
              : rc == ERR_LOG_ON_WAIT ? "attune: after a wrong code this device must wait\n"
                                      : "",
              stderr);
    }
    return rc;
}

/* ---- logging on ------------------------------------------------------------------------------ */

static int change_one_time(struct log_on *l)
{
    fputs("attune: this is a one-time password: choose one of your own\n", stderr);
    if (!secret_read_new(l->fresh)) {
        return ERR_PASSWORD;
    }
    int rc = ask_new_password(l);
    g_strlcpy(l->password, l->fresh, sizeof l->password);
    return rc;
}

static int log_on(struct log_on *l)
{
    int rc = ask_log_on(l);
    if (rc == ERR_LOG_ON_CODE && secret_read("Code of the second factor", true, l->code)) {
        rc = ask_log_on(l);
    }
    if (rc == 0 && l->must_change) {
        rc = change_one_time(l);
    }
    if (rc == 0 && l->must_set_factor) {
        fputs("attune: the practice asks for a second factor: scan this with an authenticator\n",
              stderr);
        rc = set_factor(l);
    }
    return rc;
}

/* ---- the commands ---------------------------------------------------------------------------- */

static void end(struct log_on *l)
{
    talk_end(&l->talk);
    secret_wipe(l->password);
    secret_wipe(l->code);
    secret_wipe(l->fresh);
    g_free(l->name);
    g_free(l);
}

static struct log_on *begin(const struct arguments *a, bool may_be_locked, enum exits *ret_how)
{
    struct log_on *l = g_new0(struct log_on, 1);
    l->talk.software = "attune-cli";
    l->talk.may_be_locked = may_be_locked;
    *ret_how = talk_begin(&l->talk, a);
    if (*ret_how == EXITS_OK && may_be_locked) {
        link_token(&l->talk.link, NULL);
    }
    return l;
}

static enum exits run_log_on(const struct arguments *a)
{
    enum exits how;
    struct log_on *l = begin(a, true, &how);
    l->name = g_strdup(a->own[0] != NULL ? a->own[0] : "");
    if (how == EXITS_OK && !secret_read("Password", false, l->password)) {
        how = talk_fail(ERR_FIELD, "a password is needed, on standard input");
    }
    if (how == EXITS_OK) {
        (void)talk_connect(&l->talk);
        int rc = log_on(l);
        how = talk_explain(&l->talk, rc);
        how = how == EXITS_OK && l->talk.json && show_json(json_object()) != 0 ? EXITS_FAILED : how;
    }
    end(l);
    return how;
}

static enum exits run_log_off(const struct arguments *a)
{
    Attune__LogOff body;
    Attune__Request request;
    attune__log_off__init(&body);
    attune__request__init(&request);
    request.body_case = ATTUNE__REQUEST__BODY_LOG_OFF;
    request.log_off = &body;
    struct talk *t = g_new0(struct talk, 1);
    Attune__Response *answer = NULL;
    t->software = "attune-cli";
    t->may_be_locked = true;
    enum exits how = talk_begin(t, a);
    if (how == EXITS_OK) {
        (void)talk_connect(t);
        how = talk_explain(t, talk_ask(t, &request, &answer));
        token_remove(t->identity.folder); /* Whatever the server says: not from here any more. */
    }
    if (answer != NULL) {
        attune__response__free_unpacked(answer, NULL);
    }
    talk_end(t);
    g_free(t);
    return how;
}

static enum exits run_password(const struct arguments *a)
{
    enum exits how;
    struct log_on *l = begin(a, false, &how);
    if (how == EXITS_OK &&
        (!secret_read("Password", false, l->password) || !secret_read_new(l->fresh))) {
        how = talk_fail(ERR_FIELD, "the old password and the new one are needed");
    }
    if (how == EXITS_OK) {
        (void)talk_connect(&l->talk);
        how = talk_explain(&l->talk, ask_new_password(l));
    }
    end(l);
    return how;
}

static enum exits run_factor(const struct arguments *a)
{
    enum exits how;
    struct log_on *l = begin(a, false, &how);
    if (how == EXITS_OK && !secret_read("Password", false, l->password)) {
        how = talk_fail(ERR_FIELD, "a password is needed, on standard input");
    }
    if (how == EXITS_OK) {
        (void)talk_connect(&l->talk);
        how = talk_explain(&l->talk, begin_factor(l));
    }
    if (how == EXITS_OK && !secret_read("Code that the authenticator shows", true, l->code)) {
        how = talk_fail(ERR_FIELD, "not confirmed: nothing is asked for at the next log-on");
    }
    if (how == EXITS_OK) {
        how = talk_explain(&l->talk, confirm_factor(l));
    }
    end(l);
    return how;
}

static const struct arguments_option log_on_options[] = {
    {"name", "NAME", "whose account; on a therapist's device their own"},
    {NULL, NULL, NULL},
};

const struct command command_log_on = {
    .name = "log-on",
    .words = "",
    .summary = "Say who is at this device, with a password.",
    .table = {log_on_options, 0, 0},
    .notes = "Password, code and new password are asked for, or read as lines of standard input; "
             "where the\n"
             "practice asks for a second factor and there is none, its secret is printed for an "
             "authenticator\n"
             "and a code made from it asked for.",
    .run = run_log_on,
};
const struct command command_log_off = {
    .name = "log-off",
    .words = "",
    .summary = "Nobody is at this device from now on.",
    .table = {NULL, 0, 0},
    .run = run_log_off,
};
const struct command command_account_password = {
    .name = "account password",
    .words = "",
    .summary = "Change one's own password; every other log-on with it ends.",
    .table = {NULL, 0, 0},
    .run = run_password,
};
const struct command command_account_second_factor = {
    .name = "account second-factor",
    .words = "",
    .summary = "Have an authenticator's code asked for at one's log-on from now on.",
    .table = {NULL, 0, 0},
    .notes = "Prints the secret for the authenticator once, to be scanned or typed, then asks for "
             "a code made\n"
             "from it.",
    .run = run_factor,
};
