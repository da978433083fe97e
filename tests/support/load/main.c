/* attune-load: thousands of kiosks and therapists in one process, for the faults and benchmarks.
 *
 * Happy path: options, certificates, the field or the handshakes. Failure: usage is 2; a run that
 * ends with ratings unanswered is 1. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "tests/support/load/field.h"
#include "tests/support/load/shakes.h"

enum { USAGE = 2 };

static const char usage[] =
    "attune-load rate      --address HOST:PORT[,…] --fleet DIR --count N [--kiosks K]\n"
    "                      [--kiosk-from N]\n"
    "                      [--outstanding N] [--rate PER_S] [--seconds S] [--warm S] [--seed N]\n"
    "                      [--first N] [--begin-at N] [--low-every N] [--therapists T] [--copies "
    "C]\n"
    "                      [--spools DIR] [--journal FILE] [--grace S] [--reconnect-ms MAX]\n"
    "                      [--preseal]\n"
    "attune-load watch     --address … --fleet DIR --therapists T --count N [--journal FILE]\n"
    "attune-load idle      --address … --fleet DIR --kiosks K [--seconds S]\n"
    "attune-load handshake --address … --fleet DIR [--lines N] [--seconds S] [--foreign]\n"
    "                      [--stay [--say TEXT]]\n"
    "\n"
    "--fleet DIR and its number of kiosks (--kiosks-of-fleet, --kiosks if left out) as\n"
    "attune-bulk-pki made them; the tickets as tests/support/fleet.sql makes them.\n"
    "TERM ends the sending. The last line says what happened; --journal says it of each rating.\n";

struct settings {
    struct field_options field;
    struct shakes_options shakes;
    const char *fleet, *addresses;
};

enum option_code {
    OPT_ADDRESS = 1,
    OPT_FLEET,
    OPT_COUNT,
    OPT_KIOSKS,
    OPT_KIOSKS_OF_FLEET,
    OPT_OUTSTANDING,
    OPT_RATE,
    OPT_SECONDS,
    OPT_WARM,
    OPT_SEED,
    OPT_FIRST,
    OPT_LOW_EVERY,
    OPT_BEGIN_AT,
    OPT_KIOSK_FROM,
    OPT_THERAPISTS,
    OPT_COPIES,
    OPT_SPOOLS,
    OPT_JOURNAL,
    OPT_GRACE,
    OPT_RECONNECT,
    OPT_PRESEAL,
    OPT_LINES,
    OPT_FOREIGN,
    OPT_STAY,
    OPT_SAY,
    OPT_HELP
};

static const struct option long_options[] = {
    {"address", required_argument, NULL, OPT_ADDRESS},
    {"fleet", required_argument, NULL, OPT_FLEET},
    {"count", required_argument, NULL, OPT_COUNT},
    {"kiosks", required_argument, NULL, OPT_KIOSKS},
    {"kiosks-of-fleet", required_argument, NULL, OPT_KIOSKS_OF_FLEET},
    {"outstanding", required_argument, NULL, OPT_OUTSTANDING},
    {"rate", required_argument, NULL, OPT_RATE},
    {"seconds", required_argument, NULL, OPT_SECONDS},
    {"warm", required_argument, NULL, OPT_WARM},
    {"seed", required_argument, NULL, OPT_SEED},
    {"first", required_argument, NULL, OPT_FIRST},
    {"low-every", required_argument, NULL, OPT_LOW_EVERY},
    {"begin-at", required_argument, NULL, OPT_BEGIN_AT},
    {"kiosk-from", required_argument, NULL, OPT_KIOSK_FROM},
    {"therapists", required_argument, NULL, OPT_THERAPISTS},
    {"copies", required_argument, NULL, OPT_COPIES},
    {"spools", required_argument, NULL, OPT_SPOOLS},
    {"journal", required_argument, NULL, OPT_JOURNAL},
    {"grace", required_argument, NULL, OPT_GRACE},
    {"reconnect-ms", required_argument, NULL, OPT_RECONNECT},
    {"preseal", no_argument, NULL, OPT_PRESEAL},
    {"lines", required_argument, NULL, OPT_LINES},
    {"foreign", no_argument, NULL, OPT_FOREIGN},
    {"stay", no_argument, NULL, OPT_STAY},
    {"say", required_argument, NULL, OPT_SAY},
    {"help", no_argument, NULL, OPT_HELP},
    {0},
};

static uint32_t number_of(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value > UINT32_MAX) {
        fprintf(stderr, "attune-load: %s: not a number\n", text);
        exit(USAGE);
    }
    return (uint32_t)value;
}

/* Seconds, with a fraction. */
static uint32_t ms_of(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (*text == '\0' || *end != '\0' || value < 0 || value > 1e6) {
        fprintf(stderr, "attune-load: %s: not a number of seconds\n", text);
        exit(USAGE);
    }
    return (uint32_t)(value * 1000);
}

static void set_text(struct settings *s, int code)
{
    switch (code) {
    case OPT_ADDRESS:
        s->addresses = optarg;
        break;
    case OPT_FLEET:
        s->fleet = optarg;
        break;
    case OPT_SPOOLS:
        s->field.spools = optarg;
        break;
    case OPT_JOURNAL:
        s->field.journal = optarg;
        break;
    case OPT_SAY:
        s->shakes.say = optarg;
        break;
    case OPT_PRESEAL:
        s->field.preseal = true;
        break;
    case OPT_FOREIGN:
        s->shakes.foreign = true;
        break;
    case OPT_STAY:
        s->shakes.stay = true;
        break;
    case OPT_HELP:
        fputs(usage, stdout);
        exit(0);
    default:
        fputs(usage, stderr);
        exit(USAGE);
    }
}

