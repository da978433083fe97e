/* Happy path: what is said is translated from memory and goes out; what memory lacks is asked for,
 * with the frame kept aside. Each wake of the keys database asks whether somebody was erased, and
 * tries again what waits.
 * Failure: the keys database is away: an answer becomes ERR_DATABASE, pushes wait in their order;
 * once it is back, news is told anew as it is by then, and to whom it is by then. */
#include "server/gateway/naming.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/frame.h"
#include "proto/wire/must.h"
#include "server/gateway/gateway.h"
#include "server/gateway/name_fields.h"

struct naming_said {
    STAILQ_ENTRY(naming_said) next;
    struct pending pending;
    struct keys_call keys;
    uint64_t as_of; /* An answer's: the request's seq. */
    bool is_push, is_news;
    size_t asked; /* For so many. */
    uint8_t tokens[NAME_FIELDS_MAX][CLIENT_TOKEN];
    size_t len;
    uint8_t body[]; /* The frame, not translated. */
};

/* Unless it is to wait, or `tokens` are missing: then false. */
static bool say_now(struct peer *p, Attune__ServerFrame *frame, uint64_t as_of, bool is_to_wait,
                    uint8_t (*tokens)[CLIENT_TOKEN], size_t *ret_missing)
{
    struct name_fields f;
    name_fields_init(&f, &p->gateway->naming.map, p->practice_id, tokens, NAME_FIELDS_MAX);
    bool said = name_fields_known(&f, &frame->base) && !is_to_wait;
    if (said) {
        name_fields_translate(&f, &frame->base);
        peer_send(p, frame, as_of);
    }
    *ret_missing = f.missing_count;
    name_fields_fini(&f);
    return said;
}

static void said_free(struct naming_said *s)
{
    pending_end(&s->pending);
    free(s);
}

static struct naming_said *keep(struct peer *p, const Attune__ServerFrame *frame,
                                uint8_t (*tokens)[CLIENT_TOKEN], size_t count)
{
    size_t size = codec_frame_size(&frame->base);
    struct naming_said *s = calloc(1, sizeof *s + size);
    must(s != NULL);
    codec_frame_pack(&frame->base, s->body);
    s->len = size;
    s->is_push = frame->body_case == ATTUNE__SERVER_FRAME__BODY_PUSH;
    s->is_news = s->is_push && !permit_is_open(frame);
    s->as_of = peer_as_of(p, frame);
    s->asked = count;
    memcpy(s->tokens, tokens, count * sizeof s->tokens[0]);
    pending_begin(p, &s->pending, s->as_of);
    return s;
}

/* A push is never lost; whoever asked can ask again. */
static void not_yet(struct naming *n, struct naming_said *s, int rc)
{
    struct peer *p = s->pending.peer;
    if (s->is_push && !p->gone && rc != ERR_CANCELED && rc != ERR_CLOSING) {
        p->pushes_waiting++;
        STAILQ_INSERT_TAIL(&n->waiting, s, next);
        return;
    }
    if (!s->is_push) {
        peer_fail(p, s->as_of, rc);
    }
    said_free(s);
}

/* A frame of ours. Good until the next one. */
static Attune__ServerFrame *unpacked(struct naming *n, const uint8_t *body, size_t len)
{
    const Attune__ServerFrame *frame = NULL;
    int rc = codec_server_frame(&n->arena, body + FRAME_HEAD, len - FRAME_HEAD, &frame);
    must(rc == 0);
    return (Attune__ServerFrame *)(uintptr_t)frame;
}

static void ask(struct naming *n, struct naming_said *s);

static void on_named(struct keys_call *call, int rc, const struct keys_row *rows, size_t count)
{
    struct naming_said *s = container_of(call, struct naming_said, keys);
    struct peer *p = s->pending.peer;
    struct naming *n = &p->gateway->naming;
    size_t missing = 0;
    p->pushes_asked -= s->is_push;
    if (rc != 0) {
        not_yet(n, s, rc);
        return;
    }
    n->was_up = true;
    client_map_make_room(&n->map, s->asked + count);
    for (size_t i = 0; i < s->asked; i++) {
        client_map_learn(&n->map, p->practice_id, s->tokens[i], "", NULL);
    }
    for (size_t i = 0; i < count; i++) {
        client_map_learn(&n->map, rows[i].practice_id, rows[i].token, rows[i].client_ref,
                         rows[i].secret);
    }
    if (say_now(p, unpacked(n, s->body, s->len), s->as_of, false, s->tokens, &missing)) {
        said_free(s);
    } else {
        s->asked = missing; /* What was known then was forgotten since. */
        ask(n, s);
    }
}

