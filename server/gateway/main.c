/* attune-server: the program. Its parts are built here in one visible order and taken down in the
 * reverse.
 *
 * Happy path: options, certificates, gateway, health, signals, the loop; TERM drains and all is
 * closed. `migrate`, `setup` and `pki …` are what needs the database's owner or the authority's
 * key, and end by themselves. Failure: whatever is wrong at the start is said in one line with what
 * to do, and the exit code tells which kind. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/failpoint.h"
#include "proto/wire/must.h"
#include "server/base/audit_key.h"
#include "server/base/health.h"
#include "server/base/log.h"
#include "server/base/process.h"
#include "server/gateway/commands.h"
#include "server/gateway/gateway.h"
#include "server/gateway/metrics_list.h"

enum { FILES_BESIDE_CONNECTIONS = 100 + NET_DOOR_MAX };

struct server {
    uv_loop_t loop;
    struct options options;
    const char *config_path, *port_file;
    struct chain_key audit_key;
    bool has_audit_key;
    struct journal journal;
    struct gateway gateway;
    struct health health;
    struct process process;
    struct metric metrics[GATEWAY_METRICS];
};

static SSL_CTX *new_context(const struct options *o)
{
    char why[256];
    SSL_CTX *context = NULL;
    struct tls_files files = {o->authority, o->certificate, o->key};
    if (tls_context_new(TLS_SERVER, &files, &context, why, sizeof why) != 0) {
        log_line(LOG_LEVEL_ERROR, "server", "certificates: %s", why);
        return NULL;
    }
    return context;
}

/* The keys that the options name; none, when they name none. */
static int load_sealing(const struct options *o, struct sealing *s)
{
    char why[SEALING_WHY] = "sealing_required: needs sealing_keys";
    int rc = o->sealing_required != 0 ? ERR_CONFIG : 0;
    *s = (struct sealing){.count = 0};
    if (o->sealing_keys[0] != '\0') {
        rc = sealing_load(o->sealing_keys, s, why);
    }
    if (rc != 0) {
        log_line(LOG_LEVEL_ERROR, "server", "sealing keys: %s", why);
    }
    return rc;
}

static int load_audit_key(struct server *s)
{
    char why[AUDIT_KEY_WHY];
    s->has_audit_key = s->options.audit_key[0] != '\0';
    int rc = s->has_audit_key ? audit_key_load(s->options.audit_key, &s->audit_key, why) : 0;
    if (rc != 0) {
        log_line(LOG_LEVEL_ERROR, "server", "audit key: %s", why);
    }
    return rc;
}

/* journal_fini is owed after 0. */
static int load_journal(struct server *s, bool check_only)
{
    char why[JOURNAL_WHY];
    const char *path = s->options.erasure_journal;
    int rc = journal_open(&s->journal, path, check_only, why);
    if (rc != 0) {
        log_line(LOG_LEVEL_ERROR, "server", "erasure journal: %s: %s", path, why);
    } else if (path[0] != '\0' && !check_only) {
        log_line(LOG_LEVEL_NOTICE, "server", "erasure journal: %s: %zu erased clients", path,
                 s->journal.count);
    }
    return rc;
}

/* Whom devices trust, and who signs them. Both are owed their fini after 0. */
static int load_authorities(const struct options *o, SSL_CTX *context, struct tls_authorities *a,
                            struct issuer *issuer)
{
    char why[CERTIFY_WHY] = "authority: more than 8 certificates";
    int rc = tls_authorities_from(context, a);
    if (rc == 0) {
        rc = issuer_init(issuer, o->issuer, o->issuing_authority, why);
        if (rc != 0) {
            tls_authorities_fini(a);
        }
    }
    if (rc != 0) {
        log_line(LOG_LEVEL_ERROR, "server", "enrolment: %s", why);
    }
    return rc;
}

static void on_ask(struct health *h, bool *ret_ready, const char **ret_why)
{
    struct server *s = container_of(h, struct server, health);
    int64_t expires = tls_context_expires_in(s->gateway.net.context, (int64_t)time(NULL));
    (void)gateway_metrics(&s->gateway, expires, s->metrics);
    bool database = store_ready(&s->gateway.store) && naming_ready(&s->gateway.naming);
    *ret_ready = database && !s->gateway.draining;
    *ret_why = s->gateway.draining ? "stopping" : "the database is away";
}

static void on_process_closed(struct process *p)
{
    (void)p; /* The loop has nothing left and ends. */
}

static void on_health_closed(struct health *h)
{
    process_close(&container_of(h, struct server, health)->process, on_process_closed);
}

