/* store_revocation.h - who may no longer: revoking, and what was revoked lately.
 *
 * As in store.h: exactly one verdict for each accepted call, from the loop. */
#pragma once

#include "server/pg/store.h"

/* rc ERR_LABEL_UNKNOWN; ERR_LAST_ADMINISTRATOR unless `is_meant`. Again changes nothing. */
int store_device_revoke(struct store *s, struct store_call *c, int64_t practice_id,
                        const char *label, bool is_meant, const char *actor, store_done_cb cb);
/* A person with all their devices. rc ERR_THERAPIST_UNKNOWN. */
int store_therapist_revoke(struct store *s, struct store_call *c, int64_t practice_id,
                           const char *code, const char *actor, store_done_cb cb);
/* `asker` is the asking device's key where this certificate is the one that it asks with; NULL: it
 * is another's. rc ERR_LAST_ADMINISTRATOR unless `is_meant`. */
int store_certificate_revoke(struct store *s, struct store_call *c, int64_t practice_id,
                             const struct store_serial *serial, const uint8_t *asker, bool is_meant,
                             const char *actor, store_done_cb cb);

/* By its key or, with rc ERR_CERTIFICATE_REVOKED, by its certificate's number. */
struct store_revoked {
    int64_t practice_id;
    /* ERR_DEVICE_REVOKED, ERR_PERSON_REVOKED, ERR_CERTIFICATE_REVOKED; ERR_CLOSING: put elsewhere,
     * to where the ids say, and good. */
    int rc;
    int64_t room_id, therapist_id; /* The device's now; 0: none. */
    uint8_t fingerprint[STORE_FINGERPRINT];
    struct store_serial serial;
};

/* The verdict's `oldest` is the number of the oldest transaction that was under way: whatever was
 * not yet to be seen was made by it or a later one. */

/* What was made by that transaction or a later one, and is still so; STORE_LATELY_NOTHING asks
 * for `oldest` alone. Costs what was revoked since. */
#define STORE_LATELY_NOTHING INT64_MAX
int store_revoked_lately(struct store *s, struct store_call *c, int64_t since, store_revoked_cb cb);

struct store_device_key {
    int64_t practice_id;
    const uint8_t *fingerprint;
    const struct store_serial *serial;
    bool is_placed; /* It was told that it is of: */
    int64_t room_id, therapist_id;
};
/* Which of these are revoked, or were put elsewhere. Costs as many as they are. */
int store_revoked_among(struct store *s, struct store_call *c, const struct store_device_key *keys,
                        size_t count, store_revoked_cb cb);
