/* Happy path: a request's bytes are kept, the keys database is asked for its client (for a goal or
 * a reason the main database first, whose session or alert it is about), the bytes are read again
 * with the token, or the sealed words, in place, and the request is dispatched.
 * Failure: an unknown pseudonym goes on as a token that nobody has; a database that is away is the
 * answer. Whoever is gone by then is asked nothing more. */
#include "server/gateway/naming.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/gateway/free_text.h"
#include "server/gateway/gateway.h"
#include "server/gateway/name_fields.h"

struct naming_ask {
    struct pending pending;
    struct store_call call;
    struct keys_call keys;
    size_t len;
    uint8_t body[]; /* The request's: it names the client. */
};

static struct naming *naming_of(const struct naming_ask *a)
{
    return &a->pending.peer->gateway->naming;
}

static void ask_free(struct naming_ask *a)
{
    pending_end(&a->pending);
    explicit_bzero(a->body, a->len);
    free(a);
}

static void fail(struct naming_ask *a, int rc)
{
    peer_fail(a->pending.peer, a->pending.seq, rc);
    ask_free(a);
}

/* The request once more, from its bytes. */
static const Attune__Request *request_of(struct naming_ask *a)
{
    const Attune__Request *q = NULL;
    int rc = codec_request(&a->pending.peer->gateway->frame_arena, a->body, a->len, &q);
    must(rc == 0); /* It was read before. */
    return q;
}

/* What held when it came may hold no more. */
static void go_on(struct naming_ask *a, const Attune__Request *q)
{
    struct peer *p = a->pending.peer;
    struct gateway *g = p->gateway;
    int rc = permit_request((enum permit_state)p->state, (Attune__Role)p->role, q->body_case);
    if (rc == 0 && q->seq <= p->closed_seq) { /* Who asked is not there, or not with these eyes. */
        rc = p->closed_rc;
    }
    if (rc == 0 && p->acting.kind != 0) { /* Whose rows it sees may be another's by now. */
        rc = permit_acting((Attune__ActKind)p->acting.kind, q->body_case);
    }
    if (rc == 0 && !p->gone) {
        gateway_dispatch(p, q);
    } else {
        peer_fail(p, q->seq, rc);
    }
    codec_arena_wipe(&g->frame_arena);
    ask_free(a);
}

static void learn(struct naming *n, const struct keys_row *row)
{
    n->was_up = true;
    client_map_make_room(&n->map, 1);
    client_map_learn(&n->map, row->practice_id, row->token, row->client_ref, row->secret);
}

/* ---- words about a client -------------------------------------------------------------------- */

/* The place of the words, and the id of the row that they will be in; zeros where the database
 * makes it. */
static char **words_of(const Attune__Request *q, const uint8_t **ret_id)
{
    static const uint8_t no_row[FREE_TEXT_ID];
    if (q->body_case == ATTUNE__REQUEST__BODY_PUT_GOAL) {
        *ret_id = q->put_goal->goal_id.data;
        return &q->put_goal->words;
    }
    if (q->body_case == ATTUNE__REQUEST__BODY_ACKNOWLEDGE_ALERT &&
        q->acknowledge_alert->reason[0] != '\0') {
        *ret_id = q->acknowledge_alert->alert_id.data;
        return &q->acknowledge_alert->reason;
    }
    if (q->body_case == ATTUNE__REQUEST__BODY_ACT_FOR && q->act_for->reason[0] != '\0') {
        *ret_id = no_row;
        return &q->act_for->reason;
    }
    if (q->body_case == ATTUNE__REQUEST__BODY_PUT_HOLD && q->put_hold->because[0] != '\0') {
        *ret_id = no_row;
        return &q->put_hold->because;
    }
    return NULL;
}

/* ---- a client is named ----------------------------------------------------------------------- */

