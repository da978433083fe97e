/* seal.h - a rating's record in a box that only the practice's key opens.
 *
 *     0  form, 1 byte: 1                    9  the chain's head, 80: crypto_box_seal of k0
 *     1  key id, 8 bytes                   89  index i in the chain, 1 byte: 0 to 63
 *    90  nonce, 24 bytes, random          114  XChaCha20-Poly1305 of the padded record, 272
 *
 * A kiosk's records are a chain: k0 is random and sealed once to the practice's key, record i is
 * boxed under a key made from k(i), with all that stands before the nonce as associated data; then
 * k(i+1) is made from k(i), and k(i) is no more. So whoever takes the kiosk, its disk or its
 * memory, opens no record that was made before, and a hundred of them cost the server hardly more
 * than one: X25519 is for the head alone. A chain ends after 64 records, after a day, with its
 * process (it is never written down) and with its key: so far goes what a stolen k(i) opens of what
 * comes after.
 *
 * The record is padded to 256 bytes first (0x80, then zeros: ISO/IEC 7816-4), so that all sealed
 * records are of one length whatever was answered. A key's id is the first 8 bytes of the SHA-256
 * of its public half. The format is specified in proto/PROTOCOL.md, section 7.
 *
 * Pure but for randomness, which libsodium takes from the system. Secrets and records that pass
 * through are wiped here; those that were handed in or out are the caller's to wipe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wire/limits.h"

enum {
    SEAL_FORM = 1,
    SEAL_KEY_ID = 8,
    SEAL_PUBLIC = 32,
    SEAL_SECRET = 32,
    SEAL_LINK = 32,                      /* k(i). */
    SEAL_HEAD = 80,                      /* k0 in a sealed box. */
    SEAL_NAME = SEAL_KEY_ID + SEAL_HEAD, /* What a chain is known by. */
    SEAL_CHAIN_MAX = 64,
    SEAL_CHAIN_MS = 24 * 3600 * 1000, /* As long as sent records stay on the kiosk. */
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

/* Where a chain is: k(at). */
struct seal_link {
    uint8_t key[SEAL_LINK];
    uint8_t at;
};

/* What a kiosk seals with: the key, and where its chain is. In memory alone. */
struct seal_chain {
    struct seal_key key;
    uint8_t head[SEAL_HEAD];
    struct seal_link next; /* Of the record to come. */
    int64_t begun_ms;
    bool begun;
};

/* The key of a public half, its id worked out. ERR_FIELD: not 32 bytes, or none that a box can be
 * made for. */
int seal_key_from(const uint8_t *public_half, size_t len, struct seal_key *ret_key);

/* A new pair. */
void seal_pair_make(struct seal_pair *ret_pair);

/* The pair of a secret half that was kept. */
void seal_pair_from(const uint8_t secret[SEAL_SECRET], struct seal_pair *ret_pair);

/* Fill memory; the chain begins with its first record. Wipe it with seal_wipe. */
void seal_chain_init(struct seal_chain *c, const struct seal_key *key);

/* Write SEAL_SIZE bytes: the chain's next record, or the first of a new one. `now_ms` is of a clock
 * that never goes back. ERR_FIELD: the record has no bytes or more than SEAL_RECORD_MAX. */
int seal_record(struct seal_chain *c, int64_t now_ms, const uint8_t *record, size_t len,
                uint8_t ret_sealed[SEAL_SIZE]);

/* ---- opening ---- */

/* Is this a sealed record, to one of these pairs? ERR_SEAL_KEY: its key is none of these, so that
 * another day it may be opened; ERR_FIELD: it never will be. No key is used. */
int seal_look(const struct seal_pair *pairs, size_t count, const uint8_t *sealed, size_t len);

/* SEAL_NAME bytes that name the chain of a record that was looked at. */
const uint8_t *seal_name(const uint8_t sealed[SEAL_SIZE]);

/* k0 of a record that was looked at: one X25519. ERR_FIELD: the head was changed. */
int seal_first(const struct seal_pair *pairs, size_t count, const uint8_t sealed[SEAL_SIZE],
               struct seal_link *ret_first);

/* Is the record no earlier in its chain than `link`? */
bool seal_after(const struct seal_link *link, const uint8_t sealed[SEAL_SIZE]);

/* Open a record that was looked at and is seal_after(link), and bring `link` there. ERR_FIELD: it
 * was changed, or is of another chain; then nothing is touched. */
int seal_open_from(struct seal_link *link, const uint8_t sealed[SEAL_SIZE],
                   uint8_t room[SEAL_RECORD_MAX], size_t *ret_len);

/* All of it. Errors as of seal_look; then nothing of `room` is touched. */
int seal_open(const struct seal_pair *pairs, size_t count, const uint8_t *sealed, size_t len,
              uint8_t room[SEAL_RECORD_MAX], size_t *ret_len);

/* Overwrite so that no compiler leaves it out. */
void seal_wipe(void *bytes, size_t len);
