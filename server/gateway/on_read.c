/* What is read in pages: sessions, clients, rooms, ratings, alerts, goals, escalations; and that an
 * alert has been received.
 *
 * Happy path: one row more than the page is asked for, so that `more` is known; the answer is the
 * page. Failure: the store's verdict is the answer. A limit of 0 or above the page's is the page's.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/gateway/answer.h"
#include "server/gateway/gateway.h"

/* A list under way: how many rows were asked for. */
struct list_request {
    struct store_call call;
    struct pending pending;
    unsigned limit;
};

static struct list_request *list_new(struct peer *p, uint64_t seq, uint32_t asked, unsigned page)
{
    struct list_request *l = calloc(1, sizeof *l);
    must(l != NULL);
    l->limit = asked == 0 || asked > page ? page : asked;
    l->call.who = peer_who(p);
    pending_begin(p, &l->pending, seq);
    return l;
}

static void list_free(struct list_request *l)
{
    pending_end(&l->pending);
    free(l);
}

static bool list_good(struct list_request *l, int rc)
{
    if (rc == 0) {
        return true;
    }
    peer_fail(l->pending.peer, l->pending.seq, rc);
    list_free(l);
    return false;
}

static size_t page_of(const struct list_request *l, size_t count)
{
    return count > l->limit ? l->limit : count;
}

static void on_sessions(struct store_call *call, int rc, const struct store_session *rows,
                        size_t count)
{
    struct list_request *l = container_of(call, struct list_request, call);
    if (list_good(l, rc)) {
        answer_sessions(l->pending.peer, l->pending.seq, rows, page_of(l, count), count > l->limit);
        list_free(l);
    }
}

static void on_clients(struct store_call *call, int rc, const struct store_client *rows,
                       size_t count)
{
    struct list_request *l = container_of(call, struct list_request, call);
    if (list_good(l, rc)) {
        answer_caseload(l->pending.peer, l->pending.seq, rows, page_of(l, count), count > l->limit);
        list_free(l);
    }
}

static void on_places(struct store_call *call, int rc, const struct store_place *rows, size_t count)
{
    struct list_request *l = container_of(call, struct list_request, call);
    if (list_good(l, rc)) {
        answer_rooms(l->pending.peer, l->pending.seq, rows, page_of(l, count), count > l->limit);
        list_free(l);
    }
}

static void on_ratings(struct store_call *call, int rc, const struct store_stored_rating *rows,
                       size_t count)
{
    struct list_request *l = container_of(call, struct list_request, call);
    if (list_good(l, rc)) {
        answer_ratings(l->pending.peer, l->pending.seq, rows, page_of(l, count), count > l->limit);
        list_free(l);
    }
}

static void on_alerts(struct store_call *call, int rc, const struct store_alert *rows, size_t count)
{
    struct list_request *l = container_of(call, struct list_request, call);
    if (list_good(l, rc)) {
        answer_alerts(l->pending.peer, l->pending.seq, rows, page_of(l, count), count > l->limit);
        list_free(l);
    }
}

static void on_goals(struct store_call *call, int rc, const struct store_goal *rows, size_t count)
{
    struct list_request *l = container_of(call, struct list_request, call);
    if (list_good(l, rc)) {
        answer_goals(l->pending.peer, l->pending.seq, rows, page_of(l, count), count > l->limit);
        list_free(l);
    }
}

static void on_escalations(struct store_call *call, int rc, const struct store_escalation *rows,
                           size_t count)
{
    struct list_request *l = container_of(call, struct list_request, call);
    if (list_good(l, rc)) {
        answer_escalations(l->pending.peer, l->pending.seq, rows, page_of(l, count),
                           count > l->limit);
        list_free(l);
    }
}

/* It was judged: an id, or empty. */
static const uint8_t *after(ProtobufCBinaryData id)
{
    return id.len == 0 ? NULL : id.data;
}

void on_list_sessions(struct peer *p, uint64_t seq, const Attune__ListSessions *list)
{
    struct list_request *l = list_new(p, seq, list->limit, LIMIT_SESSIONS_PAGE);
    if (list->client_ref[0] != '\0') {
        (void)list_good(l, store_client_sessions_list(
                               &p->gateway->store, &l->call, p->practice_id, peer_subject(p),
                               list->client_ref, after(list->after_id), l->limit + 1, on_sessions));
        return;
    }
    (void)list_good(l, store_sessions_list(&p->gateway->store, &l->call, p->practice_id,
                                           peer_subject(p), after(list->after_id), l->limit + 1,
                                           on_sessions));
}