static void on_found(struct keys_call *call, int rc, const struct keys_row *rows, size_t count)
{
    struct naming_ask *a = container_of(call, struct naming_ask, keys);
    uint8_t token[CLIENT_TOKEN];
    char text[CLIENT_TOKEN_HEX + 1], sealed[FREE_TEXT_ROOM];
    const uint8_t *id;
    if (rc != 0) {
        fail(a, rc);
        return;
    }
    if (count > 0) {
        learn(naming_of(a), &rows[0]);
        memcpy(token, rows[0].token, sizeof token);
    } else {
        must(RAND_bytes(token, sizeof token) == 1);
    }
    client_token_text(token, text);
    const Attune__Request *q = request_of(a);
    *name_fields_of_request(q) = text;
    char **words = words_of(q, &id), nothing[] = "-";
    if (words != NULL && count > 0) {
        free_text_seal(rows[0].secret, token, id, *words, sealed);
    }
    if (words != NULL) {
        *words = count > 0 ? sealed : nothing; /* Nobody's are refused, and kept by nobody. */
    }
    go_on(a, q);
}

static int find_client(struct naming_ask *a, const Attune__Request *q, const char *client_ref)
{
    struct naming *n = naming_of(a);
    struct peer *p = a->pending.peer;
    uint8_t token[CLIENT_TOKEN], secret[CLIENT_SECRET];
    if (q->body_case != ATTUNE__REQUEST__BODY_PUT_CLIENT) {
        return keys_find(&n->store, &a->keys, p->practice_id, client_ref, on_found);
    }
    /* Its row is there before the client is: a crash in between leaves a row that nobody needs. */
    must(RAND_bytes(token, sizeof token) == 1);
    must(RAND_bytes(secret, sizeof secret) == 1);
    int rc = keys_put(&n->store, &a->keys, p->practice_id, client_ref, token, secret, on_found);
    explicit_bzero(secret, sizeof secret);
    return rc;
}

/* ---- a session or an alert is named ------------------------------------------------------------
 */

static int unknown(const Attune__Request *q)
{
    return q->body_case == ATTUNE__REQUEST__BODY_PUT_GOAL ? ERR_SESSION_UNKNOWN : ERR_ALERT_UNKNOWN;
}

static void on_key(struct keys_call *call, int rc, const struct keys_row *rows, size_t count)
{
    struct naming_ask *a = container_of(call, struct naming_ask, keys);
    char text[FREE_TEXT_ROOM];
    const uint8_t *id;
    const Attune__Request *q = request_of(a);
    if (rc != 0 || count == 0) {
        codec_arena_wipe(&a->pending.peer->gateway->frame_arena);
        fail(a, rc != 0 ? rc : unknown(q));
        return;
    }
    learn(naming_of(a), &rows[0]);
    char **words = words_of(q, &id);
    free_text_seal(rows[0].secret, rows[0].token, id, *words, text);
    *words = text;
    go_on(a, q);
}

static void on_whose(struct store_call *call, int rc, const char *client_ref)
{
    struct naming_ask *a = container_of(call, struct naming_ask, call);
    uint8_t token[1][CLIENT_TOKEN];
    struct naming *n = naming_of(a);
    if (rc == 0 && client_token_read(client_ref, token[0])) {
        rc = keys_named(&n->store, &a->keys, a->pending.peer->practice_id,
                        (const uint8_t(*)[CLIENT_TOKEN])token, 1, on_key);
        if (rc == 0) {
            return;
        }
    }
    fail(a, rc != 0 ? rc : unknown(request_of(a)));
}

static int ask_whose(struct naming_ask *a, const Attune__Request *q)
{
    struct peer *p = a->pending.peer;
    struct store *store = &p->gateway->store;
    return q->body_case == ATTUNE__REQUEST__BODY_PUT_GOAL
               ? store_client_of_session(store, &a->call, p->practice_id, peer_subject(p),
                                         q->put_goal->session_id.data, on_whose)
               : store_client_of_alert(store, &a->call, p->practice_id, peer_subject(p),
                                       q->acknowledge_alert->alert_id.data, on_whose);
}

bool naming_takes(struct peer *p, const Attune__Request *q, const uint8_t *body, size_t len)
{
    const uint8_t *id;
    char **client = name_fields_of_request(q);
    if (!p->gateway->naming.is_on || (client == NULL && words_of(q, &id) == NULL)) {
        return false;
    }
    struct naming_ask *a = calloc(1, sizeof *a + len);
    must(a != NULL);
    memcpy(a->body, body, len);
    a->len = len;
    pending_begin(p, &a->pending, q->seq);
    a->call.who = peer_who(p);
    int rc = client != NULL ? find_client(a, q, *client) : ask_whose(a, q);
    if (rc != 0) {
        fail(a, rc);
    }
    return true;
}
