/* Happy path: begun locked, on, used, locked. Failure: the database is away when it is to hear of
 * use: it hears of the next one; until then the token is good for less long than the connection. */
#include "server/gateway/staff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/gateway/gateway.h"

static int64_t loop_now(const struct peer *p)
{
    return (int64_t)uv_now(p->gateway->loop);
}

struct store_seat staff_seat(const struct peer *p)
{
    struct store_seat seat = {
        .practice_id = p->practice_id, .therapist_id = p->therapist_id, .actor = p->label};
    memcpy(seat.fingerprint, p->fingerprint, STORE_FINGERPRINT);
    return seat;
}

bool staff_is_locked(const struct peer *p)
{
    return p->staff != NULL && p->staff->locked;
}

static void enter(struct peer *p, enum permit_state state)
{
    p->staff->locked = state != PERMIT_READY;
    if (p->state != PERMIT_DRAINING) {
        p->state = (uint8_t)state;
    }
}

void staff_begin(struct peer *p, bool required)
{
    p->staff = calloc(1, sizeof *p->staff);
    must(p->staff != NULL);
    p->staff->required = required;
    p->staff->waiting = STAFF_NOT_TOLD;
    log_on_init(&p->staff->log_on);
    enter(p, required ? PERMIT_LOCKED : PERMIT_READY);
    LIST_INSERT_HEAD(&p->gateway->staff, p, of_staff);
}

void staff_on(struct peer *p, const struct store_resumed *who, enum permit_state state,
              const uint8_t *token_hash)
{
    struct staff *s = p->staff;
    int64_t idle_ms = (int64_t)p->gateway->options->log_on_idle_s * 1000;
    log_on_begin(&s->log_on, loop_now(p), idle_ms, who->idle_left_ms, who->left_ms);
    s->account_id = who->account_id;
    s->has_token = state == PERMIT_READY;
    if (s->has_token) {
        memcpy(s->token_hash, token_hash, STORE_TOKEN);
    }
    (void)snprintf(s->person, sizeof s->person, "%s", who->person); /* It has 64 bytes at most. */
    (void)snprintf(s->actor, sizeof s->actor, "%s: %s", p->device_label, s->person);
    p->label = s->actor;
    enter(p, state);
    if (p->watch != NULL && s->has_token) {
        feed_wake(&p->gateway->feed, FEED_SESSIONS);
        feed_wake(&p->gateway->feed, FEED_ALERTS);
        feed_wake(&p->gateway->feed, FEED_LOOKS);
    }
}

static void push_locked(struct peer *p, int64_t waiting)
{
    Attune__Push push = ATTUNE__PUSH__INIT;
    Attune__Locked locked = ATTUNE__LOCKED__INIT;
    locked.waiting = (uint32_t)waiting;
    push.body_case = ATTUNE__PUSH__BODY_LOCKED;
    push.locked = &locked;
    p->staff->waiting = waiting;
    peer_push(p, &push);
}

void staff_lock(struct peer *p)
{
    struct staff *s = p->staff;
    log_on_init(&s->log_on);
    OPENSSL_cleanse(s->token_hash, sizeof s->token_hash);
    s->has_token = false;
    s->account_id = 0;
    p->label = p->device_label;
    p->acting.kind = 0; /* Whoever comes next sees their own. */
    peer_close_up(p, p->last_seq, ERR_LOG_ON_FIRST);
    if (s->required) {
        enter(p, PERMIT_LOCKED);
        push_locked(p, 0);
    }
    feed_anew(&p->gateway->feed, p); /* Whoever comes next is told of everything. */
}

void staff_look(struct peer *p)
{
    if (p->staff == NULL) {
        return;
    }
    enum log_on_state state = log_on_look(&p->staff->log_on, loop_now(p));
    if (state == LOG_ON_IDLE || state == LOG_ON_ENDED) {
        staff_lock(p);
    }
}

void staff_look_at_all(struct gateway *g)
{
    struct peer *p;
    LIST_FOREACH(p, &g->staff, of_staff)
    {
        staff_look(p);
    }
}

/* Ended elsewhere: by a new password, an administrator, or the account's end. */
static void on_told(struct store_call *call, int rc)
{
    struct request *r = container_of(call, struct request, call);
    struct peer *p = r->pending.peer;
    if (rc == ERR_LOG_ON_FIRST && !p->gone && p->staff->has_token &&
        p->staff->log_on.told_ms == r->told_ms) {
        staff_lock(p);
    }
    request_free(r);
}

void staff_used(struct peer *p, Attune__Request__BodyCase request)
{
    if (p->staff == NULL || !permit_by_person(request) ||
        !log_on_used(&p->staff->log_on, loop_now(p)) || !p->staff->has_token) {
        return;
    }
    struct request *r = request_new(p, 0);
    struct store_seat seat = staff_seat(p);
    r->call.who = (struct store_who){.scope = STORE_SCOPE_SERVER};
    r->told_ms = p->staff->log_on.told_ms;
    int rc = store_log_on_use(&p->gateway->store, &r->call, &seat, p->staff->token_hash, on_told);
    if (rc != 0) {
        request_free(r);
    }
}

void staff_waiting(struct peer *p, size_t waiting)
{
    if ((int64_t)waiting != p->staff->waiting) {
        push_locked(p, (int64_t)waiting);
    }
}
