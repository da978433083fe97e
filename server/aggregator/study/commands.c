/* Happy path: the command's options, the study, its sheets as tables or as JSON. Failure: a wrong
 * option is said with what would be right, exit 2; nothing has been computed by then. */
#include "server/aggregator/study/commands.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/exits.h"
#include "proto/wire/must.h"
#include "server/aggregator/study/crew.h"
#include "server/aggregator/study/picture_file.h"
#include "server/aggregator/study/plot.h"
#include "server/aggregator/study/sheet_json.h"
#include "server/base/progress.h"

enum { CLIENTS_MAX = 10 * 1000 * 1000, CLIENTS_MIN = 100 };

static const char usage[] =
    "attune-aggregator simulate [--courses N] [--seed N] [--json] [--plot FILE.svg|FILE.png]\n"
    "attune-aggregator rates [--clients N] [--seed N] [--json] [--plot FILE.svg|FILE.png]\n";

struct wish {
    struct study_wish study;
    const char *plot; /* NULL: no picture is asked for. */
    bool json;
};

static int misused(const char *command, const char *what)
{
    fprintf(stderr, "attune-aggregator %s: %s\n%s", command, what, usage);
    return EXITS_USAGE;
}

static bool read_number(const char *text, uint64_t least, uint64_t most, uint64_t *ret_number)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    bool good = errno == 0 && end != text && *end == '\0' && text[0] != '-' && number >= least &&
                number <= most;
    if (good) {
        *ret_number = number;
    }
    return good;
}

enum option_code { OPT_CLIENTS = 1, OPT_SEED, OPT_PLOT, OPT_JSON, OPT_HELP };

/* 0: go on; -1: all was said; else the exit code. */
static int read_wish(int argc, char **argv, struct wish *w)
{
    static const struct option options[] = {{"courses", required_argument, NULL, OPT_CLIENTS},
                                            {"clients", required_argument, NULL, OPT_CLIENTS},
                                            {"seed", required_argument, NULL, OPT_SEED},
                                            {"plot", required_argument, NULL, OPT_PLOT},
                                            {"json", no_argument, NULL, OPT_JSON},
                                            {"help", no_argument, NULL, OPT_HELP},
                                            {0}};
    const char *command = argv[1];
    int code;
    *w = (struct wish){.study = {.clients = 200000, .seed = 1, .workers = crew_size()}};
    optind = 2;
    while ((code = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (code == OPT_CLIENTS &&
            !read_number(optarg, CLIENTS_MIN, CLIENTS_MAX, &w->study.clients)) {
            return misused(command, "a number of courses is 100 to 10000000");
        }
        if (code == OPT_SEED && !read_number(optarg, 0, UINT64_MAX, &w->study.seed)) {
            return misused(command, "--seed is a whole number");
        }
        if (code == OPT_HELP) {
            fputs(usage, stdout);
            return -1;
        }
        if (code == '?') {
            return misused(command, "that option is not known, or lacks its value");
        }
        w->plot = code == OPT_PLOT ? optarg : w->plot;
        w->json = w->json || code == OPT_JSON;
    }
    if (optind < argc) {
        return misused(command, "takes no words but its options");
    }
    return w->plot == NULL ? 0 : picture_file_check(command, w->plot);
}

static int show(const struct sheet *sheets, size_t count, bool json)
{
    if (json) {
        return sheet_json_print(sheets, count, stdout) == 0 ? 0 : EXIT_FAILURE;
    }
    for (size_t i = 0; i < count; i++) {
        sheet_print(&sheets[i], stdout);
    }
    return fflush(stdout) == 0 ? 0 : EXIT_FAILURE;
}

static int simulate(const struct wish *w)
{
    struct progress progress;
    struct sheet *sheet = calloc(1, sizeof *sheet);
    must(sheet != NULL);
    progress_init(&progress, "simulate", w->study.clients);
    simulate_run(&w->study, &progress, sheet);
    progress_end(&progress);
    int code = show(sheet, 1, w->json);
    if (code == 0 && w->plot != NULL) {
        struct plot_simulate *plot = malloc(sizeof *plot);
        must(plot != NULL);
        plot_simulate_init(plot, sheet, w->study.seed);
        code = picture_file_write("simulate", w->plot, &plot->picture);
        free(plot);
    }
    free(sheet);
    return code;
}

static int plot_rates(const struct wish *w, const struct sheet *rules,
                      const struct rates_curves *curves)
{
    struct plot_rates *plot = malloc(sizeof *plot);
    must(plot != NULL);
    plot_rates_init(plot, curves, rules, w->study.seed);
    int code = picture_file_write("rates", w->plot, &plot->picture);
    free(plot);
    return code;
}

static void show_verdicts(const struct wish *w, const struct sheet sheets[RATES_SHEETS])
{
    size_t agrees = 0, differs = 0, reached = 0, missed = 0;
    for (size_t i = 0; i < RATES_SHEETS; i++) {
        agrees += sheet_count(&sheets[i], "agrees");
        differs += sheet_count(&sheets[i], "differs");
        reached += sheet_count(&sheets[i], "reached");
        missed += sheet_count(&sheets[i], "missed");
    }
    printf("rates: clients %" PRIu64 " seed %" PRIu64
           " agrees %zu differs %zu reached %zu missed %zu\n",
           w->study.clients, w->study.seed, agrees, differs, reached, missed);
}

static int rates(const struct wish *w)
{
    struct rates_curves curves;
    struct progress progress;
    struct sheet *sheets = calloc(RATES_SHEETS, sizeof *sheets);
    must(sheets != NULL);
    progress_init(&progress, "rates", RATES_PASSES * w->study.clients);
    rates_run(&w->study, &progress, sheets, w->plot == NULL ? NULL : &curves);
    progress_end(&progress);
    int code = show(sheets, RATES_SHEETS, w->json);
    if (!w->json) {
        show_verdicts(w, sheets);
    }
    if (code == 0 && w->plot != NULL) {
        code = plot_rates(w, &sheets[RATES_RULES], &curves);
    }
    free(sheets);
    return code;
}

int study_command(int argc, char **argv)
{
    struct wish w;
    int rc = read_wish(argc, argv, &w);
    if (rc != 0) {
        return rc == -1 ? 0 : rc;
    }
    return strcmp(argv[1], "rates") == 0 ? rates(&w) : simulate(&w);
}