static void ask(struct naming *n, struct naming_said *s)
{
    struct peer *p = s->pending.peer;
    p->pushes_asked += s->is_push;
    int rc = keys_named(&n->store, &s->keys, p->practice_id,
                        (const uint8_t(*)[CLIENT_TOKEN])s->tokens, s->asked, on_named);
    if (rc != 0) {
        p->pushes_asked -= s->is_push;
        not_yet(n, s, rc);
    }
}

void naming_say(struct peer *p, Attune__ServerFrame *frame)
{
    struct naming *n = &p->gateway->naming;
    uint8_t tokens[NAME_FIELDS_MAX][CLIENT_TOKEN];
    size_t missing = 0;
    bool is_push = frame->body_case == ATTUNE__SERVER_FRAME__BODY_PUSH;
    /* A push behind one that waits waits too: it asks behind it, on the same connection. */
    bool behind = is_push && (p->pushes_waiting > 0 || p->pushes_asked > 0);
    if (!n->is_on) {
        peer_send(p, frame, peer_as_of(p, frame));
    } else if (!say_now(p, frame, peer_as_of(p, frame), behind, tokens, &missing)) {
        struct naming_said *s = keep(p, frame, tokens, missing);
        if (p->pushes_waiting > 0 && is_push) {
            not_yet(n, s, ERR_DATABASE);
        } else {
            ask(n, s);
        }
    }
}

void naming_say_kept(struct peer *p, const uint8_t *frame, size_t len)
{
    naming_say(p, unpacked(&p->gateway->naming, frame, len));
}

/* ---- wakes ----------------------------------------------------------------------------------- */

/* Those that wait now, in their order; what fails again waits again. News is as it was then: whose
 * it is may have changed, so the feed tells it from the table. */
static void try_again(struct naming *n)
{
    STAILQ_HEAD(, naming_said) now = STAILQ_HEAD_INITIALIZER(now);
    struct naming_said *s;
    STAILQ_CONCAT(&now, &n->waiting);
    STAILQ_FOREACH(s, &now, next)
    {
        s->pending.peer->pushes_waiting--;
    }
    while ((s = STAILQ_FIRST(&now)) != NULL) {
        STAILQ_REMOVE_HEAD(&now, next);
        struct peer *p = s->pending.peer;
        if (p->gone) {
            said_free(s);
        } else if (s->is_news) {
            feed_anew(&p->gateway->feed, p);
            said_free(s);
        } else {
            ask(n, s);
        }
    }
}

/* Erasures only grow in number: another number, and what was learnt may be wrong. */
static void on_counted(struct keys_call *call, int rc, int64_t count)
{
    struct naming *n = container_of(call, struct naming, count_call);
    n->counting = false;
    if (rc != 0) {
        return; /* The next wake asks again. */
    }
    n->was_up = true;
    if (count != n->erased_count) {
        client_map_clear(&n->map);
        n->erased_count = count;
    }
    try_again(n);
    erased_look(&n->erased, count);
}

static void on_wake(struct keys_store *store)
{
    struct naming *n = container_of(store, struct naming, store);
    if (!n->counting) {
        n->counting = keys_erased_count(store, &n->count_call, on_counted) == 0;
    }
}

/* ---- life ------------------------------------------------------------------------------------ */

void naming_init(struct naming *n, const struct options *o, struct store *store,
                 struct journal *journal)
{
    const struct keys_options options = {.conninfo = o->keys_database,
                                         .calls_max = o->database_calls_max,
                                         .call_ms_max = o->database_call_s * 1000,
                                         .poll_ms = o->poll_ms};
    memset(n, 0, sizeof *n);
    n->is_on = o->keys_database[0] != '\0';
    n->erased_count = -1;
    client_map_init(&n->map);
    codec_arena_init(&n->arena);
    STAILQ_INIT(&n->waiting);
    if (n->is_on) {
        keys_store_init(&n->store, &options, on_wake);
        erased_init(&n->erased, store, &n->store, journal);
    }
}

void naming_start(struct naming *n, uv_loop_t *loop)
{
    if (n->is_on) {
        journal_start(n->erased.journal, loop);
        keys_store_start(&n->store, loop);
    }
}

bool naming_ready(const struct naming *n)
{
    return !n->is_on || n->was_up;
}

static void on_closed(struct keys_store *store)
{
    struct naming *n = container_of(store, struct naming, store);
    struct naming_said *s;
    while ((s = STAILQ_FIRST(&n->waiting)) != NULL) {
        STAILQ_REMOVE_HEAD(&n->waiting, next);
        said_free(s);
    }
    client_map_clear(&n->map);
    codec_arena_wipe(&n->arena);
    n->close_cb(n);
}

void naming_close(struct naming *n, naming_close_cb cb)
{
    n->close_cb = cb;
    if (n->is_on) {
        keys_store_close(&n->store, on_closed);
    } else {
        cb(n);
    }
}