static void on_gateway_closed(struct gateway *g)
{
    health_close(&container_of(g, struct server, gateway)->health, on_health_closed);
}

static void on_stop(struct process *p, bool at_once)
{
    struct server *s = container_of(p, struct server, process);
    log_line(LOG_LEVEL_NOTICE, "server", at_once ? "stopping at once" : "stopping");
    if (at_once) {
        /* Whatever holds us up. What was acknowledged is committed; all else comes again. */
        _exit(EXIT_FAILURE);
    }
    process_notify("STOPPING=1");
    gateway_drain(&s->gateway, on_gateway_closed);
}

/* All that was read is good, or nothing of it is taken. */
static int take_fresh(struct server *s, const struct options *fresh)
{
    struct sealing sealing;
    if (load_sealing(fresh, &sealing) != 0) {
        log_line(LOG_LEVEL_ERROR, "server", "reload refused, the old sealing keys stay");
        return ERR_CONFIG;
    }
    SSL_CTX *context = new_context(fresh);
    if (context == NULL) {
        sealing_wipe(&sealing);
        log_line(LOG_LEVEL_ERROR, "server", "reload refused, the old certificates stay");
        return ERR_CONFIG;
    }
    struct tls_authorities authorities;
    struct issuer issuer;
    if (load_authorities(fresh, context, &authorities, &issuer) != 0) {
        sealing_wipe(&sealing);
        SSL_CTX_free(context);
        log_line(LOG_LEVEL_ERROR, "server", "reload refused, the old authorities stay");
        return ERR_CONFIG;
    }
    net_context(&s->gateway.net, &context);
    gateway_authorities(&s->gateway, &authorities, &issuer);
    gateway_sealing(&s->gateway, &sealing, fresh->sealing_required != 0);
    gateway_reload(&s->gateway, fresh);
    return 0;
}

/* New from here on: certificates, authorities, the issuer, sealing keys and whether they are
 * required, time-outs and the limits of connections. All else is judged, and takes effect at the
 * next start. */
static void on_reload(struct process *p)
{
    struct server *s = container_of(p, struct server, process);
    struct options fresh;
    struct config_fault fault;
    process_notify("RELOADING=1");
    if (config_load(options_table(), s->config_path, &fresh, &fault) != 0) {
        log_line(LOG_LEVEL_ERROR, "server",
                 "reload refused, the old configuration stays: line %u: %s", fault.line,
                 fault.text);
    } else if (take_fresh(s, &fresh) == 0) {
        log_line(LOG_LEVEL_NOTICE, "server",
                 "reloaded: certificates, authorities, issuer, sealing keys, time-outs and limits");
    }
    process_notify("READY=1");
}

static int announce(struct server *s)
{
    uint16_t port = net_port(&s->gateway.net);
    log_line(LOG_LEVEL_NOTICE, "server", "listening on %s port %u", s->options.listen.host,
             (unsigned)port);
    process_notify("READY=1");
    return s->port_file == NULL ? 0
                                : process_write_ports(s->port_file, port, health_port(&s->health));
}

/* What was started is taken down again by the loop, whatever failed. */
static int serve(struct server *s, SSL_CTX **context, struct sealing *sealing,
                 struct tls_authorities *authorities, struct issuer *issuer)
{
    int rc = uv_loop_init(&s->loop);
    must(rc == 0);
    gateway_init(&s->gateway, &s->options, s->has_audit_key ? &s->audit_key : NULL, &s->journal);
    gateway_authorities(&s->gateway, authorities, issuer);
    gateway_sealing(&s->gateway, sealing, s->options.sealing_required != 0);
    health_init(&s->health, s->metrics, gateway_metrics(&s->gateway, 0, s->metrics), on_ask);
    process_init(&s->process, on_stop, on_reload);
    rc = gateway_start(&s->gateway, &s->loop, context);
    int health_rc = health_start(&s->health, &s->loop, &s->options.health);
    rc = rc != 0 ? rc : health_rc;
    process_start(&s->process, &s->loop);
    rc = rc != 0 ? rc : announce(s);
    if (rc != 0) {
        gateway_drain(&s->gateway, on_gateway_closed);
    }
    (void)uv_run(&s->loop, UV_RUN_DEFAULT); /* Until nothing is left. */
    int closed = uv_loop_close(&s->loop);
    must(closed == 0);
    log_line(LOG_LEVEL_NOTICE, "server", "stopped");
    return rc;
}

/* What the program stands on: read before anything is begun, or said what is wrong with it. */
struct ground {
    SSL_CTX *context;
    struct sealing sealing;
    struct tls_authorities authorities;
    struct issuer issuer;
};

