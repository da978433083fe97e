/* chain.h - the audit's hash chains and their signed heads. Pure.
 *
 * A row's hash is the SHA-256 of the hash before it in its chain (zeros before the first) and the
 * row's text, as audit_text in sql/0005_audit.sql makes it. A head says how far a chain has come;
 * it is signed (Ed25519) together with the signature of the head before it, whichever chain that
 * one is of: so the heads are one list, and neither a head nor a whole chain goes unnoticed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHAIN_ID = 16, CHAIN_HASH = 32, CHAIN_KEY = 32, CHAIN_SIGNATURE = 64 };

/* Wipe it with chain_key_wipe. */
struct chain_key {
    uint8_t public_half[CHAIN_KEY];
    uint8_t secret[64]; /* libsodium's: the seed, then the public half. */
};

struct chain_head {
    int64_t number; /* In the list of heads, from 1. */
    uint8_t chain[CHAIN_ID];
    int64_t seq; /* Of the chain's row that has this */
    uint8_t hash[CHAIN_HASH];
    int64_t at;                     /* Unix milliseconds. */
    uint8_t prior[CHAIN_SIGNATURE]; /* Of the head before; zeros before the first. */
};

void chain_key_from(const uint8_t seed[CHAIN_KEY], struct chain_key *ret_key);
void chain_key_wipe(struct chain_key *key);
bool chain_key_is_wiped(const struct chain_key *key);

/* As hex digits and a NUL into 2 * len + 1 bytes; gives them. */
const char *chain_hex(const uint8_t *bytes, size_t len, char *room);

void chain_hash(const uint8_t prior[CHAIN_HASH], const char *text, size_t len,
                uint8_t ret_hash[CHAIN_HASH]);

void chain_head_sign(const struct chain_head *head, const struct chain_key *key,
                     uint8_t ret_signature[CHAIN_SIGNATURE]);
bool chain_head_is_good(const struct chain_head *head, const uint8_t public_half[CHAIN_KEY],
                        const uint8_t signature[CHAIN_SIGNATURE]);

/* ---- going along a chain, row by row --------------------------------------------------------- */

enum chain_fault {
    CHAIN_GOOD,
    CHAIN_CHANGED,  /* The row is not what its hash, or the head that covers it, says. */
    CHAIN_MISSING,  /* A row is not there: `fault_seq` is its place. */
    CHAIN_INSERTED, /* A row that does not follow from those before it, and no head covers it. */
    CHAIN_HEAD_MISSING,
    CHAIN_HEAD_SIGNATURE, /* A head is not what its key has signed. */
    CHAIN_CERTIFICATE, /* Nor a certificate (certificate.h), or no server of ours has signed it. */
};

/* Where one has come to. All zero: before the first chain. */
struct chain_walk {
    uint8_t chain[CHAIN_ID];
    int64_t seq;
    uint8_t hash[CHAIN_HASH];
    int64_t fault_seq;
};

struct chain_row {
    uint8_t chain[CHAIN_ID];
    int64_t seq, signed_to; /* The chain's last row that a head covers; 0: none. */
    uint8_t hash[CHAIN_HASH];
    const char *text;
    size_t len;
};

/* Rows come chain by chain, in each in the order of seq. After a fault the walk stands where it
 * stood. */
enum chain_fault chain_walk_row(struct chain_walk *w, const struct chain_row *row);
