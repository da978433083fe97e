/* OpenSession, InviteRating, CloseSession: the therapist's session and its room.
 *
 * Happy path: one store operation each, answered with the session as it now is; kiosks and other
 * screens learn of it through the feed. Failure: the store's verdict is the answer. Sent again,
 * each changes nothing more. */
#include <string.h>

#include <openssl/rand.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/limits.h"
#include "proto/wire/must.h"
#include "server/gateway/answer.h"
#include "server/gateway/gateway.h"

static void on_session_done(struct store_call *call, int rc, const struct store_session *session)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc)) {
        answer_session(r->pending.peer, r->pending.seq, session);
        request_free(r);
    }
}

void on_open_session(struct peer *p, uint64_t seq, const Attune__OpenSession *open)
{
    /* Who forgets to close a session is not there for ever. */
    if (open->planned_end_ms > gateway_true_ms(p->gateway) + LIMIT_SESSION_MS) {
        peer_error(p, seq, ERR_FIELD, "open_session.planned_end_ms: 24 hours from now at most", 0);
        return;
    }
    struct request *r = request_new(p, seq);
    uint8_t random[2];
    struct store_session_open row = {
        .practice_id = p->practice_id,
        .therapist_id = peer_subject(p),
        .client_ref = open->client_ref,
        .room = open->room,
        .actor = p->label,
        .start = gateway_true_ms(p->gateway),
        .planned_end = open->planned_end_ms,
        .take_over = open->take_over,
        .is_child = open->audience == ATTUNE__AUDIENCE__AUDIENCE_CHILD,
        .first_time = open->first_time,
        .together_with = open->together_with.len > 0 ? open->together_with.data : NULL,
    };
    memcpy(row.session_id, open->session_id.data, STORE_ID);
    /* The ticket is the right to rate: from the generator that keys come from. */
    must(RAND_bytes(row.ticket_id, STORE_ID) == 1);
    must(RAND_bytes(random, sizeof random) == 1);
    row.colour = random[0] % 8;
    row.symbol = random[1] % 8;
    request_started(r, store_session_open(&p->gateway->store, &r->call, &row, on_session_done));
}

void on_invite_rating(struct peer *p, uint64_t seq, const Attune__InviteRating *invite)
{
    struct request *r = request_new(p, seq);
    request_started(r, store_session_invite(&p->gateway->store, &r->call, p->practice_id,
                                            peer_subject(p), invite->session_id.data, p->label,
                                            on_session_done));
}

void on_close_session(struct peer *p, uint64_t seq, const Attune__CloseSession *close)
{
    struct request *r = request_new(p, seq);
    request_started(r, store_session_close(&p->gateway->store, &r->call, p->practice_id,
                                           peer_subject(p), close->session_id.data, p->label,
                                           on_session_done));
}