static void ground_fini(struct ground *g)
{
    sealing_wipe(&g->sealing);
    tls_authorities_fini(&g->authorities);
    issuer_fini(&g->issuer);
    SSL_CTX_free(g->context);
}

static int ground_load(const struct options *o, struct ground *g)
{
    *g = (struct ground){.context = new_context(o)};
    int rc = g->context == NULL ? ERR_CONFIG : load_sealing(o, &g->sealing);
    return rc != 0 ? rc : load_authorities(o, g->context, &g->authorities, &g->issuer);
}

static int run(struct server *s, bool check_only)
{
    struct ground ground;
    int rc = ground_load(&s->options, &ground);
    rc = rc != 0 ? rc : load_audit_key(s);
    if (rc == 0 && !check_only) {
        rc = process_need_files((uint64_t)s->options.connections_max + FILES_BESIDE_CONNECTIONS);
    }
    rc = rc != 0 ? rc : load_journal(s, check_only);
    if (rc == 0 && check_only) {
        printf("%s: good\n", s->config_path);
    }
    if (rc != 0 || check_only) {
        journal_fini(&s->journal); /* Of one that was not opened: nothing. */
        ground_fini(&ground);
        return rc == 0 ? 0 : EXITS_CONFIGURATION;
    }
    rc = serve(s, &ground.context, &ground.sealing, &ground.authorities, &ground.issuer);
    journal_fini(&s->journal);
    return rc == 0 ? 0 : rc == ERR_CONFIG ? EXITS_CONFIGURATION : EXIT_FAILURE;
}

static const char usage[] =
    "attune-server --config FILE [--port-file FILE] [--check-config]\n"
    "attune-server migrate --config FILE [--sql DIR]\n"
    "attune-server setup --config FILE --practice NAME --certificate FILE --label LABEL\n"
    "                    [--time-zone Europe/Berlin] [--account NAME] [--ask-password]\n"
    "                    [--without-log-on]\n"
    "attune-server reset-password --config FILE --practice NAME --account NAME\n"
    "attune-server keys adopt --config FILE\n"
    "attune-server resend --config FILE --since 2026-11-25T10:00   (UTC)\n"
    "attune-server pki init DIR\n"
    "attune-server pki server DIR --name NAME [--name NAME …]\n"
    "attune-server pki device DIR --practice N --label LABEL --out IDENTITY_DIR\n"
    "attune-server pki sealing-key SEALING_DIR\n"
    "attune-server issuer --socket PATH --authority DIR [--user NAME] [--per-minute N]\n"
    "attune-server pki audit-key FILE\n"
    "attune-server --print-config | --list-failpoints | --version | --help\n"
    "\n"
    "issuer: the authority's key in a process and a user of its own; server.conf: issuer = PATH.\n"
    "Serves kiosks, therapists and administrators over TLS; see README.md and proto/PROTOCOL.md.\n"
    "TERM finishes what is under way, for 15 s at most, and stops; a second TERM ends it at once.\n"
    "HUP reads certificates, sealing keys and configuration again.\n"
    "Exit codes: 0 good, 1 failed, 2 usage, 69 unreachable, 78 configuration.\n";

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
        config_print(options_table());
    } else if (code == OPT_FAILPOINTS) {
        failpoint_list();
    } else if (code == OPT_VERSION) {
        command_version();
    } else {
        fputs(usage, stdout);
    }
    return 0;
}

static int load_and_run(struct server *s, bool check_only)
{
    int rc = command_load(s->config_path, &s->options);
    rc = rc != 0 ? rc : run(s, check_only);
    chain_key_wipe(&s->audit_key);
    return rc;
}

static int serve_command(struct server *s, int argc, char **argv)
{
    bool check_only = false;
    int code;
    while ((code = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (code) {
        case OPT_CONFIG:
            s->config_path = optarg;
            break;
        case OPT_PORT_FILE:
            s->port_file = optarg;
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
    if (optind < argc || s->config_path == NULL) {
        fputs("attune-server: --config FILE is needed; see --help\n", stderr);
        return EXITS_USAGE;
    }
    return load_and_run(s, check_only);
}

int main(int argc, char **argv)
{
    process_harden(); /* The commands read keys, too. */
    if (argc > 1 && argv[1][0] != '-') {
        return command_run(argc - 1, argv + 1);
    }
    struct server *s = calloc(1, sizeof *s);
    must(s != NULL);
    s->journal.file = -1;
    int rc = serve_command(s, argc, argv);
    free(s);
    return rc;
}
