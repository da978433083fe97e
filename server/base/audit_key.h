/* audit_key.h - the key that a process signs the audit's heads with, as a file of its own.
 *
 * The file is the seed as 64 hex digits and a newline, mode 0600. Never in the database: who can
 * rewrite the audit there must not be able to sign it. */
#pragma once

#include "server/base/chain.h"

enum { AUDIT_KEY_WHY = 256 };

/* Returns 0, or ERR_CONFIG and a sentence in `why`; then the key is untouched. */
int audit_key_load(const char *path, struct chain_key *ret_key, char why[AUDIT_KEY_WHY]);

/* Make the file and print the key's public half. Made by root, it belongs to whom its folder
 * belongs to. Returns 0, ERR_CONFIG (there is a file), or ERR_DISK; the reason is printed. */
int audit_key_make(const char *path);

/* The same, unless the file is there already. */
int audit_key_make_first(const char *path);
