/* notes.h - the audit row of a read: the hidden last step of its plan, in its own transaction, so
 * that nobody is shown what is not noted.
 *
 * For server/pg's store_*.c only. A call without an actor is the server's own: nothing is noted.
 * What a list showed is read by a statement of its own, from the same snapshot as the list. */
#pragma once

#include "server/pg/operation.h"

/* A read that is about no client. */
void note_read(struct pg_plan *plan, const struct store_call *c, const char *action);

/* One client, if this therapist has a course with them: an unknown one and a colleague's leave the
 * same, nothing. */
void note_client(struct pg_plan *plan, const struct store_call *c, const char *action,
                 int64_t therapist_id, const char *client_ref);
/* The one that an alert is about, if it is this therapist's. */
void note_alert(struct pg_plan *plan, const struct store_call *c, const char *action,
                int64_t therapist_id, const uint8_t alert_id[STORE_ID]);

/* Those on a page, which asked for one row more than it shows. */
void note_caseload(struct pg_plan *plan, const struct store_call *c, int64_t therapist_id,
                   const char *after, unsigned limit);
void note_clients(struct pg_plan *plan, const struct store_call *c, const char *after,
                  unsigned limit);
void note_sessions(struct pg_plan *plan, const struct store_call *c, int64_t therapist_id,
                   const uint8_t *after, unsigned limit);
void note_alerts(struct pg_plan *plan, const struct store_call *c, int64_t therapist_id,
                 const uint8_t *after, unsigned limit);
/* All that were asked for are shown. */
void note_looks(struct pg_plan *plan, const struct store_call *c, int64_t owner, unsigned limit);
