/* Happy path: new, greeted into the gateway's lists, requests begin and end, gone, freed.
 * Failure: whoever is gone is out of every list at once; its memory waits for what is under way. */
#include "server/gateway/peer.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/codec.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"
#include "server/gateway/gateway.h"
#include "server/gateway/naming.h"

enum { RETRY_MS_MIN = 1000, RETRY_MS_SPREAD = 2000 };

struct peer *peer_new(struct gateway *g)
{
    struct peer *p = calloc(1, sizeof *p);
    must(p != NULL);
    p->gateway = g;
    return p;
}

static void maybe_free(struct peer *p)
{
    if (p->gone && p->open_requests == 0) {
        free(p->device_label);
        free(p->staff);
        free(p->watch);
        free(p->seen);
        free(p);
    }
}

void peer_gone(struct peer *p)
{
    p->gone = true;
    if (p->known.le_prev != NULL) {
        LIST_REMOVE(p, known);
    }
    if (p->of_role.le_prev != NULL) {
        LIST_REMOVE(p, of_role);
    }
    if (p->of_staff.le_prev != NULL) {
        LIST_REMOVE(p, of_staff);
    }
    if (p->by_key.le_prev != NULL) {
        LIST_REMOVE(p, by_key);
        LIST_REMOVE(p, by_serial);
    }
    maybe_free(p);
}

int64_t peer_subject(const struct peer *p)
{
    return p->acting.kind != 0 ? p->acting.subject : p->therapist_id;
}

int64_t peer_covers(const struct peer *p)
{
    return p->acting.kind == ATTUNE__ACT_KIND__ACT_COVER ? p->acting.subject : 0;
}

struct store_who peer_self(const struct peer *p)
{
    struct store_who who = {.practice_id = p->practice_id, .actor = p->label};
    switch ((Attune__Role)p->role) {
    case ATTUNE__ROLE__ROLE_THERAPIST:
        who.scope = STORE_SCOPE_THERAPIST;
        who.person = who.subject = p->therapist_id;
        break;
    case ATTUNE__ROLE__ROLE_ADMINISTRATOR:
        who.scope = STORE_SCOPE_ADMINISTRATOR;
        break;
    default: /* A kiosk, or not known yet: what it asks is the server's own work. */
        break;
    }
    return who;
}

struct store_who peer_who(const struct peer *p)
{
    struct store_who who = peer_self(p);
    if (p->acting.kind != 0) {
        who.scope = (enum store_scope)(STORE_SCOPE_THERAPIST + p->acting.kind);
        who.subject = p->acting.subject;
        who.client_id = p->acting.client_id;
    }
    return who;
}

void pending_begin(struct peer *p, struct pending *pending, uint64_t seq)
{
    *pending = (struct pending){p, seq};
    p->open_requests++;
}

void pending_end(struct pending *pending)
{
    struct peer *p = pending->peer;
    must(p != NULL && p->open_requests > 0);
    pending->peer = NULL;
    p->open_requests--;
    maybe_free(p);
}

void peer_close_up(struct peer *p, uint64_t seq, int rc)
{
    if (seq > p->closed_seq) { /* What is closed stays closed. */
        p->closed_seq = seq;
        p->closed_rc = rc;
    }
    p->news_era++;
}

static bool is_push(const Attune__ServerFrame *frame)
{
    return frame->body_case == ATTUNE__SERVER_FRAME__BODY_PUSH;
}

uint64_t peer_as_of(const struct peer *p, const Attune__ServerFrame *frame)
{
    return is_push(frame) ? p->news_era : frame->response->seq;
}

/* However long it took: the keys database was asked, or the main one answered late. */
static bool may_be_heard(const struct peer *p, const Attune__ServerFrame *frame, uint64_t as_of)
{
    return permit_is_open(frame) || (is_push(frame) ? as_of == p->news_era : as_of > p->closed_seq);
}

void peer_send(struct peer *p, const Attune__ServerFrame *frame, uint64_t as_of)
{
    if (p->gone) {
        return;
    }
    if (!may_be_heard(p, frame, as_of)) {
        if (!is_push(frame)) {
            peer_fail(p, as_of, p->closed_rc);
        }
        return;
    }
    size_t size = codec_frame_size(&frame->base);
    must(size <= FRAME_HEAD + LIMIT_FRAME_BODY);
    uint8_t *room = conn_room(&p->conn, size);
    if (room != NULL) {
        codec_frame_pack(&frame->base, room);
    }
}

static void say(struct peer *p, Attune__ServerFrame *frame)
{
    if (!p->gone) {
        naming_say(p, frame);
    }
}

void peer_answer(struct peer *p, uint64_t seq, Attune__Response *response)
{
    Attune__ServerFrame frame = ATTUNE__SERVER_FRAME__INIT;
    response->seq = seq;
    frame.body_case = ATTUNE__SERVER_FRAME__BODY_RESPONSE;
    frame.response = response;
    say(p, &frame);
}

void peer_push(struct peer *p, Attune__Push *push)
{
    Attune__ServerFrame frame = ATTUNE__SERVER_FRAME__INIT;
    frame.body_case = ATTUNE__SERVER_FRAME__BODY_PUSH;
    frame.push = push;
    say(p, &frame);
}

struct kept_push *peer_keep(Attune__Push *push)
{
    Attune__ServerFrame frame = ATTUNE__SERVER_FRAME__INIT;
    frame.body_case = ATTUNE__SERVER_FRAME__BODY_PUSH;
    frame.push = push;
    size_t size = codec_frame_size(&frame.base);
    struct kept_push *kept = calloc(1, sizeof *kept + size);
    must(kept != NULL);
    kept->len = size;
    codec_frame_pack(&frame.base, kept->frame);
    return kept;
}

void peer_push_kept(struct peer *p, const struct kept_push *kept)
{
    if (!p->gone) {
        naming_say_kept(p, kept->frame, kept->len);
    }
}

void peer_error(struct peer *p, uint64_t seq, int rc, const char *detail, uint32_t retry_ms)
{
    refused_note(&p->gateway->refused, p, rc);
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Error error = ATTUNE__ERROR__INIT;
    error.code = (uint32_t)-rc;
    error.text = (char *)(uintptr_t)(detail != NULL ? detail : err_text(rc)); /* Only read. */
    error.retry_after_ms = retry_ms;
    response.body_case = ATTUNE__RESPONSE__BODY_ERROR;
    response.error = &error;
    peer_answer(p, seq, &response);
}

void peer_done(struct peer *p, uint64_t seq)
{
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__Done done = ATTUNE__DONE__INIT;
    response.body_case = ATTUNE__RESPONSE__BODY_DONE;
    response.done = &done;
    peer_answer(p, seq, &response);
}

void peer_fail(struct peer *p, uint64_t seq, int rc)
{
    bool world = rc == ERR_BUSY || rc == ERR_CLOSING || rc == ERR_DATABASE || rc == ERR_CANCELED ||
                 rc == ERR_TIMEOUT || rc == ERR_ISSUER;
    /* Spread by what differs between devices, so that they do not come back together. */
    uint32_t spread = (uint32_t)(p->fingerprint[0] << 8 | p->fingerprint[1]) % RETRY_MS_SPREAD;
    peer_error(p, seq, rc == ERR_CANCELED ? ERR_CLOSING : rc, NULL,
               world ? RETRY_MS_MIN + spread : 0);
}
