/* identity.h - who this device is: a folder with its certificate, its key and whom it trusts.
 *
 *     DIR/ca.crt  DIR/device.crt  DIR/device.key
 *     DIR/attune.conf   optional:   [server]
 *                                   address=attune.example:7421
 *
 * The file is strict: what is not known is refused, with the nearest thing that is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "proto/wire/limits.h"

enum { IDENTITY_WHY = 512 };

struct identity {
    char *folder;
    char *address; /* From attune.conf; NULL when it does not say. */
    SSL_CTX *context;
    bool expired; /* The certificate has, less than 30 days ago: the link renews it first. */
    uint8_t authority_id[LIMIT_AUTHORITY_ID]; /* Of those in ca.crt: tls_session_enrol.h. */
};

/* Returns 0; ERR_CONFIG (attune.conf) or ERR_CERTIFICATE (the other three), with a sentence in
 * `why` that names the file. identity_fini is owed either way. */
int identity_load(struct identity *i, const char *folder, char *why, size_t why_size);
void identity_fini(struct identity *i);

/* The files are other ones now. Returns as identity_load; on an error `i` stays as it is. */
int identity_reload(struct identity *i, char *why, size_t why_size);

/* attune.conf alone. `text` is the file's content, `name` what to call it. Returns 0 and the
 * settings that are given (g_free), or ERR_CONFIG. */
int identity_settings(const char *text, const char *name, char **ret_address, char *why,
                      size_t why_size);
