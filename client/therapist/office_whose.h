/* office_whose.h - whose clients the office shows: whose (pure) carried out. For office*.c and the
 * pages.
 *
 * Another's rows are not beside one's own but instead of them: each change forgets all that was
 * read, and nothing is asked until the server has granted what comes next. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "client/therapist/whose.h"

struct office;
struct link_request;

/* The server's time, as well as this machine knows it. */
int64_t office_server_now_ms(const struct office *o);

/* The person wants these rows. Said, if that cannot be now. */
void office_choose(struct office *o, const struct whose_rows *rows);
/* Back to one's own. */
void office_go_home(struct office *o);
/* What may be chosen, read anew. */
void office_read_rights(struct office *o);

/* --- for office*.c --- */

/* Something may be due. */
void office_whose_pump(struct office *o);
/* When office_whose_pump may have something although nothing came; INT64_MAX: never. */
int64_t office_whose_wake_ms(const struct office *o);
/* The link is up and nobody needs to log on: one's own at once, or the others' asked for again. */
void office_whose_up(struct office *o);
/* The server said that the right has ended. */
void office_whose_ended(struct office *o);
/* Locked: nobody comes back to others' rows. `here`: by the desk, so that what is on its way is
 * with the server before it knows. */
void office_whose_locked(struct office *o, bool here);
