/* AddAccount, ResetPassword, ListAccounts, PutLogOn: who of a practice may log on, and whether they
 * must.
 *
 * Happy path: a one-time password is made and hashed beside the loop, its hash is kept, and it is
 * told once. Failure: the store's verdict is the answer; then nobody has heard of the password. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/container_of.h"
#include "proto/wire/err.h"
#include "proto/wire/must.h"
#include "server/gateway/attempt.h"

/* ---- one-time passwords ---------------------------------------------------------------------- */

static void on_kept(struct store_call *call, int rc)
{
    struct attempt *a = attempt_of_call(call);
    if (rc != 0) {
        attempt_fail(a, rc);
        return;
    }
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__OneTimePassword told = ATTUNE__ONE_TIME_PASSWORD__INIT;
    told.password = a->one_time;
    response.body_case = ATTUNE__RESPONSE__BODY_ONE_TIME_PASSWORD;
    response.one_time_password = &told;
    peer_answer(attempt_peer(a), a->request.pending.seq, &response);
    attempt_free(a);
}

static void on_hashed(struct hash_job *job, int rc)
{
    struct attempt *a = attempt_of_job(job);
    struct peer *p = attempt_peer(a);
    struct store *store = &p->gateway->store;
    if (rc != 0) {
        attempt_fail(a, rc);
        return;
    }
    a->request.call.who = peer_who(p);
    attempt_started(a, a->resets
                           ? store_account_reset(store, &a->request.call, p->practice_id, a->name,
                                                 job->fresh_hash, p->label, on_kept)
                           : store_account_add(store, &a->request.call, p->practice_id, a->name,
                                               a->therapist, job->fresh_hash, p->label, on_kept));
}

static void give_password(struct peer *p, uint64_t seq, const char *name, const char *therapist)
{
    struct attempt *a = attempt_new(p, seq);
    a->resets = therapist == NULL;
    (void)snprintf(a->name, sizeof a->name, "%s", name); /* They were judged to fit. */
    (void)snprintf(a->therapist, sizeof a->therapist, "%s", a->resets ? "" : therapist);
    /* Whoever asks for many takes no more than their own turn, as with a log-on. */
    if (p->staff->trying) {
        attempt_fail(a, ERR_BUSY);
        return;
    }
    a->tries = p->staff->trying = true;
    a->job.gone = &p->gone; /* Nobody would be told the password. */
    password_one_time(a->one_time);
    (void)snprintf(a->job.fresh, sizeof a->job.fresh, "%s", a->one_time);
    attempt_started(a, hashing_add(&p->gateway->hashing, &a->job, on_hashed));
}

/* ---- the list -------------------------------------------------------------------------------- */

static void answer(struct peer *p, uint64_t seq, const struct store_account *accounts, size_t count)
{
    Attune__Response response = ATTUNE__RESPONSE__INIT;
    Attune__AccountList list = ATTUNE__ACCOUNT_LIST__INIT;
    Attune__Account rows[LIMIT_PRACTICE_PAGE], *pointers[LIMIT_PRACTICE_PAGE];
    list.more = count > LIMIT_PRACTICE_PAGE;
    list.n_accounts = list.more ? LIMIT_PRACTICE_PAGE : count;
    list.accounts = pointers;
    for (size_t i = 0; i < list.n_accounts; i++) {
        attune__account__init(&rows[i]);
        rows[i].name = (char *)(uintptr_t)accounts[i].name; /* Only read. */
        rows[i].therapist = (char *)(uintptr_t)accounts[i].therapist;
        rows[i].must_change = accounts[i].must_change;
        rows[i].second_factor = accounts[i].second_factor;
        rows[i].revoked = accounts[i].revoked;
        pointers[i] = &rows[i];
    }
    response.body_case = ATTUNE__RESPONSE__BODY_ACCOUNT_LIST;
    response.account_list = &list;
    peer_answer(p, seq, &response);
}

static void on_accounts(struct store_call *call, int rc, const struct store_account *accounts,
                        size_t count)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc)) {
        answer(r->pending.peer, r->pending.seq, accounts, count);
        request_free(r);
    }
}

static void on_done(struct store_call *call, int rc)
{
    struct request *r = container_of(call, struct request, call);
    if (request_good(r, rc)) {
        peer_done(r->pending.peer, r->pending.seq);
        request_free(r);
    }
}

void on_account(struct peer *p, const Attune__Request *q)
{
    if (q->body_case == ATTUNE__REQUEST__BODY_ADD_ACCOUNT) {
        give_password(p, q->seq, q->add_account->name, q->add_account->therapist);
        return;
    }
    if (q->body_case == ATTUNE__REQUEST__BODY_RESET_PASSWORD) {
        give_password(p, q->seq, q->reset_password->name, NULL);
        return;
    }
    bool demands = q->body_case == ATTUNE__REQUEST__BODY_PUT_LOG_ON && q->put_log_on->second_factor;
    if (demands && p->gateway->sealing.count == 0) { /* Nobody could set one up. */
        peer_fail(p, q->seq, ERR_SECOND_FACTOR);
        return;
    }
    struct request *r = request_new(p, q->seq);
    struct store *store = &p->gateway->store;
    request_started(
        r, q->body_case == ATTUNE__REQUEST__BODY_LIST_ACCOUNTS
               ? store_accounts_list(store, &r->call, p->practice_id, q->list_accounts->after,
                                     LIMIT_PRACTICE_PAGE + 1, on_accounts)
               : store_log_on_require(store, &r->call, p->practice_id, q->put_log_on->required,
                                      demands, p->label, on_done));
}