void on_list_caseload(struct peer *p, uint64_t seq, const Attune__ListCaseload *list)
{
    struct list_request *l = list_new(p, seq, list->limit, LIMIT_CASELOAD_PAGE);
    (void)list_good(l, store_caseload(&p->gateway->store, &l->call, p->practice_id, peer_subject(p),
                                      list->after, l->limit + 1, on_clients));
}

void on_list_rooms(struct peer *p, uint64_t seq, const Attune__ListRooms *list)
{
    struct list_request *l = list_new(p, seq, 0, LIMIT_PRACTICE_PAGE);
    (void)list_good(l, store_places(&p->gateway->store, &l->call, p->practice_id, list->after,
                                    l->limit + 1, on_places));
}

void on_list_ratings(struct peer *p, uint64_t seq, const Attune__ListRatings *list)
{
    struct list_request *l = list_new(p, seq, list->limit, LIMIT_RATINGS_PAGE);
    (void)list_good(l, store_ratings_list(&p->gateway->store, &l->call, p->practice_id,
                                          peer_subject(p), list->client_ref, after(list->after_id),
                                          l->limit + 1, on_ratings));
}

void on_list_alerts(struct peer *p, uint64_t seq, const Attune__ListAlerts *list)
{
    struct list_request *l = list_new(p, seq, list->limit, LIMIT_ALERTS_PAGE);
    (void)list_good(l, store_alerts_list(&p->gateway->store, &l->call, p->practice_id,
                                         peer_subject(p), list->client_ref, after(list->after_id),
                                         l->limit + 1, on_alerts));
}

void on_list_goals(struct peer *p, uint64_t seq, const Attune__ListGoals *list)
{
    struct list_request *l = list_new(p, seq, list->limit, LIMIT_GOALS_PAGE);
    (void)list_good(l, store_goals_list(&p->gateway->store, &l->call, p->practice_id,
                                        peer_subject(p), list->client_ref, after(list->after_id),
                                        l->limit + 1, on_goals));
}

void on_list_escalations(struct peer *p, uint64_t seq, const Attune__ListEscalations *list)
{
    struct list_request *l = list_new(p, seq, list->limit, LIMIT_ESCALATIONS_PAGE);
    (void)list_good(l, store_escalations_list(&p->gateway->store, &l->call, p->practice_id,
                                              after(list->after_id), l->limit + 1, on_escalations));
}

/* ---- received -------------------------------------------------------------------------------- */

struct receive_request {
    struct store_call call;
    struct pending pending;
    bool covers; /* The colleague's alerts come after one's own. */
    size_t count;
    uint8_t ids[LIMIT_ALERTS_OPEN][STORE_ID];
};

static void on_received(struct store_call *call, int rc);

static int note_received(struct receive_request *r)
{
    return store_alerts_receive(&r->pending.peer->gateway->store, &r->call, r->call.who.practice_id,
                                r->call.who.subject, (const uint8_t(*)[STORE_ID])r->ids, r->count,
                                on_received);
}

static void on_received(struct store_call *call, int rc)
{
    struct receive_request *r = container_of(call, struct receive_request, call);
    struct peer *p = r->pending.peer;
    if (rc == 0 && r->covers) {
        r->covers = false;
        r->call.who = peer_who(p);
        rc = note_received(r);
        if (rc == 0) {
            return;
        }
    }
    if (rc != 0) {
        peer_fail(p, r->pending.seq, rc);
    } else {
        for (size_t i = 0; p->watch != NULL && i < r->count; i++) {
            watch_feed_received(p->watch, r->ids[i]);
        }
        peer_done(p, r->pending.seq);
        feed_wake(&p->gateway->feed,
                  FEED_ALERTS); /* There is room for those that were held back. */
    }
    pending_end(&r->pending);
    free(r);
}

void on_receive_alerts(struct peer *p, uint64_t seq, const Attune__ReceiveAlerts *receive)
{
    struct receive_request *r = calloc(1, sizeof *r);
    must(r != NULL);
    must(receive->n_alert_id <= LIMIT_ALERTS_OPEN); /* It was judged. */
    r->count = receive->n_alert_id;
    for (size_t i = 0; i < r->count; i++) {
        memcpy(r->ids[i], receive->alert_id[i].data, STORE_ID);
    }
    r->covers = p->acting.kind == ATTUNE__ACT_KIND__ACT_COVER;
    r->call.who = peer_self(p);
    pending_begin(p, &r->pending, seq);
    int rc = note_received(r);
    if (rc != 0) {
        on_received(&r->call, rc);
    }
}
