/* client_map.h - what this process has learnt of clients: a token's pseudonym and key, or that it
 * is nobody's. Pure.
 *
 * Only a memory of the keys database's answers: it may be forgotten at any time, and is, whole,
 * when somebody was erased or when it is full. Keys are wiped as they go. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wire/limits.h"

enum { CLIENT_TOKEN = 16, CLIENT_TOKEN_HEX = 32, CLIENT_SECRET = 32 };
enum { CLIENT_MAP_MAX = 16384, CLIENT_MAP_BUCKETS = 4096 }; /* 3 MB when full. */

struct client_known {
    struct client_known *next;
    int64_t practice_id;
    bool is_nobody; /* No pseudonym, no secret. */
    uint8_t token[CLIENT_TOKEN], secret[CLIENT_SECRET];
    char client_ref[LIMIT_NAME_BYTES + 1];
};

struct client_map {
    struct client_known *buckets[CLIENT_MAP_BUCKETS];
    size_t count;
};

void client_map_init(struct client_map *m);
/* Forgets all: also the release. */
void client_map_clear(struct client_map *m);

/* Room for `count` more, if need be by forgetting all: before what is learnt together. */
void client_map_make_room(struct client_map *m, size_t count);
/* `client_ref` "" and `secret` NULL: nobody's. What was known before is replaced. */
void client_map_learn(struct client_map *m, int64_t practice_id, const uint8_t token[CLIENT_TOKEN],
                      const char *client_ref, const uint8_t *secret);
/* NULL: not known here. Valid until the next clear or make_room. */
const struct client_known *client_map_find(const struct client_map *m, int64_t practice_id,
                                           const uint8_t token[CLIENT_TOKEN]);

/* A token as the main database's client_ref: 32 lower-case hexadecimal digits. */
void client_token_text(const uint8_t token[CLIENT_TOKEN], char ret_text[CLIENT_TOKEN_HEX + 1]);
/* False: it is no token. */
bool client_token_read(const char *text, uint8_t ret_token[CLIENT_TOKEN]);
