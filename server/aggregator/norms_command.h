/* norms_command.h - attune-aggregator norms: a practice's own cut and spread, offered beside those
 * in force. A person puts them in force, with attune practice set-rules. */
#pragma once

/* argv[1] is "norms". Returns the exit code. */
int norms_command(int argc, char **argv);
