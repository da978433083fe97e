/* Whose rows a connection sees: ActFor; who may see whose: covers, supervisions, courses that end;
 * and who has looked.
 *
 * Happy path: the database gives the right, and from then on each call of this connection says for
 * whom it is (peer_who); the database looks at the right anew each time. Failure: the connection
 * stays as it was; a right that has ended is said to each request until the client lets go of it:
 * nothing falls back to other rows in silence. */
#include <stdlib.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/gateway/answer.h"
#include "server/gateway/gateway.h"
#include "server/gateway/staff.h"
#include "server/pg/store_right.h"

_Static_assert((int)STORE_SCOPE_THERAPIST + (int)ATTUNE__ACT_KIND__ACT_COVER ==
                   (int)STORE_SCOPE_COVER,
               "one order");
_Static_assert((int)STORE_SCOPE_THERAPIST + (int)ATTUNE__ACT_KIND__ACT_BREAK_GLASS ==
                   (int)STORE_SCOPE_BREAK_GLASS,
               "one order");

struct act_request {
    struct request request;
    uint8_t kind;
    char client_ref[LIMIT_NAME_BYTES + 1];
};

/* Seen with other eyes from now on: all that is there is told anew. */
static void tell_anew(struct peer *p)
{
    if (p->watch != NULL) {
        watch_feed_init(p->watch);
    }
    feed_wake(&p->gateway->feed, FEED_SESSIONS);
    feed_wake(&p->gateway->feed, FEED_ALERTS);
}

/* Asked as oneself from here on, whatever it was before. */
static void let_go(struct peer *p, uint64_t seq)
{
    if (p->acting.kind != 0) {
        p->acting.kind = 0;
        peer_close_up(p, seq - 1, ERR_RIGHT_ENDED);
        feed_anew(&p->gateway->feed, p); /* One's own news that was on its way, too. */
    }
}

/* A later ActFor was asked meanwhile, or the desk locked: who granted it late grants nothing. */
static bool is_past(const struct peer *p, uint64_t seq)
{
    return seq < p->acting.asked || seq <= p->closed_seq;
}

static void on_acting(struct store_call *call, int rc, const struct store_acting *found)
{
    struct request *r = container_of(call, struct request, call);
    struct act_request *a = container_of(r, struct act_request, request);
    struct peer *p = r->pending.peer;
    rc = rc == 0 && is_past(p, r->pending.seq) ? ERR_RIGHT_ENDED : rc;
    if (!request_good(r, rc)) {
        return;
    }
    p->acting.kind = a->kind;
    p->acting.subject = found->subject;
    p->acting.client_id = found->client_id;
    (void)snprintf(p->staff->acting_for, sizeof p->staff->acting_for, "%s", found->therapist);
    tell_anew(p);
    answer_acting(p, r->pending.seq, a->kind, a->client_ref, found);
    request_free(r);
}

void on_act_for(struct peer *p, uint64_t seq, const Attune__ActFor *act)
{
    if (is_past(p, seq)) { /* It waited for the keys database. */
        peer_fail(p, seq, ERR_RIGHT_ENDED);
        return;
    }
    p->acting.asked = seq;
    let_go(p, seq);
    if (act->kind == ATTUNE__ACT_KIND__ACT_KIND_UNSPECIFIED) {
        static const struct store_acting self = {.therapist = "", .name = ""};
        tell_anew(p);
        answer_acting(p, seq, 0, "", &self);
        return;
    }
    struct act_request *a = calloc(1, sizeof *a);
    must(a != NULL);
    a->kind = (uint8_t)act->kind;
    (void)snprintf(a->client_ref, sizeof a->client_ref, "%s", act->client_ref);
    request_begin(&a->request, p, seq);
    request_started(&a->request,
                    store_act_for(&p->gateway->store, &a->request.call,
                                  (enum store_scope)(STORE_SCOPE_THERAPIST + act->kind),
                                  act->therapist, act->client_ref, act->reason, on_acting));
}

static void on_done(struct store_call *call, int rc)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc)) {
        peer_done(r->pending.peer, r->pending.seq);
        request_free(r);
    }
}

static void on_listed(struct store_call *call, int rc, const struct store_right *rights,
                      size_t count)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc)) {
        bool more = count > LIMIT_RIGHTS;
        answer_rights(r->pending.peer, r->pending.seq, rights, more ? LIMIT_RIGHTS : count, more);
        request_free(r);
    }
}

static void on_looks(struct store_call *call, int rc, const struct store_look *looks, size_t count)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc)) {
        answer_looks(r->pending.peer, r->pending.seq, looks, count);
        request_free(r);
    }
}

void on_rights(struct peer *p, const Attune__Request *q)
{
    struct request *r = request_new(p, q->seq);
    struct store *store = &p->gateway->store;
    int rc = ERR_ROLE;
    switch (q->body_case) {
    case ATTUNE__REQUEST__BODY_PUT_COVER:
        rc = store_cover_put(store, &r->call, q->put_cover->therapist, q->put_cover->by,
                             q->put_cover->until_ms, on_done);
        break;
    case ATTUNE__REQUEST__BODY_PUT_SUPERVISION:
        rc = store_supervision_put(store, &r->call, q->put_supervision->supervisor,
                                   q->put_supervision->therapist, q->put_supervision->site,
                                   q->put_supervision->from_ms, q->put_supervision->until_ms,
                                   on_done);
        break;
    case ATTUNE__REQUEST__BODY_END_COURSE:
        rc = store_course_end(store, &r->call, q->end_course->client_ref, q->end_course->therapist,
                              on_done);
        break;
    case ATTUNE__REQUEST__BODY_LIST_RIGHTS:
        rc = store_rights_list(store, &r->call, LIMIT_RIGHTS + 1, on_listed);
        break;
    case ATTUNE__REQUEST__BODY_LIST_LOOKS:
        rc = store_looks_list(store, &r->call, LIMIT_LOOKS, on_looks);
        break;
    case ATTUNE__REQUEST__BODY_SEEN_LOOK:
        rc = store_look_seen(store, &r->call, q->seen_look->look_id.data, on_done);
        break;
    default:
        break; /* Nothing else is permitted to get here. */
    }
    request_started(r, rc);
}
