/* adopt.h - a practice that has begun without a keys database is given one: its pseudonyms and what
 * is written about its clients move out of the main database. Blocks: for a command, not for the
 * loop, while no attune-server runs. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { ADOPT_TOKEN = 16, ADOPT_SECRET = 32, ADOPT_ID = 16, ADOPT_TEXT_ROOM = 440 };
enum adopt_kind { ADOPT_GOALS, ADOPT_REASONS, ADOPT_GLASSES, ADOPT_HOLDS, ADOPT_KINDS };

struct adopt {
    const char *main_owner, *keys_owner; /* As the owner of each. */
    size_t words_max;                    /* What `seal` takes, in bytes. */
    /* Words about a client, with that client's key, for the row of that id. */
    void (*seal)(const uint8_t secret[ADOPT_SECRET], const uint8_t token[ADOPT_TOKEN],
                 const uint8_t id[ADOPT_ID], const char *words, char ret_text[ADOPT_TEXT_ROOM]);
};

struct adopt_counts {
    unsigned clients, before; /* Moved now; moved before. */
    unsigned texts[ADOPT_KINDS];
};

/* Client by client, the key first and then all of theirs in one transaction of the main database:
 * killed anywhere, the same again goes on. Then the tables are written anew, so that no old version
 * of a row is left in them, and it is looked once more who is left. Returns 0, ERR_CONFIG (a server
 * runs, or has come back meanwhile, or one with keys was here before) or ERR_DATABASE, and says on
 * standard error what is wrong; `ret_counts` says how far it came. */
int adopt_run(const struct adopt *a, struct adopt_counts *ret_counts);
