/* Happy path: made; the try is charged for, the password compared beside the loop; it was right.
 * Failure: a name that nobody has goes the same way and is answered the same. What was charged
 * stays charged after a wrong password, and is given back when the server itself could not go on.
 */
#include "server/gateway/attempt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/base/clock.h"
#include "server/gateway/totp.h"

struct attempt *attempt_new(struct peer *p, uint64_t seq)
{
    struct attempt *a = calloc(1, sizeof *a);
    must(a != NULL);
    pending_begin(p, &a->request.pending, seq);
    return a;
}

void attempt_free(struct attempt *a)
{
    struct request *r = &a->request;
    struct pending pending = r->pending;
    if (a->tries) {
        pending.peer->staff->trying = false;
    }
    password_wipe(a, sizeof *a);
    r->pending = pending;
    request_free(r);
}

void attempt_fail(struct attempt *a, int rc)
{
    peer_fail(a->request.pending.peer, a->request.pending.seq, rc);
    attempt_free(a);
}

struct attempt *attempt_of_call(struct store_call *call)
{
    return container_of(call, struct attempt, request.call);
}

struct attempt *attempt_of_job(struct hash_job *job)
{
    return container_of(job, struct attempt, job);
}

struct peer *attempt_peer(const struct attempt *a)
{
    return a->request.pending.peer;
}

/* ---- the end of a try ------------------------------------------------------------------------ */

static void on_given_back(struct store_call *call, int rc)
{
    (void)rc; /* What was charged stays so: a second. */
    struct attempt *a = attempt_of_call(call);
    attempt_fail(a, a->failed);
}

/* Not the person's fault: what was charged is given back. */
void attempt_give_back(struct attempt *a, int failed)
{
    struct peer *p = attempt_peer(a);
    struct store_seat seat = staff_seat(p);
    a->failed = failed;
    int rc =
        store_log_on_refund(&p->gateway->store, &a->request.call, &seat, a->charged, on_given_back);
    if (rc != 0) {
        attempt_fail(a, failed);
    }
}

static void on_refused(struct store_call *call, int rc)
{
    attempt_fail(attempt_of_call(call), rc == 0 ? ERR_LOG_ON_WRONG : rc);
}

void attempt_refuse(struct attempt *a)
{
    struct peer *p = attempt_peer(a);
    struct store_seat seat = staff_seat(p);
    p->gateway->counters.wrong_passwords++;
    int rc = store_log_on_refuse(&p->gateway->store, &a->request.call, &seat, a->account_id,
                                 a->charged, on_refused);
    if (rc != 0) {
        attempt_fail(a, rc);
    }
}

void attempt_started(struct attempt *a, int rc)
{
    if (rc != 0) {
        attempt_fail(a, rc);
    }
}

/* The secret is in the practice's sealed box. */
int attempt_open_factor(struct attempt *a)
{
    const struct sealing *s = &attempt_peer(a)->gateway->sealing;
    uint8_t room[SEAL_RECORD_MAX];
    size_t len = 0;
    int rc = s->count == 0 ? ERR_SECOND_FACTOR
                           : seal_open(s->pairs, s->count, a->factor, a->factor_size, room, &len);
    if (rc == 0 && len == TOTP_SECRET) {
        memcpy(a->secret, room, TOTP_SECRET);
    }
    password_wipe(room, sizeof room);
    return rc == 0 && len == TOTP_SECRET ? 0 : ERR_SECOND_FACTOR;
}

/* ---- somebody is there ----------------------------------------------------------------------- */

void attempt_hash_token(struct attempt *a)
{
    unsigned size = 0;
    must(EVP_Digest(a->token, STORE_TOKEN, a->token_hash, &size, EVP_sha256(), NULL) == 1 &&
         size == STORE_TOKEN);
}

void attempt_make_token(struct attempt *a)
{
    must(RAND_bytes(a->token, STORE_TOKEN) == 1);
    attempt_hash_token(a);
}

enum permit_state attempt_owes(const struct attempt *a)
{
    return a->must_change ? PERMIT_PASSWORD : a->factor_due ? PERMIT_FACTOR : PERMIT_READY;
}

int64_t attempt_last_ms(const struct attempt *a)
{
    return (int64_t)attempt_peer(a)->gateway->options->log_on_last_s * 1000;
}

