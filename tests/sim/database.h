/* database.h - PostgreSQL as the programs see it: transactions that are durable or never were.
 *
 * A batch takes its number when its transaction begins and is visible when it commits: in another
 * order. The answer to a commit can be lost. A crash takes what is not committed and every
 * connection; claims are let go. */
#pragma once

#include "proto/wire/limits.h"
#include "tests/sim/world.h"

enum { DB_RATINGS = 64, DB_BATCHES = 512, DB_ALERTS = 256, DB_BATCH_RATINGS = 64 };

struct db_rating {
    uint8_t id[LIMIT_ID_SIZE], ticket[LIMIT_ID_SIZE];
    int course;
    int64_t session_start;
    int16_t scores[4];
    bool opened; /* A rupture that stands was opened by it. */
    int state;   /* That rupture's: enum store_rupture_state. */
};

struct db_batch {
    int64_t number;
    size_t ratings[DB_BATCH_RATINGS], count; /* Indexes into db.ratings. */
    bool committed, gone;
    int claimed_by; /* An aggregator's number and 1; 0: nobody. */
};

struct db_alert {
    uint8_t id[LIMIT_ID_SIZE];
    size_t rating;
    const char *rule;
    int therapist;
    bool red, received;
};

struct database {
    struct world *world;
    struct db_rating ratings[DB_RATINGS];
    size_t rating_count;
    struct db_batch batches[DB_BATCHES];
    size_t batch_count;
    struct db_alert alerts[DB_ALERTS];
    size_t alert_count;
    size_t quarantined;
    int64_t numbers;
    int64_t
        lives; /* Goes up with each crash: who remembers another life has lost its connection. */
    bool up;
};

/* Where the ticket leads; false: there is no such ticket. */
struct db_ticket {
    uint8_t id[LIMIT_ID_SIZE];
    int course, therapist;
    int64_t session_start;
};

enum db_fate { DB_NEW, DB_AGAIN, DB_TICKET_UNKNOWN, DB_TICKET_USED };

/* The number that a transaction's batch row takes at its beginning. */
int64_t db_begin(struct database *db);
/* All rows at once. Returns 0 and the fates, or ERR_RATING_REFUSED: nothing is stored. */
int db_commit_ratings(struct database *db, int64_t number, const struct db_rating *const *rows,
                      size_t count, const struct db_ticket *tickets, size_t ticket_count,
                      enum db_fate *ret_fates);
/* -1: no such rating. */
int db_find_rating(const struct database *db, const uint8_t id[LIMIT_ID_SIZE]);
/* Unique by rating and rule: false when it was there. */
bool db_insert_alert(struct database *db, size_t rating, const char *rule, int therapist, bool red);
void db_crash(struct database *db);
