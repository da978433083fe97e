/* options.h - what attune-server can be told in its configuration file. */
#pragma once

#include "proto/wire/config.h"

struct options {
    struct config_address listen, health;
    char certificate[CONFIG_TEXT_MAX], key[CONFIG_TEXT_MAX], authority[CONFIG_TEXT_MAX];
    char sealing_keys[CONFIG_TEXT_MAX], audit_key[CONFIG_TEXT_MAX];
    char issuer[CONFIG_TEXT_MAX], issuing_authority[CONFIG_TEXT_MAX], address[CONFIG_TEXT_MAX];
    char database[CONFIG_TEXT_MAX], database_owner[CONFIG_TEXT_MAX];
    char keys_database[CONFIG_TEXT_MAX], keys_database_owner[CONFIG_TEXT_MAX];
    char erasure_journal[CONFIG_TEXT_MAX];
    uint32_t database_connections, database_calls_max, database_call_s;
    uint32_t connections_max, handshakes_max, handshakes_per_second;
    uint32_t handshake_s, hello_s, enrol_s, enrolments_max, frame_s, silence_s, unsent_s,
        unsent_max;
    uint32_t ratings_held_max, batch_max;
    uint32_t poll_ms, drain_s, sealing_required, audit_head_s, resend_kiosks_per_second;
    uint32_t log_on_idle_s, log_on_last_s, log_on_hashes, log_on_waiting;
};

/* The table of their keys, defaults, ranges and meanings. Static. */
const struct config_table *options_table(void);