static void set_option(struct settings *s, int code)
{
    struct field_options *f = &s->field;
    uint32_t *const numbers[] = {
        [OPT_COUNT] = &f->plan.count,
        [OPT_KIOSKS] = &f->kiosks,
        [OPT_KIOSKS_OF_FLEET] = &f->kiosks_of_fleet,
        [OPT_OUTSTANDING] = &f->outstanding,
        [OPT_RATE] = &f->rate,
        [OPT_FIRST] = &f->plan.first,
        [OPT_LOW_EVERY] = &f->plan.low_every,
        [OPT_BEGIN_AT] = &f->begin_at,
        [OPT_KIOSK_FROM] = &f->kiosk_from,
        [OPT_THERAPISTS] = &f->therapists,
        [OPT_COPIES] = &f->copies,
        [OPT_RECONNECT] = &f->reconnect_ms_max,
        [OPT_LINES] = &s->shakes.lines,
        [OPT_HELP] = NULL,
    };
    if (code == OPT_SEED) {
        f->plan.seed = number_of(optarg);
    } else if (code == OPT_SECONDS) {
        f->run_ms = s->shakes.run_ms = ms_of(optarg);
    } else if (code == OPT_WARM) {
        f->warm_ms = ms_of(optarg);
    } else if (code == OPT_GRACE) {
        f->grace_ms = ms_of(optarg);
    } else if (code > 0 && code <= OPT_HELP && numbers[code] != NULL) {
        *numbers[code] = number_of(optarg);
    } else {
        set_text(s, code);
    }
}

static void parse_addresses(struct settings *s)
{
    char text[512];
    char *rest = text, *one;
    if (s->addresses == NULL || strlen(s->addresses) >= sizeof text || s->fleet == NULL) {
        fputs("attune-load: --address and --fleet are needed; see --help\n", stderr);
        exit(USAGE);
    }
    memcpy(text, s->addresses, strlen(s->addresses) + 1);
    while ((one = strsep(&rest, ",")) != NULL && s->field.address_count < FIELD_ADDRESSES_MAX) {
        char *port = strrchr(one, ':');
        if (port == NULL) {
            fprintf(stderr, "attune-load: %s: HOST:PORT, the host an IPv4 address\n", one);
            exit(USAGE);
        }
        *port++ = '\0';
        if (uv_ip4_addr(one, (int)number_of(port), &s->field.addresses[s->field.address_count++]) !=
            0) {
            fprintf(stderr, "attune-load: %s: not an IPv4 address\n", one);
            exit(USAGE);
        }
    }
    s->shakes.address = s->field.addresses[0];
}

/* What the mode leaves out. */
static void settle(struct settings *s, const char *mode)
{
    struct field_options *f = &s->field;
    if (strcmp(mode, "idle") == 0) {
        f->plan.count = 0;
    }
    f->kiosks_of_fleet = f->kiosks_of_fleet > 0 ? f->kiosks_of_fleet : f->kiosk_from + f->kiosks;
    f->kiosks = strcmp(mode, "watch") == 0 ? 0 : f->kiosks;
    if (f->outstanding == 0 || f->outstanding > LIMIT_OPEN_REQUESTS - 2 || f->copies == 0 ||
        f->copies > 8 || f->reconnect_ms_max < 20 || (f->preseal && f->copies > 1)) {
        fputs("attune-load: --outstanding 1 to 62, --copies 1 to 8 (1 with --preseal), "
              "--reconnect-ms from 20\n",
              stderr);
        exit(USAGE);
    }
}

static int run(struct settings *s, const char *mode)
{
    struct fleet fleet;
    int rc = fleet_load(&fleet, s->fleet);
    if (rc == 0 && fleet.count < (uint64_t)s->field.kiosks_of_fleet + s->field.therapists) {
        fprintf(stderr, "attune-load: %s: %u devices only\n", s->fleet, (unsigned)fleet.count);
        rc = ERR_CONFIG;
    }
    if (rc == 0) {
        rc = strcmp(mode, "handshake") == 0 ? shakes_run(&s->shakes, &fleet)
                                            : field_run(&s->field, &fleet);
    }
    fleet_fini(&fleet);
    return rc;
}

int main(int argc, char **argv)
{
    struct settings s = {
        .field = {.kiosks = 1,
                  .outstanding = 1,
                  .copies = 1,
                  .grace_ms = 30000,
                  .reconnect_ms_max = 1000},
        .shakes = {.lines = 32},
    };
    const char *const modes[] = {"rate", "watch", "idle", "handshake"};
    const char *mode = NULL;
    for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof modes[0]; i++) {
        mode = strcmp(argv[1], modes[i]) == 0 ? modes[i] : mode;
    }
    if (mode == NULL) {
        bool help = argc > 1 && strcmp(argv[1], "--help") == 0;
        fputs(usage, help ? stdout : stderr);
        return help ? 0 : USAGE;
    }
    int code;
    while ((code = getopt_long(argc - 1, argv + 1, "", long_options, NULL)) != -1) {
        set_option(&s, code);
    }
    parse_addresses(&s);
    settle(&s, mode);
    (void)signal(SIGPIPE, SIG_IGN); /* Cannot fail for SIGPIPE. */
    return run(&s, mode) == 0 ? 0 : 1;
}
