/* LogOn, ResumeLogOn, LogOff, SetPassword: who is at the device.
 *
 * Happy path: the password is right (attempt), the code is judged, the log-on taken; the token goes
 * to the client, its hash to the database, so that any server knows it. Failure: a token that is
 * not known here is answered as if nobody had ever logged on. */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/gateway/attempt.h"
#include "server/gateway/totp.h"

/* ---- tokens and answers ---------------------------------------------------------------------- */

static void hash_token(const uint8_t *token, uint8_t ret_hash[STORE_TOKEN])
{
    unsigned size = 0;
    must(EVP_Digest(token, STORE_TOKEN, ret_hash, &size, EVP_sha256(), NULL) == 1 &&
         size == STORE_TOKEN);
}

static void make_token(struct attempt *a)
{
    must(RAND_bytes(a->token, STORE_TOKEN) == 1);
    hash_token(a->token, a->token_hash);
}

static int64_t last_ms(const struct peer *p)
{
    return (int64_t)p->gateway->options->log_on_last_s * 1000;
}

static void answer_logged_on(struct peer *p, uint64_t seq, const uint8_t *token, int64_t left_ms,
                             bool has_factor)
{
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__LoggedOn on = ATTUNE__LOGGED_ON__INIT;
    if (token != NULL) {
        on.token = (ProtobufCBinaryData){STORE_TOKEN, (uint8_t *)(uintptr_t)token}; /* Only read. */
    }
    on.person = p->staff->person;
    on.idle_s = p->gateway->options->log_on_idle_s;
    on.ends_ms = gateway_now_ms() + left_ms;
    on.must_change = token == NULL;
    on.second_factor = has_factor;
    response.body_case = ATTUNE__RESPONSE__BODY_LOGGED_ON;
    response.logged_on = &on;
    peer_answer(p, seq, &response);
}

/* Taken by the database: from here on somebody is there. */
static void take_place(struct attempt *a, bool has_token)
{
    struct peer *p = attempt_peer(a);
    if (!p->gone) {
        const struct store_resumed who = {
            .account_id = a->account_id,
            .person = a->name,
            .idle_left_ms = (int64_t)p->gateway->options->log_on_idle_s * 1000,
            .left_ms = last_ms(p),
        };
        staff_on(p, &who, has_token ? a->token_hash : NULL);
        answer_logged_on(p, a->request.pending.seq, has_token ? a->token : NULL, last_ms(p),
                         a->has_factor);
    }
    attempt_free(a);
}

/* ---- what the right password is good for ----------------------------------------------------- */

static struct store_take take_of(const struct attempt *a)
{
    struct store_take take = {.account_id = a->account_id,
                              .token_hash = a->token_hash,
                              .factor_step = a->factor_step,
                              .last_ms = last_ms(attempt_peer(a)),
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
    take_place(a, !a->must_change);
}

static void take(struct attempt *a)
{
    struct peer *p = attempt_peer(a);
    struct store_seat seat = staff_seat(p);
    make_token(a);
    struct store_take t = take_of(a);
    t.token_hash = a->must_change ? NULL : a->token_hash;
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
               !totp_check(a->secret, a->code, gateway_now_ms(), last, &a->factor_step)) {
        attempt_refuse(a);
    } else {
        take(a);
    }
}

static void set_password(struct attempt *a)
{
    struct peer *p = attempt_peer(a);
    struct store_seat seat = staff_seat(p);
    make_token(a);
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
    struct peer *p = attempt_peer(a);
    if (rc != 0) {
        attempt_fail(a, rc);
        return;
    }
    if (!p->gone) {
        staff_on(p, who, a->token_hash);
        answer_logged_on(p, a->request.pending.seq, a->token, who->left_ms, who->second_factor);
    }
    attempt_free(a);
}

static void resume(struct peer *p, uint64_t seq, const Attune__ResumeLogOn *q)
{
    struct attempt *a = attempt_new(p, seq);
    struct store_seat seat = staff_seat(p);
    memcpy(a->token, q->token.data, STORE_TOKEN);
    hash_token(a->token, a->token_hash);
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
