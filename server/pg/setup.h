/* setup.h - the first practice and its administrator's device. Blocks: for a command, not for the
 * loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct setup {
    const char *practice;
    const char *time_zone;      /* PostgreSQL's name for it, "Europe/Berlin". */
    const uint8_t *fingerprint; /* The administrator's device, 32 bytes; NULL: none is made. */
    const char *label;
    bool without_log_on; /* Of a practice that is made: its staff need not say who they are. */
    const char *account; /* The first administrator's name; NULL: none is made. */
    const char *password_hash; /* Of a one-time password. */
    bool *ret_account;         /* Was it made? May be NULL. */
};

/* As the schema's owner. Makes the practice if no one has that name, and its administrator's
 * device, and
 * its first administrator's account, unless an administrator has one. The same again changes
 * nothing. Returns 0, ERR_CONFLICT (another device has the label), ERR_FIELD (no such time zone) or
 * ERR_DATABASE, and says on standard error what is wrong. */
int setup_practice(const char *conninfo, const struct setup *setup, int64_t *ret_practice_id);

/* A one-time password for an account, whoever has lost theirs. Returns 0, ERR_ACCOUNT_UNKNOWN (also
 * when there is no such practice) or ERR_DATABASE. */
int setup_password(const char *conninfo, const char *practice, const char *account,
                   const char *password_hash);
