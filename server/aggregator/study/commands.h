/* commands.h - attune-aggregator simulate and rates. */
#pragma once

/* argv[1] is "simulate" or "rates". Returns the exit code: 0 good, 1 not written, 2 usage. */
int study_command(int argc, char **argv);
