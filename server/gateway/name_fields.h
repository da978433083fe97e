/* name_fields.h - the places of a message where a client is named, or words about one stand. Pure.
 *
 * Found by the message's own description: every text called `client_ref`, whatever message it is
 * in, so that a new one cannot be forgotten; every text that is marked as sealed (free_text.h) or
 * as a token (NAME_TOKEN_MARK, for lists in which a name may be many things). */
#pragma once

#include <protobuf-c/protobuf-c.h>

#include "envelope.pb-c.h"
#include "server/gateway/client_map.h"

enum { NAME_TOKEN_MARK = 0x02 };

/* The request's client: the text's place in it, or NULL if it names none. `q` is borrowed, and the
 * place with it. */
char **name_fields_of_request(const Attune__Request *q);

/* The kinds of ListPractice in which names are clients'. */
bool name_fields_lists_clients(Attune__PracticeKind kind);

struct opened_words;

/* Translates what the server says, in place. Before: tokens and sealed texts. Afterwards:
 * pseudonyms and words; what is nobody's is "", also words that do not open. */
struct name_fields {
    const struct client_map *map;
    int64_t practice_id;
    /* What the map does not know: each token once, up to the room given. */
    uint8_t (*missing)[CLIENT_TOKEN];
    size_t missing_count, missing_max;
    struct opened_words *opened; /* Ours until name_fields_fini. */
};

/* As many as one frame can name. */
enum { NAME_FIELDS_MAX = 256 };

void name_fields_init(struct name_fields *f, const struct client_map *map, int64_t practice_id,
                      uint8_t (*missing)[CLIENT_TOKEN], size_t missing_max);
/* False: `missing` says what the map does not know. */
bool name_fields_known(struct name_fields *f, const ProtobufCMessage *message);
/* When all is known. The texts then point into the map and into `f`. */
void name_fields_translate(struct name_fields *f, ProtobufCMessage *message);
/* Wipes the words. */
void name_fields_fini(struct name_fields *f);
