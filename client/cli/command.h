/* command.h - what a subcommand is, and the list of them. */
#pragma once

#include <stddef.h>

#include "client/cli/arguments.h"
#include "proto/wire/exits.h"

struct command {
    const char *name;    /* "rate", "session open". */
    const char *words;   /* "ID", or "". */
    const char *summary; /* One line. */
    struct arguments_table table;
    const char *notes; /* Under the options in --help; NULL: none. */
    enum exits (*run)(const struct arguments *a);
};

/* In the order of --help; ends with NULL. */
extern const struct command *const commands[];

/* The command whose name the arguments begin with, and how many words that are; NULL: none. */
const struct command *command_find(int count, char *const *arguments, int *ret_words);

/* To standard output. */
void command_help(const struct command *c);

/* One sentence and the usage to standard error; EXITS_USAGE. */
enum exits command_misused(const struct command *c, const char *why);

/* revoke.c */
extern const struct command command_device_revoke, command_device_revoke_certificate,
    command_practice_revoke_therapist;

/* One file each. */
extern const struct command command_rate, command_watch, command_session_open,
    command_session_invite, command_session_close, command_session_list, command_practice_add_site,
    command_practice_add_room, command_practice_add_therapist, command_practice_add_client,
    command_practice_add_device, command_practice_list, command_import, command_ratings,
    command_alerts, command_alerts_explain, command_alerts_acknowledge, command_practice_rules,
    command_practice_set_rules, command_report, command_goals, command_goals_add, command_goals_end,
    command_escalations, command_practice_instruments, command_practice_instrument,
    command_practice_set_instrument, command_audit_verify, command_audit_who,
    command_practice_retention, command_practice_hold, command_practice_release,
    command_practice_holds, command_log_on, command_log_off, command_account_password,
    command_account_second_factor, command_account_add, command_account_reset, command_account_list,
    command_practice_log_on, command_client_erase, command_client_copy, command_device_add,
    command_device_list, command_device_forget_code, command_enrol, command_practice_cover,
    command_practice_end_cover, command_practice_covers, command_practice_supervise,
    command_practice_end_supervision, command_practice_supervisions, command_practice_end_client,
    command_looks, command_looks_seen;
