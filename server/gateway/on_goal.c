/* What a therapist and a client agree on: kept, ended. (They are listed in on_read.c.)
 *
 * Happy path: the store keeps it, answered Done; the same again changes nothing.
 * Failure: the store's verdict is the answer. */
#include <string.h>

#include "proto/wire/container_of.h"
#include "server/gateway/gateway.h"

static void on_done(struct store_call *call, int rc)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc)) {
        peer_done(r->pending.peer, r->pending.seq);
        request_free(r);
    }
}

void on_put_goal(struct peer *p, uint64_t seq, const Attune__PutGoal *put)
{
    struct request *r = request_new(p, seq);
    struct store_put_goal row = {
        .practice_id = p->practice_id,
        .therapist_id = peer_subject(p),
        .area = (int)put->area,
        .words = put->words,
        .actor = p->label,
    };
    memcpy(row.goal_id, put->goal_id.data, STORE_ID);
    memcpy(row.session_id, put->session_id.data, STORE_ID);
    request_started(r, store_goal_put(&p->gateway->store, &r->call, &row, on_done));
}

void on_end_goal(struct peer *p, uint64_t seq, const Attune__EndGoal *end)
{
    struct request *r = request_new(p, seq);
    request_started(r, store_goal_end(&p->gateway->store, &r->call, p->practice_id, peer_subject(p),
                                      end->goal_id.data, (enum store_goal_outcome)end->outcome,
                                      p->label, on_done));
}
