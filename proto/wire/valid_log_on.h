/* valid_log_on.h - valid.h's part about log-on and accounts. For valid.c only. Pure. */
#pragma once

#include "proto/wire/valid.h"

/* Returns 0, ERR_FIELD, or ERR_MESSAGE: the request is of another kind. */
int valid_log_on(const Attune__Request *q, struct valid_fault *fault);
