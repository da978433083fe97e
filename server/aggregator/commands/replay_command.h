/* replay_command.h - attune-aggregator replay: the rules over a practice's stored history. */
#pragma once

#include <stdbool.h>

#include "server/aggregator/options.h"

struct replay_wish {
    double
        budget; /* Reds in 100 sessions for which a line is offered; below 0: none is asked for. */
    const char *plot; /* A file that picture_file_check has found good; NULL: no picture. */
    bool json;
};

/* To standard output. Returns the exit code. */
int replay_command(const struct aggregator_options *options, const struct replay_wish *wish);
