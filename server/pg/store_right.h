/* store_right.h - who may see whose rows, and who has looked. Operations of store.h, with the same
 * verdicts.
 *
 * What they give is looked at anew in each transaction: see scope_begin in sql/. */
#pragma once

#include "server/pg/store.h"

struct store_acting {
    int64_t subject, client_id; /* client_id 0: all of the subject's. */
    const char *therapist, *name;
    int64_t from, until;
};
/* A person asks for a scope (cover, supervision, break glass). rc ERR_RIGHT_NONE,
 * ERR_CLIENT_UNKNOWN, ERR_GLASS_SPENT. */
int store_act_for(struct store *s, struct store_call *c, enum store_scope scope,
                  const char *therapist, const char *client_ref, const char *reason,
                  store_acting_cb cb);

/* `until` 0: it ends now. rc ERR_THERAPIST_UNKNOWN, ERR_SITE_UNKNOWN, ERR_RIGHT_DATES,
 * ERR_RIGHT_UNKNOWN. */
int store_cover_put(struct store *s, struct store_call *c, const char *therapist, const char *by,
                    int64_t until, store_done_cb cb);
int store_supervision_put(struct store *s, struct store_call *c, const char *supervisor,
                          const char *therapist, const char *site, int64_t from, int64_t until,
                          store_done_cb cb);
/* rc ERR_THERAPIST_UNKNOWN, ERR_CLIENT_UNKNOWN. */
int store_course_end(struct store *s, struct store_call *c, const char *client_ref,
                     const char *therapist, store_done_cb cb);

struct store_right {
    enum store_scope scope;
    const char *person, *therapist, *site; /* Codes; a site's name, else "". */
    int64_t from, until;
    bool yours; /* Who asks is the person. */
};
/* Not over yet, the first to end first; the caller sees all or their own, and of a site that they
 * supervise everyone there. */
int store_rights_list(struct store *s, struct store_call *c, unsigned limit, store_rights_cb cb);

struct store_look {
    int64_t practice_id, owner, client_id; /* client_id 0: theirs no more. */
    uint8_t look_id[STORE_ID];
    const char *by, *client_ref, *reason;
    int64_t at;
    bool seen;
};
/* At the caller's clients, newest first. */
int store_looks_list(struct store *s, struct store_call *c, unsigned limit, store_looks_cb cb);
/* rc ERR_LOOK_UNKNOWN. Twice is no error. */
int store_look_seen(struct store *s, struct store_call *c, const uint8_t look_id[STORE_ID],
                    store_done_cb cb);
/* Not seen yet, of all of these, oldest first. */
int store_looks_now(struct store *s, struct store_call *c,
                    const struct store_therapist_key *therapists, size_t count, unsigned limit,
                    store_looks_cb cb);
