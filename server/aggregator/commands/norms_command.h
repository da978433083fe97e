/* norms_command.h - attune-aggregator norms: a practice's own cut and spread, offered beside those
 * in force. A person puts them in force, with attune practice set-rules. */
#pragma once

#include <stdbool.h>

#include "server/aggregator/options.h"

/* To standard output. Returns the exit code. */
int norms_command(const struct aggregator_options *options, bool json);
