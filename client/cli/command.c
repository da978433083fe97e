/* Happy path: a name is one word or two; the longer match counts.
 * Failure: no such name, which main tells. */
#include "client/cli/command.h"

#include <stdio.h>
#include <string.h>

const struct command *const commands[] = {
    &command_log_on,
    &command_log_off,
    &command_account_add,
    &command_account_reset,
    &command_account_list,
    &command_account_password,
    &command_account_second_factor,
    &command_practice_log_on,
    &command_rate,
    &command_watch,
    &command_session_open,
    &command_session_invite,
    &command_session_close,
    &command_session_list,
    &command_ratings,
    &command_alerts_explain,
    &command_alerts_acknowledge,
    &command_alerts,
    &command_looks_seen,
    &command_looks,
    &command_goals_add,
    &command_goals_end,
    &command_goals,
    &command_client_copy,
    &command_practice_add_site,
    &command_practice_add_room,
    &command_practice_add_therapist,
    &command_practice_add_client,
    &command_practice_add_device,
    &command_device_revoke,
    &command_device_revoke_certificate,
    &command_practice_revoke_therapist,
    &command_practice_list,
    &command_practice_retention,
    &command_practice_hold,
    &command_practice_release,
    &command_practice_holds,
    &command_client_erase,
    &command_practice_end_client,
    &command_practice_cover,
    &command_practice_end_cover,
    &command_practice_covers,
    &command_practice_supervise,
    &command_practice_end_supervision,
    &command_practice_supervisions,
    &command_practice_rules,
    &command_practice_set_rules,
    &command_practice_instruments,
    &command_practice_instrument,
    &command_practice_set_instrument,
    &command_device_add,
    &command_device_list,
    &command_device_forget_code,
    &command_enrol,
    &command_report,
    &command_escalations,
    &command_audit_verify,
    &command_audit_who,
    &command_import,
    NULL,
};

const struct command *command_find(int count, char *const *arguments, int *ret_words)
{
    char two[64] = "";
    if (count > 1) {
        (void)snprintf(two, sizeof two, "%.30s %.30s", arguments[0], arguments[1]);
    }
    for (size_t at = 0; count > 0 && commands[at] != NULL; at++) {
        bool one = strcmp(commands[at]->name, arguments[0]) == 0;
        if (one || strcmp(commands[at]->name, two) == 0) {
            *ret_words = one ? 1 : 2;
            return commands[at];
        }
    }
    return NULL;
}

static void print_options(const struct arguments_option *options)
{
    for (; options != NULL && options->name != NULL; options++) {
        char left[64];
        (void)snprintf(left, sizeof left, "--%s %s", options->name,
                       options->value != NULL ? options->value : "");
        printf("  %-24s %s\n", left, options->help);
    }
}

void command_help(const struct command *c)
{
    printf("attune %s%s%s [OPTION …]\n%s\n\n", c->name, c->words[0] != '\0' ? " " : "", c->words,
           c->summary);
    print_options(c->table.own);
    print_options(arguments_common_options);
    if (c->notes != NULL) {
        printf("\n%s\n", c->notes);
    }
}

enum exits command_misused(const struct command *c, const char *why)
{
    fprintf(stderr, "attune %s: %s\nusage: attune %s%s%s [OPTION …], see attune %s --help\n",
            c->name, why, c->name, c->words[0] != '\0' ? " " : "", c->words, c->name);
    return EXITS_USAGE;
}
