/* BeginSecondFactor, ConfirmSecondFactor: what an authenticator is given, and that it has it. Where
 * the practice demands one, confirming it is the last step of a log-on.
 *
 * Happy path: the password once more, a secret sealed to the practice's key and told once, a code
 * made from it: in force. Failure: a secret that was begun and never confirmed asks nobody for
 * anything; a server without a sealing key keeps none; a wrong code is charged as at a log-on. */
#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/base/clock.h"
#include "server/gateway/attempt.h"
#include "server/gateway/totp.h"

static struct store_take take_of(const struct attempt *a)
{
    struct store_take take = {.account_id = a->account_id,
                              .factor_step = a->factor_step,
                              .token_hash = a->takes_place ? a->token_hash : NULL,
                              .last_ms = attempt_last_ms(a)};
    memcpy(take.charged, a->charged, sizeof take.charged);
    return take;
}

static void on_factor_begun(struct store_call *call, int rc)
{
    struct attempt *a = attempt_of_call(call);
    if (rc != 0) {
        attempt_fail(a, rc);
        return;
    }
    char uri[TOTP_URI];
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__SecondFactor factor = ATTUNE__SECOND_FACTOR__INIT;
    totp_uri(a->secret, a->name, uri);
    factor.uri = uri;
    response.body_case = ATTUNE__RESPONSE__BODY_SECOND_FACTOR;
    response.second_factor = &factor;
    peer_answer(attempt_peer(a), a->request.pending.seq, &response);
    password_wipe(uri, sizeof uri);
    attempt_free(a);
}

static void begin_factor(struct attempt *a)
{
    struct peer *p = attempt_peer(a);
    struct store_seat seat = staff_seat(p);
    uint8_t sealed[SEAL_SIZE];
    /* Set up elsewhere since this log-on got as far as that: the password alone replaces none. */
    if (p->state != PERMIT_READY && a->has_factor) {
        attempt_give_back(a, ERR_LOG_ON_FIRST);
        return;
    }
    if (p->gateway->sealing.count == 0) {
        attempt_give_back(a, ERR_SECOND_FACTOR);
        return;
    }
    must(RAND_bytes(a->secret, TOTP_SECRET) == 1);
    struct seal_chain chain; /* Of one. */
    seal_chain_init(&chain, &p->gateway->sealing.pairs[0].key);
    int rc = seal_record(&chain, 0, a->secret, TOTP_SECRET, sealed);
    seal_wipe(&chain, sizeof chain);
    must(rc == 0);
    a->factor_step = 0;
    struct store_take t = take_of(a);
    attempt_started(a, store_account_factor(&p->gateway->store, &a->request.call, &seat, &t, sealed,
                                            sizeof sealed, on_factor_begun));
}

/* ---- confirming ------------------------------------------------------------------------------ */

static void on_confirmed(struct store_call *call, int rc)
{
    struct attempt *a = attempt_of_call(call);
    if (rc != 0) {
        attempt_fail(a, rc);
        return;
    }
    if (a->takes_place) {
        attempt_take_place(a);
        return;
    }
    peer_done(attempt_peer(a), a->request.pending.seq);
    attempt_free(a);
}

static void on_begun(struct store_call *call, int rc, const struct store_try *t)
{
    struct attempt *a = attempt_of_call(call);
    struct peer *p = attempt_peer(a);
    if (!attempt_may(a, rc, t)) {
        return;
    }
    if (t->factor == NULL || t->factor_size > sizeof a->factor) {
        attempt_give_back(a, ERR_LOG_ON_WRONG); /* None was begun here: no guess. */
        return;
    }
    memcpy(a->factor, t->factor, t->factor_size);
    a->factor_size = t->factor_size;
    rc = attempt_open_factor(a);
    if (rc != 0) {
        attempt_give_back(a, rc);
        return;
    }
    if (!totp_check(a->secret, a->code, clock_now_ms(), 0, &a->factor_step)) {
        attempt_refuse(a);
        return;
    }
    struct store_seat seat = staff_seat(p);
    struct store_take take = take_of(a);
    attempt_started(a, store_account_factor(&p->gateway->store, &a->request.call, &seat, &take,
                                            a->factor, a->factor_size, on_confirmed));
}

void on_second_factor(struct peer *p, const Attune__Request *q)
{
    if (p->staff->account_id == 0) {
        peer_fail(p, q->seq, ERR_LOG_ON_FIRST);
        return;
    }
    struct attempt *a = attempt_new(p, q->seq);
    struct store_seat seat = staff_seat(p);
    a->account_id = p->staff->account_id;
    if (q->body_case == ATTUNE__REQUEST__BODY_BEGIN_SECOND_FACTOR) {
        (void)snprintf(a->job.password, sizeof a->job.password, "%s",
                       q->begin_second_factor->password); /* It was judged to fit. */
        attempt_try(a, p->staff->person, begin_factor);
        return;
    }
    (void)snprintf(a->code, sizeof a->code, "%s", q->confirm_second_factor->code);
    (void)snprintf(a->name, sizeof a->name, "%s", p->staff->person);
    a->has_factor = true; /* It will have. */
    a->takes_place = p->state == PERMIT_FACTOR;
    attempt_make_token(a);
    attempt_started(a,
                    store_account_begun(&p->gateway->store, &a->request.call, &seat, a->account_id,
                                        log_on_delays_ms, LOG_ON_DELAYS, on_begun));
}
