/* attune-aggregator: the program. Its parts are built here in one visible order and taken down in
 * the reverse.
 *
 * Happy path: options, aggregator, health, signals, the loop; TERM finishes the claim under way and
 * all is closed. Failure: whatever is wrong at the start is said in one line, and the exit code
 * tells which kind. A database that is away at the start is no fault: it is waited for, and /readyz
 * says so. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/exits.h"
#include "proto/wire/failpoint.h"
#include "proto/wire/must.h"
#include "server/aggregator/aggregator.h"
#include "server/aggregator/catalogs.h"
#include "server/aggregator/commands/commands.h"
#include "server/base/audit_key.h"
#include "server/base/health.h"
#include "server/base/log.h"
#include "server/base/process.h"

enum { METRICS = 5 };

struct program {
    uv_loop_t loop;
    struct aggregator_options options;
    const char *config_path, *port_file;
    struct languages languages;
    struct aggregator aggregator;
    struct health health;
    struct process process;
    struct metric metrics[METRICS];
};

static void fill_metrics(struct program *p)
{
    const struct aggregator_counters *c = &p->aggregator.counters;
    const struct metric list[METRICS] = {
        {"attune_claims_total", "Claims finished that held ratings.", METRIC_COUNTER, c->claims},
        {"attune_evaluated_total", "Ratings evaluated, again included.", METRIC_COUNTER,
         c->evaluated},
        {"attune_alerts_found_total", "Alerts found, those that were there included.",
         METRIC_COUNTER, c->alerts},
        {"attune_claims_undone_total", "Claims that failed and were undone.", METRIC_COUNTER,
         c->failures},
        {"attune_database_up", "1 when the database can be used.", METRIC_GAUGE,
         store_ready(&p->aggregator.store)},
    };
    memcpy(p->metrics, list, sizeof list);
}

static void on_ask(struct health *h, bool *ret_ready, const char **ret_why)
{
    struct program *p = container_of(h, struct program, health);
    fill_metrics(p);
    *ret_ready = aggregator_ready(&p->aggregator);
    *ret_why = p->aggregator.stopping ? "stopping" : "the database is away";
}

static void on_process_closed(struct process *process)
{
    (void)process; /* The loop has nothing left and ends. */
}

static void on_health_closed(struct health *h)
{
    process_close(&container_of(h, struct program, health)->process, on_process_closed);
}

static void on_aggregator_closed(struct aggregator *a)
{
    health_close(&container_of(a, struct program, aggregator)->health, on_health_closed);
}

static void on_stop(struct process *process, bool at_once)
{
    struct program *p = container_of(process, struct program, process);
    if (at_once) {
        exit(EXIT_FAILURE); /* A claim under way is undone by the database. */
    }
    log_line(LOG_LEVEL_NOTICE, "aggregator", "stopping");
    process_notify("STOPPING=1");
    aggregator_stop(&p->aggregator, on_aggregator_closed);
}

/* The file is judged; what can change while we run is taken. */
static void on_reload(struct process *process)
{
    struct program *p = container_of(process, struct program, process);
    struct aggregator_options fresh;
    struct config_fault fault;
    process_notify("RELOADING=1");
    if (config_load(aggregator_options_table(), p->config_path, &fresh, &fault) != 0) {
        log_line(LOG_LEVEL_ERROR, "aggregator",
                 "reload refused, the old configuration stays: line %u: %s", fault.line,
                 fault.text);
    } else {
        p->options.claim_ratings_max = fresh.claim_ratings_max;
        log_line(LOG_LEVEL_NOTICE, "aggregator",
                 "reloaded: claim_ratings_max; other keys take effect at the next start");
    }
    process_notify("READY=1");
}

static int announce(struct program *p)
{
    log_line(LOG_LEVEL_NOTICE, "aggregator", "started");
    process_notify("READY=1");
    return p->port_file == NULL ? 0 : process_write_ports(p->port_file, 0, health_port(&p->health));
}

