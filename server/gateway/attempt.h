/* attempt.h - a request that hands a password to the hashing beside the loop, and comes back.
 *
 * Embeds a request: request_free ends it; attempt_free wipes it first. */
#pragma once

#include "server/gateway/gateway.h"
#include "server/gateway/staff.h"

struct attempt;
/* The password was right: answering and freeing are the caller's again. */
typedef void (*attempt_right_cb)(struct attempt *a);

struct attempt {
    struct request request; /* The first: they are freed as one. */
    struct hash_job job;
    attempt_right_cb right;
    int64_t account_id, factor_step;
    bool must_change, has_factor, factor_due, resets;
    bool takes_place; /* With a token of its own, once the database has it. */
    bool tries;       /* It is its device's one try. */
    int failed;       /* What is answered once what was charged is given back. */
    uint8_t charged[STORE_NAME_HASH];
    uint8_t token[STORE_TOKEN], token_hash[STORE_TOKEN];
    char code[8], name[LIMIT_NAME_BYTES + 1], therapist[LIMIT_NAME_BYTES + 1];
    char one_time[PASSWORD_ONE_TIME + 1];
    uint8_t factor[STORE_FACTOR_MAX];
    size_t factor_size;
    uint8_t secret[32]; /* A second factor's, opened or new. */
};

/* Asked by the server itself: what a password is worth is not the person's to read. */
struct attempt *attempt_new(struct peer *p, uint64_t seq);
void attempt_free(struct attempt *a);
/* Answers a failure and frees. */
void attempt_fail(struct attempt *a, int rc);
struct attempt *attempt_of_call(struct store_call *call);
struct attempt *attempt_of_job(struct hash_job *job);
struct peer *attempt_peer(const struct attempt *a);

/* Charge for it, and compare a->job.password with that name's. Wrong: answered and freed. */
void attempt_try(struct attempt *a, const char *name, attempt_right_cb right);
/* What a try was charged is kept. False: it failed or came too soon; answered and freed. */
bool attempt_may(struct attempt *a, int rc, const struct store_try *t);
/* Not the person's fault: what was charged is given back, then `failed` answered. Frees. */
void attempt_give_back(struct attempt *a, int failed);
/* Wrong: noted in the audit, answered ERR_LOG_ON_WRONG. Frees. */
void attempt_refuse(struct attempt *a);
/* ---- somebody is there ----------------------------------------------------------------------- */

/* Of the token that was sent, or of a new one. */
void attempt_hash_token(struct attempt *a);
void attempt_make_token(struct attempt *a);
/* What is still to be done before the token is given: PERMIT_READY when nothing is. */
enum permit_state attempt_owes(const struct attempt *a);
/* Taken by the database: the place is theirs, and LoggedOn is answered. Frees. */
void attempt_logged_on(struct attempt *a, const struct store_resumed *who);
/* The same for one that begins now. */
void attempt_take_place(struct attempt *a);
/* How long a log-on lasts. */
int64_t attempt_last_ms(const struct attempt *a);

/* What an operation returned at once: 0, or the failure is answered and the attempt freed. */
void attempt_started(struct attempt *a, int rc);
/* a->factor is sealed: into a->secret. ERR_SECOND_FACTOR. */
int attempt_open_factor(struct attempt *a);
