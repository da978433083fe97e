/* store_enrol.h - the operations of enrolment: see store.h for how an operation is asked and
 * answered. */
#pragma once

#include "server/pg/store.h"

struct store_code_add {
    int64_t practice_id;
    uint8_t hash[STORE_FINGERPRINT]; /* SHA-256 of the secret. */
    enum store_role role;
    const char *room, *therapist, *label, *actor; /* "": none. */
};
/* rc ERR_ROOM_UNKNOWN, ERR_THERAPIST_UNKNOWN, ERR_CONFLICT (the label is another's),
 * ERR_CODES_FULL. */
int store_code_add(struct store *s, struct store_call *c, const struct store_code_add *add,
                   store_code_cb cb);
/* rc ERR_CODE_UNKNOWN. */
int store_code_forget(struct store *s, struct store_call *c, int64_t practice_id, const char *label,
                      const char *actor, store_done_cb cb);

struct store_enrolled {
    int64_t practice_id;
    const char *practice, *label, *place;
    enum store_role role;
    const uint8_t *certificate; /* What answered the same key before; NULL: nothing yet. */
    size_t certificate_len;
};
/* rc ERR_CODE_REFUSED, ERR_CODE_ROLE; ERR_ENROL_LATER with the seconds in retry_s. */
/* `role` 0: any. */
int store_enrol(struct store *s, struct store_call *c, const uint8_t hash[STORE_FINGERPRINT],
                const uint8_t key[STORE_FINGERPRINT], const char *address, unsigned role,
                store_enrol_cb cb);
/* Keeps the certificate for a resend; the one that is kept is given, which may be an older one. A
 * store_kept_cb. */
int store_enrol_keep(struct store *s, struct store_call *c, const uint8_t hash[STORE_FINGERPRINT],
                     const uint8_t key[STORE_FINGERPRINT], const uint8_t *certificate, size_t len,
                     store_kept_cb cb);
/* One more certificate for that key: 0, or ERR_RENEW_EARLY after eight within a day. */
int store_renewal(struct store *s, struct store_call *c, int64_t practice_id,
                  const uint8_t key[STORE_FINGERPRINT], store_done_cb cb);
/* It was not signed after all: it does not count. */
int store_renewal_back(struct store *s, struct store_call *c, int64_t practice_id,
                       const uint8_t key[STORE_FINGERPRINT], store_done_cb cb);
/* The audit row of a renewal. */
int store_renewed(struct store *s, struct store_call *c, int64_t practice_id, const char *label,
                  bool was_expired, store_done_cb cb);

/* What devices have said of themselves, many at a time. Borrowed for the call. */
struct store_seen {
    int64_t practice_id, seen, expires, clock_ahead_ms; /* expires 0: not known. */
    uint8_t fingerprint[STORE_FINGERPRINT];
    const char *software;
    uint32_t spool_depth, oldest_unsent_s;
    uint8_t authority_id[8];
};
int store_seen(struct store *s, struct store_call *c, const struct store_seen *seen, size_t count,
               store_done_cb cb);

struct store_device_item {
    const char *label, *place, *software; /* place: a room's name, a therapist's code, or "". */
    enum store_role role;
    bool revoked, authority_old;
    int64_t seen, expires, clock_ahead_ms, code_expires; /* 0: none. */
    uint32_t spool_depth, oldest_unsent_s;
};
/* Devices and codes not used yet, by label. `authority_id`: who trusts all of the authorities. */
int store_devices_list(struct store *s, struct store_call *c, int64_t practice_id,
                       const char *after, const uint8_t authority_id[8], unsigned limit,
                       store_device_items_cb cb);