/* What was started is taken down again by the loop, whatever failed. */
static int serve(struct program *p, const struct chain_key *audit_key)
{
    int rc = uv_loop_init(&p->loop);
    must(rc == 0);
    catalogs_load(p->options.catalogs, &p->languages);
    aggregator_init(&p->aggregator, &p->options, &p->languages, audit_key);
    fill_metrics(p);
    health_init(&p->health, p->metrics, METRICS, on_ask);
    process_init(&p->process, on_stop, on_reload);
    aggregator_start(&p->aggregator, &p->loop);
    rc = health_start(&p->health, &p->loop, &p->options.health);
    process_start(&p->process, &p->loop);
    rc = rc != 0 ? rc : announce(p);
    if (rc != 0) {
        aggregator_stop(&p->aggregator, on_aggregator_closed);
    }
    (void)uv_run(&p->loop, UV_RUN_DEFAULT); /* Until nothing is left. */
    int closed = uv_loop_close(&p->loop);
    must(closed == 0);
    log_line(LOG_LEVEL_NOTICE, "aggregator", "stopped");
    return rc == 0 ? 0 : rc == ERR_CONFIG ? EXITS_CONFIGURATION : EXIT_FAILURE;
}

static const char usage[] =
    "attune-aggregator --config FILE [--port-file FILE] [--check-config]\n"
    "attune-aggregator --print-config | --list-failpoints | --version | --help\n"
    "attune-aggregator simulate | rates | norms | replay | rebuild [--help]\n"
    "\n"
    "Evaluates the ratings that attune-server has stored, and writes the alerts.\n"
    "TERM finishes what is under way and stops; HUP reads the configuration again.\n"
    "Exit codes: 0 good, 1 failed, 2 usage, 78 configuration.\n";

enum option_code {
    OPT_CONFIG = 1,
    OPT_PORT_FILE,
    OPT_CHECK,
    OPT_PRINT,
    OPT_FAILPOINTS,
    OPT_VERSION,
    OPT_HELP
};

static const struct option long_options[] = {
    {"config", required_argument, NULL, OPT_CONFIG},
    {"port-file", required_argument, NULL, OPT_PORT_FILE},
    {"check-config", no_argument, NULL, OPT_CHECK},
    {"print-config", no_argument, NULL, OPT_PRINT},
    {"list-failpoints", no_argument, NULL, OPT_FAILPOINTS},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, OPT_HELP},
    {0},
};

static int print_and_end(int code)
{
    if (code == OPT_PRINT) {
        config_print(aggregator_options_table());
    } else if (code == OPT_FAILPOINTS) {
        failpoint_list();
    } else if (code == OPT_VERSION) {
        int pq = store_libpq_version();
        printf("attune-aggregator %s (libuv %s, libpq %d.%d)\n", ATTUNE_VERSION,
               uv_version_string(), pq / 10000, pq % 10000);
    } else {
        fputs(usage, stdout);
    }
    return 0;
}

static int load_and_run(struct program *p, bool check_only)
{
    if (aggregator_options_load(p->config_path, &p->options) != 0) {
        return EXITS_CONFIGURATION;
    }
    struct chain_key key;
    char why[AUDIT_KEY_WHY];
    bool has_key = p->options.audit_key[0] != '\0';
    if (has_key && audit_key_load(p->options.audit_key, &key, why) != 0) {
        log_line(LOG_LEVEL_ERROR, "aggregator", "audit key: %s", why);
        return EXITS_CONFIGURATION;
    }
    int rc = 0;
    if (check_only) {
        printf("%s: good\n", p->config_path);
    } else {
        rc = serve(p, has_key ? &key : NULL);
    }
    chain_key_wipe(&key);
    return rc;
}

static int run(struct program *p, int argc, char **argv)
{
    bool check_only = false;
    int code;
    while ((code = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (code) {
        case OPT_CONFIG:
            p->config_path = optarg;
            break;
        case OPT_PORT_FILE:
            p->port_file = optarg;
            break;
        case OPT_CHECK:
            check_only = true;
            break;
        case '?':
            return EXITS_USAGE;
        default:
            return print_and_end(code);
        }
    }
    if (optind < argc || p->config_path == NULL) {
        fputs("attune-aggregator: --config FILE is needed; see --help\n", stderr);
        return EXITS_USAGE;
    }
    return load_and_run(p, check_only);
}

int main(int argc, char **argv)
{
    process_harden(); /* The commands read ratings, too. */
    int rc = aggregator_command(argc, argv);
    if (rc >= 0) {
        return rc;
    }
    struct program *p = calloc(1, sizeof *p);
    must(p != NULL);
    rc = run(p, argc, argv);
    free(p);
    return rc;
}
