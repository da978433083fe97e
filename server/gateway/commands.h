/* commands.h - the subcommands of attune-server that serve nobody and end by themselves. */
#pragma once

#include "proto/wire/exits.h"
#include "server/gateway/options.h"

/* Reads the file; says what is wrong with file and line. Returns 0 or EXITS_CONFIGURATION. */
int command_load(const char *path, struct options *options);

/* argv[0] is the subcommand. Returns the exit code. */
int command_run(int argc, char **argv);

/* The program's version and its libraries', to standard output. */
void command_version(void);
