/* store_audit.h - the audit as it is read: its rows and heads for whoever reckons them anew, and
 * what concerns one client.
 *
 * As store.h: one verdict each, pointers borrowed until the callback returns. */
#pragma once

#include "server/base/chain.h"
#include "server/pg/store.h"

/* The rows after that place, chain by chain; `after_chain` all zeros and 0: from the start. */
int store_audit_rows(struct store *s, struct store_call *c, const uint8_t after_chain[STORE_ID],
                     int64_t after_seq, unsigned limit, store_audit_rows_cb cb);

struct store_audit_head {
    struct chain_head head; /* Without `prior`. */
    uint8_t key[CHAIN_KEY], signature[CHAIN_SIGNATURE];
    bool has_row; /* The row that it is about is there, and says this: */
    uint8_t row_hash[CHAIN_HASH];
    int64_t last_seq; /* The chain's last row before that one. */
};
int store_audit_heads(struct store *s, struct store_call *c, int64_t after_number, unsigned limit,
                      store_audit_heads_cb cb);

/* Signs certificates that nobody has signed yet. ERR_CONFIG: there is no key to do it with. */
int store_certificates_sign(struct store *s, struct certificates_call *c, certificates_cb cb);
/* Certificates of what has gone, in the order of their numbers; or the one of a name. */
int store_certificate_find(struct store *s, struct store_call *c, int64_t practice_id,
                           const char *kind, const char *name, store_certificates_cb cb);
int store_certificates(struct store *s, struct store_call *c, int64_t after_number, unsigned limit,
                       store_certificates_cb cb);

/* Where a page goes on: the last entry's own place. */
struct store_audit_place {
    int64_t at_us; /* Unix microseconds. */
    uint8_t chain[STORE_ID];
    int64_t seq;
};
struct store_audit_entry {
    struct store_audit_place place;
    const char *actor, *scope, *action;
    const char *person, *in_place_of; /* Display names; "": nobody's. */
};
/* Newest first; `before` NULL: from the newest. `since` and `until` in ms. rc ERR_CLIENT_UNKNOWN.
 */
struct store_audit_who {
    int64_t practice_id, since, until;
    const char *client_ref;
    const struct store_audit_place *before;
    unsigned limit;
};
int store_audit_who(struct store *s, struct store_call *c, const struct store_audit_who *who,
                    store_audit_who_cb cb);

/* What was refused, with how often: a row each. */
struct store_refusal {
    int64_t practice_id; /* 0: not known. */
    const char *actor;
    unsigned code;
    uint32_t count;
};
int store_refusals_note(struct store *s, struct store_call *c, const struct store_refusal *list,
                        size_t count, store_done_cb cb);

/* What is about to be shown to somebody who did not ask for it: a row for each `told`, whose things
 * follow each other in `things`. The verdict is the commit's, not the disk's: see audit_pushed. */
struct store_thing {
    int64_t client_id; /* 0: nobody's any more. */
    uint8_t id[STORE_ID];
};
struct store_told {
    struct store_who who; /* A therapist's scope, or a cover's. */
    size_t things;
};
int store_pushes_note(struct store *s, struct store_call *c, const char *action,
                      const struct store_told *told, size_t told_count,
                      const struct store_thing *things, store_done_cb cb);

/* That somebody begins to verify: a read like any other. */
int store_audit_note(struct store *s, struct store_call *c, const char *action, store_done_cb cb);
