/* What a therapist does with one alert: acknowledge it with a step, ask why it fired.
 *
 * Happy path: the store moves the rupture, or gives what the alert was made from.
 * Failure: the store's verdict is the answer. */
#include "proto/wire/container_of.h"
#include "server/gateway/answer.h"
#include "server/gateway/gateway.h"

static void on_acknowledged(struct store_call *call, int rc)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc)) {
        peer_done(r->pending.peer, r->pending.seq);
        request_free(r);
    }
}

void on_acknowledge_alert(struct peer *p, uint64_t seq, const Attune__AcknowledgeAlert *acknowledge)
{
    struct request *r = request_new(p, seq);
    request_started(r, store_alert_acknowledge(&p->gateway->store, &r->call, p->practice_id,
                                               peer_subject(p), acknowledge->alert_id.data,
                                               (int)acknowledge->step, acknowledge->reason,
                                               p->label, on_acknowledged));
}

static void on_explained(struct store_call *call, int rc,
                         const struct store_explanation *explanation)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc)) {
        answer_explanation(r->pending.peer, r->pending.seq, explanation);
        request_free(r);
    }
}

void on_explain_alert(struct peer *p, uint64_t seq, const Attune__ExplainAlert *explain)
{
    struct request *r = request_new(p, seq);
    request_started(r, store_alert_explain(&p->gateway->store, &r->call, p->practice_id,
                                           peer_subject(p), explain->alert_id.data, on_explained));
}
