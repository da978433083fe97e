/* Happy path: the decision is made on a draft of what the connection was told, the row is written,
 * and the same decision is made again on the real one as it is said. Failure: the call fails:
 * nothing was said and nothing counts as told. */
#include "server/gateway/feed/offers.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/must.h"
#include "server/gateway/answer.h"
#include "server/gateway/staff.h"
#include "server/pg/store_right.h"

static const char *const actions[] = {"session.push", "alert.push", "look.push"};

void offers_init(struct offers *o, enum offer_kind kind, struct offer_counters *counters)
{
    *o = (struct offers){.kind = kind, .counters = counters};
}

static void *room_for(size_t count, size_t size)
{
    void *room = calloc(count, size);
    must(room != NULL);
    return room;
}

void offers_to(struct offers *o, struct peer *p)
{
    o->peer = p;
    o->draft = *p->watch;
    o->draft_at = p->looks_told;
}

/* The watcher's, begun with its first piece of news. */
static struct offer_to *last_to(const struct offers *o, int64_t whose)
{
    struct offer_to *last = o->to_count > 0 ? &o->to[o->to_count - 1] : NULL;
    return last != NULL && last->pending.peer == o->peer && last->whose == whose ? last : NULL;
}

/* True: there is a place for one more. */
static bool has_place(struct offers *o)
{
    if (o->list == NULL) {
        o->list = room_for(OFFERS_MAX, sizeof *o->list);
        o->things = room_for(OFFERS_MAX, sizeof *o->things);
        o->to = room_for(OFFERS_MAX, sizeof *o->to);
    }
    o->is_full |= o->count == OFFERS_MAX;
    return o->count < OFFERS_MAX;
}

static struct offer *add(struct offers *o, int64_t whose, int64_t client_id,
                         const uint8_t id[STORE_ID])
{
    struct offer_to *to = last_to(o, whose);
    if (to == NULL) {
        to = &o->to[o->to_count++];
        *to = (struct offer_to){.whose = whose, .era = o->peer->news_era};
        pending_begin(o->peer, &to->pending, 0);
    }
    to->count++;
    o->things[o->count].client_id = client_id;
    memcpy(o->things[o->count].id, id, STORE_ID);
    return &o->list[o->count++];
}

void offers_session(struct offers *o, int64_t whose, const struct store_session *row)
{
    /* Answers that waited for the other one's of two, and do no more, are news as well. */
    uint8_t outcome = (uint8_t)((unsigned)row->outcome << 1 | row->covered);
    uint8_t state = (uint8_t)row->state;
    if (watch_feed_session(&o->draft, row->session_id, state, outcome) && has_place(o)) {
        struct offer *one = add(o, whose, row->client_id, row->session_id);
        *one =
            (struct offer){.push = keep_session(o->peer, row), .state = state, .outcome = outcome};
    }
}

void offers_alert(struct offers *o, int64_t whose, const struct store_alert *row)
{
    switch (watch_feed_alert(&o->draft, row->alert_id)) {
    case WATCH_PUSH:
        if (has_place(o)) {
            struct offer *one = add(o, whose, row->client_id, row->alert_id);
            one->push = keep_alert(o->peer, row);
        }
        break;
    case WATCH_FULL:
        o->counters->alerts_held_back++;
        break;
    case WATCH_KNOWN:
        break;
    }
}

void offers_look(struct offers *o, const struct store_look *row)
{
    if (row->at > o->draft_at && has_place(o)) {
        o->draft_at = row->at;
        struct offer *one = add(o, o->peer->therapist_id, row->client_id, row->look_id);
        *one = (struct offer){.push = keep_look(row), .at = row->at};
    }
}

/* ---- said ------------------------------------------------------------------------------------ */

static bool is_news(const struct offers *o, size_t at, struct peer *p)
{
    const struct offer *one = &o->list[at];
    const uint8_t *id = o->things[at].id;
    bool is_new = false;
    switch (o->kind) {
    case OFFER_SESSION:
        is_new = watch_feed_session(p->watch, id, one->state, one->outcome);
        o->counters->sessions += is_new;
        break;
    case OFFER_ALERT:
        is_new = watch_feed_alert(p->watch, id) == WATCH_PUSH;
        o->counters->alerts += is_new;
        break;
    case OFFER_LOOK:
        is_new = one->at > p->looks_told;
        p->looks_told = is_new ? one->at : p->looks_told;
        break;
    }
    return is_new;
}

/* The same person is still there, and still sees these rows. */
static bool may_be_told(const struct offer_to *to)
{
    const struct peer *p = to->pending.peer;
    return !p->gone && !staff_is_locked(p) && p->news_era == to->era;
}

/* Says all of it if `rc` is 0, and lets go of it. */
static void end(struct offers *o, int rc)
{
    size_t at = 0;
    for (size_t i = 0; i < o->to_count; i++) {
        struct offer_to *to = &o->to[i];
        bool may = rc == 0 && may_be_told(to);
        for (size_t last = at + to->count; at < last; at++) {
            if (may && is_news(o, at, to->pending.peer)) {
                peer_push_kept(to->pending.peer, o->list[at].push);
            }
            free(o->list[at].push);
        }
        pending_end(&to->pending);
    }
    free(o->list);
    free(o->things);
    free(o->to);
    offers_init(o, o->kind, o->counters);
}

static void on_noted(struct store_call *call, int rc)
{
    struct offers *o = container_of(call, struct offers, call);
    offers_cb cb = o->cb;
    end(o, rc);
    cb(o, rc);
}

int offers_note(struct offers *o, struct store *store, offers_cb cb)
{
    struct store_told *told = room_for(o->to_count, sizeof *told);
    for (size_t i = 0; i < o->to_count; i++) {
        const struct peer *p = o->to[i].pending.peer;
        told[i] = (struct store_told){peer_self(p), o->to[i].count};
        if (o->to[i].whose != p->therapist_id) {
            told[i].who.scope = STORE_SCOPE_COVER;
            told[i].who.subject = o->to[i].whose;
        }
    }
    o->cb = cb;
    int rc = store_pushes_note(store, &o->call, actions[o->kind], told, o->to_count, o->things,
                               on_noted);
    free(told);
    if (rc != 0) {
        end(o, rc);
    }
    return rc;
}
