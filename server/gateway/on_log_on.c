/* LogOn, ResumeLogOn, LogOff, SetPassword: who is at the device.
 *
 * Happy path: the password is right (attempt), the code is judged, the log-on taken; the token goes
 * to the client, its hash to the database, so that any server knows it. Failure: a token that is
 * not known here is answered as if nobody had ever logged on. */
#include <stdio.h>
#include <string.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/base/clock.h"
#include "server/gateway/attempt.h"
#include "server/gateway/totp.h"

/* ---- what the right password is good for ----------------------------------------------------- */

/* With a token, unless something is owed before. */
static struct store_take take_of(struct attempt *a)
{
    attempt_make_token(a);
    struct store_take take = {.account_id = a->account_id,
                              .token_hash = attempt_owes(a) == PERMIT_READY ? a->token_hash : NULL,
                              .factor_step = a->factor_step,
                              .last_ms = attempt_last_ms(a),
                              .password_hash = a->job.fresh_hash};
    memcpy(take.charged, a->charged, sizeof take.charged);
    return take;
}

static void on_taken(struct store_call *call, int rc)
{
    struct attempt *a = attempt_of_call(call);
    if (rc != 0) {
        attempt_fail(a, rc);
        return;
    }
    attempt_take_place(a);
}

static void take(struct attempt *a)
{
    struct peer *p = attempt_peer(a);
    struct store_seat seat = staff_seat(p);
    struct store_take t = take_of(a);
    attempt_started(a,
                    store_log_on_take(&p->gateway->store, &a->request.call, &seat, &t, on_taken));
}

static void judge_code(struct attempt *a)
{
    int64_t last = a->factor_step;
    a->factor_step = 0;
    if (a->has_factor && a->code[0] == '\0') {
        attempt_give_back(a, ERR_LOG_ON_CODE);
    } else if (a->has_factor && attempt_open_factor(a) != 0) {
        attempt_give_back(a, ERR_SECOND_FACTOR);
    } else if (a->has_factor &&
               !totp_check(a->secret, a->code, clock_now_ms(), last, &a->factor_step)) {
        attempt_refuse(a);
    } else {
        take(a);
    }
}

static void set_password(struct attempt *a)
{
    struct peer *p = attempt_peer(a);
    struct store_seat seat = staff_seat(p);
    a->factor_step = 0;
    a->must_change = false;
    struct store_take t = take_of(a);
    attempt_started(
        a, store_account_password(&p->gateway->store, &a->request.call, &seat, &t, on_taken));
}

static void copy(char *to, size_t room, const char *from)
{
    (void)snprintf(to, room, "%s", from); /* It was judged to fit. */
}

static void log_on(struct peer *p, uint64_t seq, const Attune__LogOn *q)
{
    struct attempt *a = attempt_new(p, seq);
    copy(a->job.password, sizeof a->job.password, q->password);
    copy(a->code, sizeof a->code, q->code);
    attempt_try(a, q->name, judge_code);
}

static void change_password(struct peer *p, uint64_t seq, const Attune__SetPassword *q)
{
    if (p->staff->account_id == 0) {
        peer_fail(p, seq, ERR_LOG_ON_FIRST);
        return;
    }
    if (strcmp(q->old, q->fresh) == 0) {
        peer_fail(p, seq, ERR_PASSWORD);
        return;
    }
    struct attempt *a = attempt_new(p, seq);
    copy(a->job.password, sizeof a->job.password, q->old);
    copy(a->job.fresh, sizeof a->job.fresh, q->fresh);
    attempt_try(a, p->staff->person, set_password);
}

/* ---- again, and no more ---------------------------------------------------------------------- */

static void on_resumed(struct store_call *call, int rc, const struct store_resumed *who)
{
    struct attempt *a = attempt_of_call(call);
    if (rc != 0) {
        attempt_fail(a, rc);
        return;
    }
    attempt_logged_on(a, who);
}

static void resume(struct peer *p, uint64_t seq, const Attune__ResumeLogOn *q)
{
    struct attempt *a = attempt_new(p, seq);
    struct store_seat seat = staff_seat(p);
    memcpy(a->token, q->token.data, STORE_TOKEN);
    attempt_hash_token(a);
    attempt_started(
        a, store_log_on_resume(&p->gateway->store, &a->request.call, &seat, a->token_hash,
                               (int64_t)p->gateway->options->log_on_idle_s * 1000, on_resumed));
}

static void on_ended(struct store_call *call, int rc)
{
    struct attempt *a = attempt_of_call(call);
    if (rc != 0) {
        attempt_fail(a, rc);
        return;
    }
    peer_done(attempt_peer(a), a->request.pending.seq);
    attempt_free(a);
}

/* Locked at once, whatever the database says; its answer is the request's. */
static void log_off(struct peer *p, uint64_t seq)
{
    if (!p->staff->has_token) {
        staff_lock(p);
        peer_done(p, seq);
        return;
    }
    struct attempt *a = attempt_new(p, seq);
    struct store_seat seat = staff_seat(p);
    memcpy(a->token_hash, p->staff->token_hash, STORE_TOKEN);
    int rc = store_log_on_end(&p->gateway->store, &a->request.call, &seat, a->token_hash, on_ended);
    staff_lock(p);
    attempt_started(a, rc);
}

void on_log_on(struct peer *p, const Attune__Request *q)
{
    switch (q->body_case) {
    case ATTUNE__REQUEST__BODY_LOG_ON:
        log_on(p, q->seq, q->log_on);
        break;
    case ATTUNE__REQUEST__BODY_RESUME_LOG_ON:
        resume(p, q->seq, q->resume_log_on);
        break;
    case ATTUNE__REQUEST__BODY_SET_PASSWORD:
        change_password(p, q->seq, q->set_password);
        break;
    default:
        log_off(p, q->seq);
        break;
    }
}
