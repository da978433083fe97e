/* naming.h - the server's edge between pseudonyms, which people say, and tokens, which the main
 * database holds.
 *
 * With a keys database: a request that names a client waits here until the keys database has said
 * which token that is (asked each time, so that what is unknown and what is forbidden take the same
 * way), then goes on as if it had said the token; a request with words about a client goes on with
 * the words sealed. What the server says is translated back from memory; what memory lacks is asked
 * for first. Answers to a device may come in another order than the questions, pushes never. An
 * answer that cannot be translated is a failure of the database; a push waits.
 *
 * Without a keys database everything passes as it is. */
#pragma once

#include <sys/queue.h>

#include "proto/wire/codec.h"
#include "server/gateway/client_map.h"
#include "server/gateway/erased.h"
#include "server/gateway/options.h"
#include "server/gateway/peer.h"
#include "server/pg/store_keys.h"

struct naming;
struct naming_said; /* What waits to be said. */
typedef void (*naming_close_cb)(struct naming *n);

struct naming {
    bool is_on;
    bool was_up; /* The keys database has answered once. */
    struct keys_store store;
    struct client_map map;
    struct codec_arena arena;           /* For what is said later. */
    STAILQ_HEAD(, naming_said) waiting; /* Pushes, while the keys database is away. */
    struct keys_call count_call;
    bool counting;
    int64_t erased_count; /* When the map was last right; -1: never asked. */
    struct erased erased;
    naming_close_cb close_cb;
};

/* `store` is the main database's; borrowed, as the journal is. */
void naming_init(struct naming *n, const struct options *o, struct store *store,
                 struct journal *journal);
void naming_start(struct naming *n, uv_loop_t *loop);
/* What waits is answered ERR_CANCELED or forgotten with its connection. */
void naming_close(struct naming *n, naming_close_cb cb);
/* True once the keys database has been reached, or when there is none to reach: from then on its
 * absence is no reason to refuse ratings. */
bool naming_ready(const struct naming *n);

/* The request `q`, which `body` holds, was permitted and judged. True: it waits here and is
 * dispatched, or answered, later. False: nothing of it needs translating. */
bool naming_takes(struct peer *p, const Attune__Request *q, const uint8_t *body, size_t len);

/* Says the frame, now or later. For peer.c. */
void naming_say(struct peer *p, Attune__ServerFrame *frame);
/* The same of a packed one, which is ours. */
void naming_say_kept(struct peer *p, const uint8_t *frame, size_t len);
