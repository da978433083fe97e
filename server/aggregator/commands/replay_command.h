/* replay_command.h - attune-aggregator replay: the rules over a practice's stored history. */
#pragma once

#include <stdbool.h>

#include "server/aggregator/options.h"

/* To standard output. `budget`: reds in 100 sessions for which a line is offered; below 0: none is
 * asked for. Returns the exit code. */
int replay_command(const struct aggregator_options *options, double budget, bool json);
