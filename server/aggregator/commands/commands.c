/* Happy path: the subcommand's options, its configuration, the command. Failure: a wrong option
 * exits 2, a wrong configuration 78, a database that does not answer 1; each is said. */
#include "server/aggregator/commands/commands.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/exits.h"
#include "server/aggregator/commands/norms_command.h"
#include "server/aggregator/commands/rebuild_command.h"
#include "server/aggregator/commands/replay_command.h"
#include "server/aggregator/study/commands.h"
#include "server/aggregator/study/picture_file.h"

static const char stored_usage[] =
    "attune-aggregator norms --config FILE [--json]\n"
    "attune-aggregator replay --config FILE [--budget N] [--json] [--plot FILE.svg|FILE.png]\n"
    "attune-aggregator rebuild --config FILE [--json]\n";

/* What the commands over the stored history are told. */
struct words {
    const char *config;
    struct replay_wish replay; /* Of replay alone, but for `json`. */
    bool help;
};

static bool read_budget(const char *text, double *ret_budget)
{
    char *end;
    double budget = strtod(text, &end);
    bool good = end != text && *end == '\0' && budget >= 0 && budget <= 100; /* NaN is not. */
    *ret_budget = good ? budget : *ret_budget;
    return good;
}

static bool read_words(int argc, char **argv, struct words *w)
{
    enum { OPT_CONFIG = 1, OPT_BUDGET, OPT_PLOT, OPT_JSON, OPT_HELP };
    static const struct option options[] = {{"config", required_argument, NULL, OPT_CONFIG},
                                            {"budget", required_argument, NULL, OPT_BUDGET},
                                            {"plot", required_argument, NULL, OPT_PLOT},
                                            {"json", no_argument, NULL, OPT_JSON},
                                            {"help", no_argument, NULL, OPT_HELP},
                                            {0}};
    int code;
    *w = (struct words){.replay = {.budget = -1}};
    optind = 2;
    while ((code = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (code == '?' || (code == OPT_BUDGET && !read_budget(optarg, &w->replay.budget))) {
            return false;
        }
        w->config = code == OPT_CONFIG ? optarg : w->config;
        w->replay.plot = code == OPT_PLOT ? optarg : w->replay.plot;
        w->replay.json = w->replay.json || code == OPT_JSON;
        w->help = w->help || code == OPT_HELP;
    }
    bool fits = (w->replay.budget < 0 && w->replay.plot == NULL) || strcmp(argv[1], "replay") == 0;
    return w->help || (w->config != NULL && optind == argc && fits);
}

static int stored_command(int argc, char **argv)
{
    struct words w;
    struct aggregator_options options;
    if (!read_words(argc, argv, &w)) {
        fputs(stored_usage, stderr);
        return EXITS_USAGE;
    }
    if (w.help) {
        fputs(stored_usage, stdout);
        return 0;
    }
    int rc = w.replay.plot == NULL ? 0 : picture_file_check("replay", w.replay.plot);
    if (rc != 0) {
        return rc;
    }
    if (aggregator_options_load(w.config, &options) != 0) {
        return EXITS_CONFIGURATION;
    }
    if (strcmp(argv[1], "norms") == 0) {
        return norms_command(&options, w.replay.json);
    }
    return strcmp(argv[1], "rebuild") == 0 ? rebuild_command(&options, w.replay.json)
                                           : replay_command(&options, &w.replay);
}

int aggregator_command(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } commands[] = {{"simulate", study_command},
                    {"rates", study_command},
                    {"norms", stored_command},
                    {"replay", stored_command},
                    {"rebuild", stored_command}};
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            return commands[i].run(argc, argv);
        }
    }
    return -1;
}
