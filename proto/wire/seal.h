/* seal.h - a rating's record in a box that only the practice's key opens.
 *
 *     0  form, 1 byte: 1    1  key id, 8 bytes    9  crypto_box_seal of the padded record, 304
 * bytes
 *
 * Whoever seals cannot open: libsodium makes a key pair for each box and forgets its secret half.
 * The record is padded to 256 bytes first (0x80, then zeros: ISO/IEC 7816-4), so that all sealed
 * records are of one length whatever was answered. A key's id is the first 8 bytes of the SHA-256
 * of its public half. The format is specified in proto/PROTOCOL.md, section 7.
 *
 * Pure but for randomness, which libsodium takes from the system. Secrets and records that pass
 * through are wiped here; those that were handed in or out are the caller's to wipe. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "proto/wire/limits.h"

enum {
    SEAL_FORM = 1,
    SEAL_KEY_ID = 8,
    SEAL_PUBLIC = 32,
    SEAL_SECRET = 32,
    SEAL_PADDED = 256,
    SEAL_RECORD_MAX = SEAL_PADDED - 1, /* At least one byte of padding. */
    SEAL_SIZE = LIMIT_SEALED_SIZE,
};

/* What a kiosk knows of the practice's key. */
struct seal_key {
    uint8_t id[SEAL_KEY_ID];
    uint8_t public_half[SEAL_PUBLIC];
};

/* What the server knows. Wipe it with seal_wipe. */
struct seal_pair {
    struct seal_key key;
    uint8_t secret[SEAL_SECRET];
};

/* The key of a public half, its id worked out. ERR_FIELD: not 32 bytes, or none that a box can be
 * made for. */
int seal_key_from(const uint8_t *public_half, size_t len, struct seal_key *ret_key);

/* A new pair. */
void seal_pair_make(struct seal_pair *ret_pair);

/* The pair of a secret half that was kept. */
void seal_pair_from(const uint8_t secret[SEAL_SECRET], struct seal_pair *ret_pair);

/* Write SEAL_SIZE bytes. ERR_FIELD: the record has no bytes or more than SEAL_RECORD_MAX. */
int seal_record(const struct seal_key *key, const uint8_t *record, size_t len,
                uint8_t ret_sealed[SEAL_SIZE]);

/* Open with whichever of the pairs it is sealed to. Returns 0 and the record; ERR_SEAL_KEY: its key
 * is none of these, so that another day it may be opened; ERR_FIELD: it is no sealed record or was
 * changed, and never will be. On an error nothing of `room` is touched. */
int seal_open(const struct seal_pair *pairs, size_t count, const uint8_t *sealed, size_t len,
              uint8_t room[SEAL_RECORD_MAX], size_t *ret_len);

/* Overwrite so that no compiler leaves it out. */
void seal_wipe(void *bytes, size_t len);
