/* schema.h - which migration this program needs, and what a connection must prove before it is
 * used. */
#pragma once

#include <stddef.h>

#include "server/pg/plan.h"

enum { SCHEMA_NUMBER = 12 }; /* The newest file in sql/. */

struct pg_result;

/* The first statement on every connection: it also settles the session (see schema.c). */
extern const struct pg_statement schema_check;

/* NULL: the connection may be used. Otherwise why not, for the log. `result` is the check's answer.
 */
const char *schema_objection(const struct pg_result *result);
