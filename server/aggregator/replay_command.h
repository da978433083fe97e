/* replay_command.h - attune-aggregator replay: the rules over a practice's stored history. */
#pragma once

/* argv[1] is "replay". Returns the exit code. */
int replay_command(int argc, char **argv);
