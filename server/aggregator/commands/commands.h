/* commands.h - attune-aggregator's subcommands: they answer and end, beside the service that does
 * not. */
#pragma once

/* The subcommand's exit code, or -1: argv[1] is none of them. */
int aggregator_command(int argc, char **argv);
