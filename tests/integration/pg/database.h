/* database.h - a throw-away PostgreSQL for one test program: unix socket only, in a folder of its
 * own, gone with it.
 *
 * The server is a child of the program and gets a signal if the program dies first. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct pg_conn;

struct database {
    char dir[64];
    pid_t pid;
    struct pg_conn
        *super; /* A superuser's connection, for what tests do behind the store's back. */
    char as_server[160], as_aggregator[160], as_owner[160], as_super[160]; /* conninfos */
};

/* Started, roles made, migrated. Fails the program when it cannot. */
void database_start(struct database *d);
void database_stop(struct database *d);

/* One statement as superuser; the text is printf's. */
__attribute__((format(printf, 2, 3))) void database_do(struct database *d, const char *format, ...);
/* The first value of the first row as a number. */
__attribute__((format(printf, 2, 3))) int64_t database_number(struct database *d,
                                                              const char *format, ...);

/* End every connection of a role, from the server's side. */
void database_cut(struct database *d, const char *role);

/* A practice with site "North", room "North 1" and "North 2", therapist "t01" and "t02", client
 * "c001" with both, "c002" with "t01". */
struct practice {
    int64_t practice_id, room_id, room_2_id, therapist_id, therapist_2_id, course_id;
};
void database_practice(struct database *d, struct practice *ret_practice);

/* A session with its ticket, opened a moment ago; `number` makes the two ids: see id_of. */
void database_ticket(struct database *d, const struct practice *p, unsigned number);

enum { ID_SESSION = 1, ID_TICKET, ID_RATING };
/* An id of 16 bytes that only this practice, kind and number have. */
void id_of(const struct practice *p, int kind, unsigned number, uint8_t ret_id[16]);
