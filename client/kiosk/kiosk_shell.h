/* kiosk_shell.h - outbox, spool and link of a kiosk tied together: it carries out what the outbox
 * says.
 *
 * Decides nothing itself. The owner is told of every record that is settled. */
#pragma once

#include <glib.h>

#include "client/kiosk/outbox.h"
#include "client/kiosk/spool.h"
#include "client/link/link.h"
#include "kiosk.pb-c.h"
#include "proto/wire/seal.h"

struct kiosk_shell;

/* 0: the server has it; `again`: it had it before. Else: refused for good, and kept in refused/. */
typedef void (*kiosk_settled_cb)(struct kiosk_shell *k, const uint8_t id[LIMIT_ID_SIZE], int rc,
                                 bool again);

struct kiosk_shell {
    struct outbox outbox;
    struct spool spool;
    struct link *link; /* NULL: nothing can be sent. */
    uint32_t timeout_ms;
    kiosk_settled_cb settled_cb;
    GSource *clock;
    GQueue asks; /* Records in flight. */
    uint32_t bad;
    struct seal_chain
        chain; /* For the practice's key, once `has_key`: what ratings are sealed with. */
    bool has_key;
    int64_t unsent_since_ms; /* 0: the server has everything. */
    char *folder;
};

/* Open the spool in `folder`; from here on the process leaves no core file (harden.h). Returns 0
 * and what is there is in the outbox, and the practice's key is known if a server has ever offered
 * one; or ERR_DISK, said in k->spool.why. kiosk_fini is owed either way. */
int kiosk_open(struct kiosk_shell *k, const char *folder, kiosk_settled_cb settled_cb);

/* Seal and save a rating. 0: saved, and sent at the next kiosk_pump: say first that it is saved.
 * ERR_DISK, ERR_FIELD: not saved. */
int kiosk_save(struct kiosk_shell *k, const Attune__Rating *rating);

/* Do what there is to do now. */
void kiosk_pump(struct kiosk_shell *k);

/* From here on records are sent whenever the link is up: pass its states on. An answer is waited
 * for `timeout_ms` (0: as long as the link does). */
void kiosk_use(struct kiosk_shell *k, struct link *l, uint32_t timeout_ms);
void kiosk_state(struct kiosk_shell *k, enum link_state state);

/* News from the server: one that may have lost something asks for it here. */
void kiosk_push(struct kiosk_shell *k, const Attune__Push *push);

/* After the link is closed. */
void kiosk_fini(struct kiosk_shell *k);
