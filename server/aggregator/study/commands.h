/* commands.h - attune-aggregator's subcommands: studies that end, beside the service that does not.
 */
#pragma once

/* The subcommand's exit code (0 good, 1 failed, 2 usage), or -1: argv[1] is none of them. */
int study_command(int argc, char **argv);

/* Their lines for --help. */
extern const char study_usage[];
