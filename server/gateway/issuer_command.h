/* issuer_command.h - `attune-server issuer`: the authority's key in a process and a user of its
 * own.
 *
 * Answers on a unix socket, one question a connection, one at a time. It judges each request
 * itself: a key on P-256, its signature; the subject and every extension are its own, and all it
 * ever makes are clients' certificates of 90 days. Whoever asks must be the user named, by the
 * kernel's word (SO_PEERCRED); at most so many are signed in a minute. */
#pragma once

#include <stdint.h>

struct issuer_command {
    const char *socket, *folder;
    const char *user; /* Who may ask; NULL: whom it runs as itself. */
    uint32_t per_minute;
};

/* Until TERM. Returns 0, ERR_CONFIG, ERR_DISK (no socket can be made there); the reason is said. */
int issuer_command(const struct issuer_command *wanted);
