/* chains.h - the chains of sealed records that were opened lately, so that X25519 is worked once
 * for a chain and not for each of its records.
 *
 * A chain is known by its key's id and its head, whole, and only once a record of it has opened.
 * 1,024 sets hold 16 chains each; a device has one set, told by a secret hash of it, and the one
 * used longest ago goes out: whoever sends a new head with each record puts out those of a handful
 * of others, who then cost what everybody would without this. What is kept is as secret as the
 * practice's key, and is wiped with it. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "proto/wire/seal.h"

enum { CHAINS_SETS = 1024, CHAINS_WAYS = 16 };

struct chains;

/* About 3 MB, touched as it fills. Free it whenever a key is taken away; NULL is fine. */
struct chains *chains_new(void);
void chains_free(struct chains *c);

/* As seal_open; `device` names who sent it. */
int chains_open(struct chains *c, const struct seal_pair *pairs, size_t count,
                const uint8_t *device, size_t device_len, const uint8_t *sealed, size_t len,
                uint8_t room[SEAL_RECORD_MAX], size_t *ret_len);

/* How many heads were opened. */
int64_t chains_heads(const struct chains *c);
