/* enrol.h - from a one-time code to an identity: once, over a connection of its own.
 *
 * The key is made here and stays here. The server's authority is learnt and held against the code
 * first; the code is told to nobody before. Runs in the thread-default GMainContext of
 * enrol_start's caller; the callback comes from the loop, once. */
#pragma once

#include <stdbool.h>

#include "client/link/identity_files.h"
#include "client/link/stream.h"
#include "envelope.pb-c.h"
#include "proto/wire/codec.h"
#include "proto/wire/enrol_code.h"
#include "proto/wire/frame.h"

struct enrol;
typedef void (*enrol_cb)(struct enrol *e, int rc);

struct enrol_wish {
    const char *folder, *address; /* Copied. */
    struct enrol_code code;
    Attune__Role role; /* What this program is for; ROLE_UNSPECIFIED: anything. */
};

struct enrol {
    Attune__Enrolled *enrolled; /* After success. */
    char why[IDENTITY_FILES_WHY];

    /* The rest is its own. */
    enrol_cb cb;
    char *folder, *address;
    struct enrol_code code;
    Attune__Role role;
    bool renews;
    uint8_t *certificate; /* The old one, DER. */
    size_t certificate_len;
    EVP_PKEY *key;
    SSL_CTX *context;
    struct stream stream;
    struct frame_reader reader;
    struct codec_arena *arena;
    GSource *clock;
    uint64_t seq;
    int verdict;
    bool begun, done;
};

/* Returns 0; ERR_DISK (no key can be kept there), ERR_CONFIG (the address): `why` says it.
 * enrol_fini is owed either way. */
int enrol_start(struct enrol *e, const struct enrol_wish *wish, enrol_cb cb);
/* The identity in `folder` has a certificate that has expired: a new one for the same key. The
 * server must be good by the authorities that are trusted. Returns as above. */
int enrol_renew_start(struct enrol *e, const char *folder, const char *address, enrol_cb cb);
/* Call it off: the callback comes with ERR_CANCELED, or with what was done already. */
void enrol_cancel(struct enrol *e);
/* Put what answered a renewal into the folder. Returns 0, ERR_MESSAGE (it does not fit the key) or
 * ERR_DISK. */
int enrol_keep_renewed(const char *folder, EVP_PKEY *key, const Attune__Enrolled *enrolled,
                       char why[IDENTITY_FILES_WHY]);
/* In the callback at the earliest, or when there will be none. */
void enrol_fini(struct enrol *e);

/* Certificates (DER) as they stand in ca.crt; g_free. */
char *enrol_authorities_pem(const ProtobufCBinaryData *list, size_t count);
