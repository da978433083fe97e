/* Happy path: a chain a bucket; tokens are random, so their first bytes say which.
 * Failure: none; what is full is emptied. */
#include "server/gateway/client_map.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/must.h"

void client_map_init(struct client_map *m)
{
    memset(m, 0, sizeof *m);
}

void client_map_clear(struct client_map *m)
{
    for (size_t i = 0; i < CLIENT_MAP_BUCKETS; i++) {
        struct client_known *known = m->buckets[i];
        while (known != NULL) {
            struct client_known *next = known->next;
            explicit_bzero(known, sizeof *known);
            free(known);
            known = next;
        }
        m->buckets[i] = NULL;
    }
    m->count = 0;
}

void client_map_make_room(struct client_map *m, size_t count)
{
    must(count <= CLIENT_MAP_MAX);
    if (m->count + count > CLIENT_MAP_MAX) {
        client_map_clear(m);
    }
}

static size_t bucket_of(const uint8_t token[CLIENT_TOKEN])
{
    return (size_t)(token[0] << 8 | token[1]) % CLIENT_MAP_BUCKETS;
}

static struct client_known *find(const struct client_map *m, int64_t practice_id,
                                 const uint8_t token[CLIENT_TOKEN])
{
    struct client_known *known = m->buckets[bucket_of(token)];
    while (known != NULL &&
           (known->practice_id != practice_id || memcmp(known->token, token, CLIENT_TOKEN) != 0)) {
        known = known->next;
    }
    return known;
}

void client_map_learn(struct client_map *m, int64_t practice_id, const uint8_t token[CLIENT_TOKEN],
                      const char *client_ref, const uint8_t *secret)
{
    struct client_known *known = find(m, practice_id, token);
    must(strlen(client_ref) <= LIMIT_NAME_BYTES && (secret == NULL) == (client_ref[0] == '\0'));
    if (known == NULL) {
        known = calloc(1, sizeof *known);
        must(known != NULL);
        known->practice_id = practice_id;
        memcpy(known->token, token, CLIENT_TOKEN);
        known->next = m->buckets[bucket_of(token)];
        m->buckets[bucket_of(token)] = known;
        m->count++;
    }
    known->is_nobody = secret == NULL;
    memset(known->client_ref, 0, sizeof known->client_ref);
    memcpy(known->client_ref, client_ref, strlen(client_ref));
    memset(known->secret, 0, CLIENT_SECRET);
    if (secret != NULL) {
        memcpy(known->secret, secret, CLIENT_SECRET);
    }
}

const struct client_known *client_map_find(const struct client_map *m, int64_t practice_id,
                                           const uint8_t token[CLIENT_TOKEN])
{
    return find(m, practice_id, token);
}

void client_token_text(const uint8_t token[CLIENT_TOKEN], char ret_text[CLIENT_TOKEN_HEX + 1])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < CLIENT_TOKEN; i++) {
        ret_text[2 * i] = digits[token[i] >> 4];
        ret_text[2 * i + 1] = digits[token[i] & 15];
    }
    ret_text[CLIENT_TOKEN_HEX] = '\0';
}

bool client_token_read(const char *text, uint8_t ret_token[CLIENT_TOKEN])
{
    static const char digits[] = "0123456789abcdef";
    if (strlen(text) != CLIENT_TOKEN_HEX) {
        return false;
    }
    for (size_t i = 0; i < CLIENT_TOKEN_HEX; i++) {
        const char *at = strchr(digits, text[i]);
        if (at == NULL) {
            return false;
        }
        ret_token[i / 2] = (uint8_t)(ret_token[i / 2] << 4 | (at - digits));
    }
    return true;
}
