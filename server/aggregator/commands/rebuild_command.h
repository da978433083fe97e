/* rebuild_command.h - `attune-aggregator rebuild`: the roll-ups made anew from what they count. */
#pragma once

#include <stdbool.h>

#include "server/aggregator/options.h"

/* Returns the exit code: 0 also when roll-ups had gone wrong and are right now; that is said. */
int rebuild_command(const struct aggregator_options *options, bool json);
