/* schema.h - which migration this program needs, and what a connection must prove before it is
 * used. */
#pragma once

#include <stddef.h>

#include "server/pg/plan.h"

enum { SCHEMA_NUMBER = 18 };     /* The newest file in sql/. */
enum { KEYS_SCHEMA_NUMBER = 1 }; /* In sql/keys/. */

struct pg_result;

/* The first statement on every connection: it also settles the session (see schema.c). */
extern const struct pg_statement schema_check;

/* NULL: the connection may be used. Otherwise why not, for the log. `result` is the check's answer,
 * `number` the newest migration that is needed. */
const char *schema_objection(const struct pg_result *result, int number);
