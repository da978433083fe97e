/* store_log_on.h - store.h's operations about accounts, passwords and who is at a device.
 *
 * A try to log on is two calls: store_log_on_try charges for it and gives what is to be compared;
 * then, the hashing having been done elsewhere, one of take, refund and refuse. */
#pragma once

#include "server/pg/store.h"

enum { STORE_TOKEN = 32, STORE_NAME_HASH = 2, STORE_HASH_MAX = 128, STORE_FACTOR_MAX = 512 };

/* Which device, and for whom it is. */
struct store_seat {
    int64_t practice_id;
    int64_t therapist_id; /* 0: an administrator's device. */
    uint8_t fingerprint[STORE_FINGERPRINT];
    const char *actor;
};

struct store_try {
    uint32_t wait_ms;   /* Not 0: too soon, and nothing else is told. */
    int64_t account_id; /* 0: nobody of that name may be here. */
    const char *person;
    const char *hash;      /* "": none; hash something all the same. */
    const uint8_t *factor; /* Sealed; NULL: none is in force. */
    size_t factor_size;
    int64_t factor_step;
    bool must_change;
    bool factor_due; /* The practice demands a second factor, and none is in force. */
    uint8_t charged[STORE_NAME_HASH]; /* For take, refund and refuse. */
};
/* `name` may be empty on a therapist's device. `delays_ms`: after the first wrong one, the second,
 * …; the last for all that follow. */
int store_log_on_try(struct store *s, struct store_call *c, const struct store_seat *seat,
                     const char *name, const int32_t *delays_ms, size_t delays, store_try_cb cb);
int store_log_on_refund(struct store *s, struct store_call *c, const struct store_seat *seat,
                        const uint8_t charged[STORE_NAME_HASH], store_done_cb cb);
/* Writes it into the audit. */
int store_log_on_refuse(struct store *s, struct store_call *c, const struct store_seat *seat,
                        int64_t account_id, const uint8_t charged[STORE_NAME_HASH],
                        store_done_cb cb);

struct store_take {
    int64_t account_id;
    uint8_t charged[STORE_NAME_HASH];
    const uint8_t *token_hash; /* 32 bytes; NULL: none is given. */
    int64_t factor_step;       /* 0: no code was needed. */
    int64_t last_ms;           /* The absolute limit. */
    const char *password_hash; /* store_account_password: the new one. */
};
/* rc ERR_LOG_ON_WRONG: the code was taken elsewhere in between, or the account is gone. */
int store_log_on_take(struct store *s, struct store_call *c, const struct store_seat *seat,
                      const struct store_take *take, store_done_cb cb);

struct store_resumed {
    int64_t account_id, idle_left_ms, left_ms;
    const char *person;
    bool second_factor;
};
/* rc ERR_LOG_ON_FIRST: the token is good no more, or never was, or not here. */
int store_log_on_resume(struct store *s, struct store_call *c, const struct store_seat *seat,
                        const uint8_t token_hash[STORE_TOKEN], int64_t idle_ms,
                        store_resumed_cb cb);
/* A person did something. rc ERR_LOG_ON_FIRST: the log-on has been ended elsewhere. */
int store_log_on_use(struct store *s, struct store_call *c, const struct store_seat *seat,
                     const uint8_t token_hash[STORE_TOKEN], store_done_cb cb);
int store_log_on_end(struct store *s, struct store_call *c, const struct store_seat *seat,
                     const uint8_t token_hash[STORE_TOKEN], store_done_cb cb);

/* What lets a connection in: a token, or, NULL, that its practice asks for no log-on. */
struct store_log_on_key {
    int64_t practice_id;
    const uint8_t *fingerprint, *token_hash;
};
/* That token is good no more; without one: that practice asks for log-on now. */
struct store_ended {
    int64_t practice_id;
    bool has_token;
    uint8_t token_hash[STORE_TOKEN];
};
/* Which of these are so no more. Costs as many as they are. */
int store_log_ons_ended(struct store *s, struct store_call *c, const struct store_log_on_key *keys,
                        size_t count, store_ended_cb cb);

/* Ends every log-on of the account, and begins one here if there is a token. rc ERR_LOG_ON_FIRST.
 */
int store_account_password(struct store *s, struct store_call *c, const struct store_seat *seat,
                           const struct store_take *take, store_done_cb cb);
/* Begun: what is sealed is kept beside the one in force. Confirmed with `step` not 0: it is the one
 * in force, and a log-on begins here if there is a token. rc ERR_LOG_ON_WRONG: another was begun
 * since, or, with a token, one is in force already. */
int store_account_factor(struct store *s, struct store_call *c, const struct store_seat *seat,
                         const struct store_take *take, const uint8_t *sealed, size_t size,
                         store_done_cb cb);
/* Charges as store_log_on_try does. The one that was begun at this device, in `factor`. */
int store_account_begun(struct store *s, struct store_call *c, const struct store_seat *seat,
                        int64_t account_id, const int32_t *delays_ms, size_t delays,
                        store_try_cb cb);

/* The administrator's. rc ERR_CONFLICT, ERR_THERAPIST_UNKNOWN; ERR_ACCOUNT_UNKNOWN. */
int store_account_add(struct store *s, struct store_call *c, int64_t practice_id, const char *name,
                      const char *therapist, const char *hash, const char *actor, store_done_cb cb);
int store_account_reset(struct store *s, struct store_call *c, int64_t practice_id,
                        const char *name, const char *hash, const char *actor, store_done_cb cb);
/* rc ERR_ACCOUNT_UNKNOWN: no administrator could log on. */
int store_log_on_require(struct store *s, struct store_call *c, int64_t practice_id, bool required,
                         bool second_factor, const char *actor, store_done_cb cb);

struct store_account {
    const char *name, *therapist; /* Code; "": an administrator. */
    bool must_change, second_factor, revoked;
};
/* By name, name > after, at most limit. */
int store_accounts_list(struct store *s, struct store_call *c, int64_t practice_id,
                        const char *after, unsigned limit, store_accounts_cb cb);
