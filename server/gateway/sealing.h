/* sealing.h - the practice's sealing keys as the server keeps them: a folder, one file a key.
 *
 *     DIR/20261125T184356123Z-0123456789abcdef.key   when it was made, the key's id; mode 0600
 *
 * A file is the secret half as 64 hex digits and a newline. Every key of the folder opens; the
 * newest by its name is offered to kiosks. To go over to a new key: make one, HUP every server, and
 * take the old one away once no kiosk can still hold a rating that is sealed to it. Never in the
 * database: who has its backups has no key, and who has the kiosks' disks has neither. */
#pragma once

#include <stddef.h>

#include "proto/wire/seal.h"

enum { SEALING_KEYS_MAX = 16, SEALING_WHY = 256 };

struct sealing {
    struct seal_pair pairs[SEALING_KEYS_MAX]; /* The newest first. */
    size_t count;                             /* 0: ratings come unsealed. */
};

/* Read a folder's keys; files with another ending are passed over. Returns 0 and at least one key,
 * or ERR_CONFIG and a sentence in `why`; then `s` is untouched. sealing_wipe is owed. */
int sealing_load(const char *dir, struct sealing *s, char why[SEALING_WHY]);
void sealing_wipe(struct sealing *s);

/* Make a key in the folder, which is made too if need be, and print its id. Made by root, the file
 * belongs to whom the folder belongs to. Returns 0, ERR_DISK or ERR_CONFIG; the reason is printed.
 */
int sealing_make(const char *dir);

/* The same, unless a key is there already. */
int sealing_make_first(const char *dir);