void attempt_logged_on(struct attempt *a, const struct store_resumed *who)
{
    struct peer *p = attempt_peer(a);
    enum permit_state state = attempt_owes(a);
    if (!p->gone) {
        Attune__Response response = ATTUNE__RESPONSE__INIT;
        Attune__LoggedOn on = ATTUNE__LOGGED_ON__INIT;
        staff_on(p, who, state, a->token_hash);
        if (state == PERMIT_READY) {
            on.token = (ProtobufCBinaryData){STORE_TOKEN, a->token};
        }
        on.person = p->staff->person;
        on.idle_s = p->gateway->options->log_on_idle_s;
        on.ends_ms = clock_now_ms() + who->left_ms;
        on.must_change = state == PERMIT_PASSWORD;
        on.must_set_factor = state == PERMIT_FACTOR;
        on.second_factor = who->second_factor;
        response.body_case = ATTUNE__RESPONSE__BODY_LOGGED_ON;
        response.logged_on = &on;
        peer_answer(p, a->request.pending.seq, &response);
    }
    attempt_free(a);
}

void attempt_take_place(struct attempt *a)
{
    struct peer *p = attempt_peer(a);
    const struct store_resumed who = {
        .account_id = a->account_id,
        .person = a->name,
        .idle_left_ms = (int64_t)p->gateway->options->log_on_idle_s * 1000,
        .left_ms = attempt_last_ms(a),
        .second_factor = a->has_factor,
    };
    attempt_logged_on(a, &who);
}

/* ---- the try --------------------------------------------------------------------------------- */

static void on_hashed(struct hash_job *job, int rc)
{
    struct attempt *a = attempt_of_job(job);
    if (rc != 0) {
        attempt_give_back(a, rc);
    } else if (!job->right) {
        attempt_refuse(a);
    } else {
        a->right(a);
    }
}

static void keep_tried(struct attempt *a, const struct store_try *t)
{
    a->account_id = t->account_id;
    a->factor_step = t->factor_step;
    a->must_change = t->must_change;
    a->factor_due = t->factor_due;
    a->has_factor = t->factor != NULL && t->factor_size <= sizeof a->factor;
    a->factor_size = a->has_factor ? t->factor_size : 0;
    if (a->has_factor) {
        memcpy(a->factor, t->factor, t->factor_size);
    }
    (void)snprintf(a->name, sizeof a->name, "%s", t->person); /* They fit: the schema says so. */
    (void)snprintf(a->job.hash, sizeof a->job.hash, "%s", t->hash);
}

bool attempt_may(struct attempt *a, int rc, const struct store_try *t)
{
    if (rc != 0) {
        attempt_fail(a, rc);
        return false;
    }
    if (t->wait_ms != 0) {
        peer_error(attempt_peer(a), a->request.pending.seq, ERR_LOG_ON_WAIT, NULL, t->wait_ms);
        attempt_free(a);
        return false;
    }
    memcpy(a->charged, t->charged, sizeof a->charged);
    return true;
}

static void on_tried(struct store_call *call, int rc, const struct store_try *t)
{
    struct attempt *a = attempt_of_call(call);
    struct peer *p = attempt_peer(a);
    if (!attempt_may(a, rc, t)) {
        return;
    }
    keep_tried(a, t);
    a->job.compares = true;
    a->job.gone = &p->gone;
    rc = hashing_add(&p->gateway->hashing, &a->job, on_hashed);
    if (rc != 0) {
        attempt_give_back(a, rc);
    }
}

void attempt_try(struct attempt *a, const char *name, attempt_right_cb right)
{
    struct peer *p = attempt_peer(a);
    struct store_seat seat = staff_seat(p);
    a->right = right;
    /* Before the database is troubled; and whoever floods takes no more than their own turn. */
    if (p->staff->trying || hashing_is_full(&p->gateway->hashing)) {
        attempt_fail(a, ERR_BUSY);
        return;
    }
    a->tries = p->staff->trying = true;
    attempt_started(a, store_log_on_try(&p->gateway->store, &a->request.call, &seat, name,
                                        log_on_delays_ms, LOG_ON_DELAYS, on_tried));
}
