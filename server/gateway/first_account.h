/* first_account.h - the first administrator's one-time password: made here, or typed. For a
 * command. */
#pragma once

#include <stdbool.h>

#include "server/gateway/password.h"

struct first_account {
    char password[LIMIT_PASSWORD_BYTES + 2]; /* Wipe it. */
    char hash[PASSWORD_HASH];
    bool was_made; /* Here: it must be told. */
};

/* `asks`: a line of standard input, without echo when that is a terminal; never an argument, which
 * every process could read. Returns 0 or ERR_FIELD, and the reason is printed. */
int first_account_prepare(struct first_account *f, bool asks);
