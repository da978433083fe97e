/* options.h - what attune-aggregator can be told in its configuration file. */
#pragma once

#include "proto/wire/config.h"

struct aggregator_options {
    struct config_address health;
    char database[CONFIG_TEXT_MAX], catalogs[CONFIG_TEXT_MAX], audit_key[CONFIG_TEXT_MAX];
    uint32_t database_call_s, poll_ms, claim_ratings_max, audit_head_s;
};

/* The table of their keys, defaults, ranges and meanings. Static. */
const struct config_table *aggregator_options_table(void);

/* Reads the file; says what is wrong with file and line. Returns 0 or ERR_CONFIG. */
int aggregator_options_load(const char *path, struct aggregator_options *into);
