/* The table, and nothing else: every bound of the aggregator stands here with its default. */
#include "server/aggregator/options.h"

#include <stdio.h>

#define AT(member) offsetof(struct aggregator_options, member)

static const struct config_key keys[] = {
    {"database", CONFIG_TEXT, AT(database), 0, 0, NULL,
     "PostgreSQL, as libpq's connection string, in the role attune_aggregator."},
    {"health", CONFIG_ADDRESS, AT(health), 0, 0, "127.0.0.1:7481",
     "Loopback address and port of /healthz, /readyz and /metrics."},
    {"catalogs", CONFIG_TEXT, AT(catalogs), 0, 0, ATTUNE_LOCALE_DIR,
     "Folder of the texts' translations: de/LC_MESSAGES/attune.mo and so on."},
    {"audit_key", CONFIG_TEXT, AT(audit_key), 0, 0, "",
     "The key that signs how far the audit has come, the aggregator's alone; empty: unsigned."},
    {"audit_head_s", CONFIG_NUMBER, AT(audit_head_s), 1, 3600, "60", "Seconds from head to head."},
    {"poll_ms", CONFIG_NUMBER, AT(poll_ms), 100, 60000, "3000",
     "Milliseconds between looks at the tables when no hint comes."},
    {"database_call_s", CONFIG_NUMBER, AT(database_call_s), 1, 3600, "60",
     "Seconds after which a step is given up and its connection dropped."},
    {"claim_ratings_max", CONFIG_NUMBER, AT(claim_ratings_max), 1, 100000, "1000",
     "Ratings in one claim, unless one batch alone has more."},
};

static const struct config_table table = {keys, sizeof keys / sizeof keys[0],
                                          sizeof(struct aggregator_options)};

const struct config_table *aggregator_options_table(void)
{
    return &table;
}

int aggregator_options_load(const char *path, struct aggregator_options *into)
{
    struct config_fault fault;
    int rc = config_load(&table, path, into, &fault);
    if (rc != 0) {
        fprintf(stderr, "attune-aggregator: %s, line %u: %s\n", path, fault.line, fault.text);
    }
    return rc;
}
